"""Broadcasts: one text to many affiliates, counted first, sent now or later (docs/messages.md)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment
from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Moment, Name, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import enrollments
from interfaces.api.v1.bulk_jobs import (
    BulkPlanSerializer,
    ChosenEnrollmentsSerializer,
)
from interfaces.api.v1.threads import BODY_MAX, SUBJECT_MAX
from merchants.rights import Scope
from messaging.broadcasts import (
    Reach,
    broadcasts_of,
    cancel_broadcast,
    draft_broadcast,
    plan_broadcast,
    reach_of,
    send_broadcast,
)
from messaging.models import Broadcast, BroadcastStatus


class BroadcastSerializer(serializers.Serializer[Any]):
    """A broadcast, as it was written."""

    id = Id()
    subject = serializers.CharField()
    body = serializers.CharField()
    status = Word(BroadcastStatus)
    starts_at = Moment(allow_null=True)
    total = serializers.IntegerField(help_text="Affiliates whom it is for.")
    created_at = Moment()


class ReachedSerializer(BroadcastSerializer):
    """A broadcast with what became of it."""

    sent = serializers.SerializerMethodField()
    read = serializers.SerializerMethodField()
    answered = serializers.SerializerMethodField()

    def _reach(self, row: Broadcast) -> Reach:
        if not hasattr(row, "reach"):
            row.reach = reach_of(row.merchant_id, [row.id]).get(  # type: ignore[attr-defined]
                row.id, Reach()
            )
        found: Reach = row.reach  # type: ignore[attr-defined]
        return found

    def get_sent(self, row: Broadcast) -> int:
        """Return how many have it."""
        return self._reach(row).sent

    def get_read(self, row: Broadcast) -> int:
        """Return how many opened it."""
        return self._reach(row).read

    def get_answered(self, row: Broadcast) -> int:
        """Return how many answered."""
        return self._reach(row).answered


class NewBroadcastSerializer(Strict):
    """What it says, to whom; with `dry_run` they are only counted."""

    subject = Name(max_length=SUBJECT_MAX)
    body = Name(
        max_length=BODY_MAX, help_text="With {name} {program} {merchant} {link} {code} {tier}."
    )
    filter = ChosenEnrollmentsSerializer()
    starts_at = Moment(required=False, help_text="At once without it.")
    dry_run = Flag(required=False, default=False)


class BroadcastQuery(ListQuery):
    """Filters of the broadcasts."""

    status = Word(BroadcastStatus, required=False)


class Broadcasts(MerchantView):
    """The merchant's broadcasts."""

    @endpoint("List broadcasts", gives=BroadcastSerializer, query=BroadcastQuery)
    def get(self, call: Call) -> QuerySet[Broadcast]:
        return broadcasts_of(call.merchant_id)

    @endpoint(
        "Write to many affiliates",
        gives=BroadcastSerializer,
        takes=NewBroadcastSerializer,
        status=202,
        scope=Scope.AFFILIATES,
        also={200: BulkPlanSerializer},
        example={
            "subject": "Spring rates",
            "body": "Hello {name}, share {link} until May.",
            "filter": {"status": "approved"},
        },
        description=(
            "Whom it reaches is chosen now; a worker sends it, once to each affiliate. With"
            " `dry_run` they are only counted, and the answer is 200."
        ),
    )
    def post(self, call: Call) -> Broadcast | Answer:
        rows = enrollments(call).filter(**call.body["filter"])
        plan = plan_broadcast(rows)
        if call.body["dry_run"]:
            skipped = [{"reason": why, "count": count} for why, count in plan.skipped]
            told = {"dry_run": True, "applies": plan.applies, "skipped": skipped}
            return Answer(told, 200, BulkPlanSerializer)
        call.require_real()
        return _sent(call, rows, plan.seen)


def _sent(call: Call, rows: QuerySet[Enrollment], expected: str) -> Broadcast:
    with transaction.atomic():
        drafted = draft_broadcast(
            member=call.member,
            subject=call.body["subject"],
            body=call.body["body"],
            query="",
            by=call.by,
            at=call.at,
        )
        return send_broadcast(
            broadcast=drafted,
            rows=rows,
            expected=expected,
            by=call.by,
            at=call.at,
            starts_at=call.body.get("starts_at"),
        )


class OneBroadcast(MerchantView):
    """One broadcast."""

    @endpoint("Read a broadcast", gives=ReachedSerializer)
    def get(self, call: Call, id: UUID) -> Broadcast:
        return one(broadcasts_of(call.merchant_id), id)


class CancelBroadcast(MerchantView):
    """Let it reach nobody further."""

    @endpoint(
        "Cancel a broadcast",
        gives=BroadcastSerializer,
        scope=Scope.AFFILIATES,
        description="Who has it keeps it.",
    )
    def post(self, call: Call, id: UUID) -> Broadcast:
        call.require_real()
        found = one(broadcasts_of(call.merchant_id), id)
        return cancel_broadcast(broadcast=found, by=call.by, at=call.at)
