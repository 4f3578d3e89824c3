"""Why: what was considered, decided, computed and posted for a conversion."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, SignedMinor, Word
from interfaces.api.find import one
from interfaces.api.v1.conversion_shapes import CreditSerializer
from ledger.models import AccountKind
from payouts.selectors import money_trail
from tracking.selectors import conversions_of, credits_of


class PolicySerializer(serializers.Serializer[Any]):
    """What the program decided about attribution."""

    model = serializers.CharField()
    window_days = serializers.IntegerField()


class TraceMoment(Moment):
    """A time in a stored trace, which is text there."""

    def to_representation(self, value: Any) -> Any:
        """Return it as every other time is written."""
        return super().to_representation(datetime.fromisoformat(value))


class TouchSerializer(serializers.Serializer[Any]):
    """One piece of evidence, and whether it counted."""

    at = TraceMoment()
    kind = serializers.CharField()
    evidence = serializers.CharField(help_text="The click or the code.")
    enrollment = Id(allow_null=True)
    accepted = serializers.BooleanField()
    reason = serializers.CharField(help_text="A stable code.")


class MatchedRuleSerializer(serializers.Serializer[Any]):
    """A rate that was considered."""

    rule_version = Id()
    level = serializers.CharField()
    matched = serializers.BooleanField()
    reason = serializers.CharField()


class CapSerializer(serializers.Serializer[Any]):
    """What a cap said: `used` counts the conversions before this one."""

    cap = Id()
    counted = serializers.CharField(
        allow_blank=True, help_text="A destination, enrollment or country; empty: the program."
    )
    period_start = TraceMoment()
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    is_hard = serializers.BooleanField()
    is_reached = serializers.BooleanField()


class LineSerializer(serializers.Serializer[Any]):
    """One posting of the ledger. A payout's covers all that the payout paid the enrollment."""

    at = Moment()
    account = Word(AccountKind)
    amount_minor = SignedMinor()
    currency = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class WhySerializer(serializers.Serializer[Any]):
    """The trace of a conversion; before attribution has looked, `policy` is null."""

    conversion = Id()
    policy = PolicySerializer(allow_null=True)
    touches = TouchSerializer(many=True)
    caps = CapSerializer(many=True)
    credits = CreditSerializer(many=True)
    rules = MatchedRuleSerializer(many=True)
    arithmetic = serializers.ListField(child=serializers.CharField())
    ledger = LineSerializer(many=True)


class Why(MerchantView):
    """The trace of one conversion."""

    @endpoint("Explain a conversion", gives=WhySerializer)
    def get(self, call: Call, id: UUID) -> dict[str, Any]:
        conversion = one(conversions_of(call.merchant_id), id)
        names = ("touches", "caps", "rules", "arithmetic")
        empty: dict[str, Any] = {"policy": None, **{name: [] for name in names}}
        return {
            "conversion": conversion.id,
            **empty,
            **conversion.trace,
            "credits": credits_of(conversion),
            "ledger": money_trail(conversion),
        }
