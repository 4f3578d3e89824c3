"""An affiliate's messages with its merchants (docs/messages.md)."""

from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.partner.claims import acting
from interfaces.api.v1.threads import (
    MessageSerializer,
    NewMessageSerializer,
    NewThreadSerializer,
    ThreadQuery,
    ThreadSerializer,
)
from merchants.tenancy import merchant_context
from messaging.models import Message, Thread
from messaging.selectors import messages_of, threads_of_affiliate
from messaging.services import Writer, as_affiliate, start_thread, write_message


class PartnerThreadSerializer(ThreadSerializer):
    """A thread of the affiliate."""

    affiliate = None  # type: ignore[assignment]
    broadcast = None  # type: ignore[assignment]
    read_at = None  # type: ignore[assignment]


class PartnerThreadQuery(ThreadQuery):
    """Filters of the threads."""

    affiliate = None  # type: ignore[assignment]


def writing(call: PartnerCall) -> Writer:
    """Return who writes: the affiliate, by a key."""
    return as_affiliate(call.affiliate, acting(call))


class PartnerThreads(PartnerView):
    """The affiliate's threads, of all merchants."""

    @endpoint(
        "List the affiliate's threads", gives=PartnerThreadSerializer, query=PartnerThreadQuery
    )
    def get(self, call: PartnerCall) -> QuerySet[Thread]:
        return threads_of_affiliate(call.affiliate_id)

    @endpoint(
        "Write to a merchant",
        gives=PartnerThreadSerializer,
        takes=NewThreadSerializer,
        status=201,
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "subject": "Rates in May",
            "body": "Would you raise them for a campaign?",
        },
        description="20 messages an hour to one merchant, 100 a day.",
    )
    def post(self, call: PartnerCall) -> Thread:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id)
        enrollment = one(own, call.body["enrollment"], named_by="enrollment")
        by = writing(call)
        with merchant_context(enrollment.merchant_id):
            return start_thread(
                enrollment=enrollment,
                subject=call.body["subject"],
                body=call.body["body"],
                by=by,
                at=call.at,
            )


class OnePartnerThread(PartnerView):
    """One thread."""

    @endpoint("Read a thread of the affiliate", gives=PartnerThreadSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Thread:
        return one(threads_of_affiliate(call.affiliate_id), id)


class PartnerThreadMessages(PartnerView):
    """What was written in a thread, the newest first."""

    @endpoint(
        "List the messages of a thread of the affiliate", gives=MessageSerializer, query=ListQuery
    )
    def get(self, call: PartnerCall, id: UUID) -> QuerySet[Message]:
        return messages_of(one(threads_of_affiliate(call.affiliate_id), id))

    @endpoint(
        "Answer in a thread of the affiliate",
        gives=MessageSerializer,
        takes=NewMessageSerializer,
        status=201,
        example={"body": "Thank you!"},
    )
    def post(self, call: PartnerCall, id: UUID) -> Message:
        thread, by = one(threads_of_affiliate(call.affiliate_id), id), writing(call)
        with merchant_context(thread.merchant_id):
            return write_message(thread=thread, body=call.body["body"], by=by, at=call.at)
