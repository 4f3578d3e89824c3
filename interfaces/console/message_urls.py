"""The addresses of messages: the inbox, its threads, and broadcasts."""

from django.urls import path

from interfaces.console import broadcasts, threads

all_messages = [
    path("", threads.threads, name="messages"),
    path("broadcasts/", broadcasts.broadcasts, name="broadcasts"),
    path("broadcasts/new/", broadcasts.broadcast_create, name="broadcast-create"),
    path("broadcasts/<uuid:broadcast_id>/", broadcasts.broadcast, name="broadcast"),
    path("broadcasts/<uuid:broadcast_id>/edit/", broadcasts.broadcast_edit, name="broadcast-edit"),
    path("broadcasts/<uuid:broadcast_id>/test/", broadcasts.broadcast_test, name="broadcast-test"),
    path("broadcasts/<uuid:broadcast_id>/send/", broadcasts.broadcast_send, name="broadcast-send"),
    path(
        "broadcasts/<uuid:broadcast_id>/cancel/",
        broadcasts.broadcast_cancel,
        name="broadcast-cancel",
    ),
    path(
        "broadcasts/<uuid:broadcast_id>/progress/",
        broadcasts.broadcast_progress,
        name="broadcast-progress",
    ),
    path("<uuid:thread_id>/", threads.thread, name="thread"),
    path("<uuid:thread_id>/files/<uuid:attachment_id>/", threads.thread_file, name="thread-file"),
    path("<uuid:thread_id>/answer/", threads.thread_answer, name="thread-answer"),
    path("<uuid:thread_id>/close/", threads.thread_close, name="thread-close"),
    path("<uuid:thread_id>/reopen/", threads.thread_reopen, name="thread-reopen"),
]
