"""Decisions about whatever a filter finds, after a dry run has counted it."""

from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from commissions.models import Decision, DecisionStatus, Kind, Status
from commissions.selectors import commissions_of
from commissions.services.decisions_by_filter import decide_chosen, decision_of
from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Flag, Id, Maybe, Moment, Name, Strict, Whole, Word
from interfaces.api.find import found
from merchants.rights import Scope

IDS_MAX = 1_000


class Verdict(TextChoices):
    """What may be decided about commissions."""

    APPROVE = "APPROVE", _("Approve")
    DECLINE = "DECLINE", _("Decline")
    HOLD = "HOLD", _("Hold")
    RELEASE = "RELEASE", _("Release")


LEADS_TO = {
    Verdict.APPROVE: Status.APPROVED,
    Verdict.DECLINE: Status.DECLINED,
    Verdict.HOLD: Status.HELD,
    Verdict.RELEASE: Status.PENDING,
}


class ChosenSerializer(Strict):
    """Which commissions: those of which all of it is true. At least one thing is said."""

    commissions = serializers.ListField(
        child=Id(), source="id__in", required=False, min_length=1, max_length=IDS_MAX
    )
    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    conversion = Id(required=False, source="conversion_id")
    kind = Word(Kind, required=False)
    status = Word(Status, required=False)
    currency = Currency(required=False)
    earned_from = Moment(required=False, source="earned_at__gte")
    earned_to = Moment(required=False, source="earned_at__lt", help_text="Not included.")
    hold_to = Moment(
        required=False, source="hold_until__lte", help_text="Whose hold ends until this time."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for at least one: nobody decides about everything by leaving something out."""
        if not attrs:
            message = str(_("Say which commissions."))
            raise ValidationError([ErrorDetail(message, "required")])
        return attrs


class NewDecisionSerializer(Strict):
    """What to decide, about which commissions."""

    decision = Word(Verdict)
    filter = ChosenSerializer()
    reason = Name(
        required=False,
        max_length=500,
        allow_blank=True,
        default="",
        help_text="Needed to decline and to hold; the affiliate reads it.",
    )
    dry_run = Flag(required=False, default=False, help_text="Only say what it would do.")
    expected_count = Whole(
        required=False,
        min_value=0,
        max_value=10**9,
        help_text="What the dry run counted: refused if it is another number by now.",
    )


class DecisionTotalSerializer(serializers.Serializer[Any]):
    """What would move in one currency."""

    currency = serializers.CharField()
    count = serializers.IntegerField()
    amount_minor = serializers.IntegerField()


class DecidedSerializer(serializers.Serializer[Any]):
    """What a decision did, or would do."""

    dry_run = serializers.BooleanField(source="is_dry_run")
    count = serializers.IntegerField(help_text="Of the chosen, those whose status allows it.")
    skipped = serializers.IntegerField(help_text="Of the chosen, those that stay as they are.")
    totals = DecisionTotalSerializer(many=True)
    moved = serializers.IntegerField(
        allow_null=True, help_text="null: nothing yet, as in a dry run or if a worker does it."
    )
    decision = Id(source="decision_id", allow_null=True, help_text="Which a worker carries out.")


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision about many commissions, which a worker carries out."""

    id = Id()
    status = Word(DecisionStatus)
    to = Word(Status)
    reason = Maybe()
    lines_total = serializers.IntegerField(source="line_count")
    lines_done = serializers.IntegerField(source="done_count")
    lines_moved = serializers.IntegerField(source="moved_count")
    asked_at = Moment()
    finished_at = Moment(allow_null=True)


class DecideCommissions(MerchantView):
    """Approve, decline, hold or release many at once."""

    @endpoint(
        "Decide what a filter finds",
        gives=DecidedSerializer,
        takes=NewDecisionSerializer,
        scope=Scope.COMMISSIONS,
        also={202: DecidedSerializer},
        example={
            "decision": "approve",
            "filter": {"status": "pending", "earned_to": "2026-04-01T00:00:00Z"},
            "dry_run": True,
        },
        description=(
            "With `dry_run` it counts and sums, and changes nothing. Up to 500 commissions move at"
            " once; more are left to a worker: 202 with the `decision` to ask for. What an earning"
            " and its take-backs still wait for goes together."
        ),
    )
    def post(self, call: Call) -> Answer:
        body = call.body
        decided = decide_chosen(
            merchant_id=call.merchant_id,
            lines=commissions_of(call.merchant_id).filter(**body["filter"]),
            to=LEADS_TO[body["decision"]],
            by=call.by,
            at=call.at,
            reason=body["reason"],
            is_dry_run=body["dry_run"],
            expected_count=body.get("expected_count"),
        )
        return Answer(decided, 202 if decided.decision_id else 200)


class OneDecision(MerchantView):
    """How far a decision is."""

    @endpoint("Read a decision", gives=DecisionSerializer)
    def get(self, call: Call, id: UUID) -> Decision:
        return found(decision_of(merchant_id=call.merchant_id, decision_id=id))
