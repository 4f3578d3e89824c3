"""Messages of the merchant and its affiliates: list, read, answer, begin (docs/messages.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from messaging.models import FileKind, Message, Side, Thread, ThreadStatus
from messaging.selectors import messages_of, threads_of
from messaging.services import (
    Writer,
    as_member,
    close_thread,
    reopen_thread,
    start_thread,
    write_message,
)

SUBJECT_MAX = 150
BODY_MAX = 5_000


class ThreadSerializer(serializers.Serializer[Any]):
    """A subject that both write about; its messages stand at `threads/{id}/messages`."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    broadcast = Id(source="broadcast_id", allow_null=True, help_text="It began this thread.")
    subject = serializers.CharField()
    status = Word(ThreadStatus)
    merchant_wrote_at = Moment(allow_null=True, help_text="The merchant's last message.")
    affiliate_wrote_at = Moment(allow_null=True, help_text="The affiliate's last message.")
    read_at = Moment(allow_null=True, help_text="When the affiliate first read it.")
    created_at = Moment()


class FileSerializer(serializers.Serializer[Any]):
    """A file of a message, as the pages give it out."""

    id = Id()
    name = serializers.CharField()
    kind = Word(FileKind)
    size = serializers.IntegerField(help_text="In bytes.")


class MessageSerializer(serializers.Serializer[Any]):
    """What one side wrote: plain text."""

    id = Id()
    side = Word(Side)
    writer = serializers.CharField(help_text="The name of who wrote it, at that time.")
    body = serializers.CharField()
    attachments = FileSerializer(many=True)
    at = Moment()


class ThreadQuery(ListQuery):
    """Filters of the threads."""

    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(ThreadStatus, required=False)


class NewMessageSerializer(Strict):
    """A message."""

    body = Name(max_length=BODY_MAX)


class NewThreadSerializer(NewMessageSerializer):
    """A first message, and to whom it goes."""

    enrollment = Id()
    subject = Name(max_length=SUBJECT_MAX)


def writing(call: Call) -> Writer:
    """Return who writes: the member for whom the key acts."""
    return as_member(call.member, call.by)


class Threads(MerchantView):
    """The merchant's threads."""

    @endpoint("List threads", gives=ThreadSerializer, query=ThreadQuery)
    def get(self, call: Call) -> QuerySet[Thread]:
        return threads_of(call.merchant_id)

    @endpoint(
        "Write to an affiliate",
        gives=ThreadSerializer,
        takes=NewThreadSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "subject": "Banners for spring",
            "body": "They are in your portal.",
        },
    )
    def post(self, call: Call) -> Thread:
        call.require_real()
        enrollments = enrollments_of(call.merchant_id)
        return start_thread(
            enrollment=one(enrollments, call.body["enrollment"], named_by="enrollment"),
            subject=call.body["subject"],
            body=call.body["body"],
            by=writing(call),
            at=call.at,
        )


class OneThread(MerchantView):
    """One thread."""

    @endpoint("Read a thread", gives=ThreadSerializer)
    def get(self, call: Call, id: UUID) -> Thread:
        return one(threads_of(call.merchant_id), id)


class ThreadMessages(MerchantView):
    """What was written in a thread, the newest first."""

    @endpoint("List the messages of a thread", gives=MessageSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Message]:
        return messages_of(one(threads_of(call.merchant_id), id))

    @endpoint(
        "Answer in a thread",
        gives=MessageSerializer,
        takes=NewMessageSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"body": "They come on Monday."},
        description="A closed thread is open again.",
    )
    def post(self, call: Call, id: UUID) -> Message:
        call.require_real()
        thread = one(threads_of(call.merchant_id), id)
        return write_message(thread=thread, body=call.body["body"], by=writing(call), at=call.at)


class CloseThread(MerchantView):
    """Settle it."""

    @endpoint("Close a thread", gives=ThreadSerializer, scope=Scope.AFFILIATES)
    def post(self, call: Call, id: UUID) -> Thread:
        call.require_real()
        return close_thread(thread=one(threads_of(call.merchant_id), id), by=call.by, at=call.at)


class ReopenThread(MerchantView):
    """Open it again."""

    @endpoint("Reopen a thread", gives=ThreadSerializer, scope=Scope.AFFILIATES)
    def post(self, call: Call, id: UUID) -> Thread:
        call.require_real()
        return reopen_thread(thread=one(threads_of(call.merchant_id), id), by=call.by, at=call.at)
