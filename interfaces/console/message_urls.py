"""The addresses of messages: the inbox and its threads."""

from django.urls import path

from interfaces.console import threads

all_messages = [
    path("", threads.threads, name="messages"),
    path("<uuid:thread_id>/", threads.thread, name="thread"),
    path("<uuid:thread_id>/files/<uuid:attachment_id>/", threads.thread_file, name="thread-file"),
    path("<uuid:thread_id>/answer/", threads.thread_answer, name="thread-answer"),
    path("<uuid:thread_id>/close/", threads.thread_close, name="thread-close"),
    path("<uuid:thread_id>/reopen/", threads.thread_reopen, name="thread-reopen"),
]
