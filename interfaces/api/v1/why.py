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

    model = serializers.CharField(
        help_text="last_touch, first_touch, linear, position or time_decay."
    )
    window_days = serializers.IntegerField()
    half_life_days = serializers.IntegerField(required=False, help_text="Of time_decay.")
    coupon_first = serializers.BooleanField(required=False)
    new_customers_only = serializers.BooleanField(required=False)
    reactivation_days = serializers.IntegerField(required=False)
    lock_in_months = serializers.IntegerField(required=False)

    def to_representation(self, instance: Any) -> Any:
        """Leave out what the policy leaves open."""
        return super().to_representation(
            {name: value for name, value in instance.items() if value is not None}
        )


class TraceMoment(Moment):
    """A time in a stored trace, which is text there."""

    def to_representation(self, value: Any) -> Any:
        """Return it as every other time is written."""
        return super().to_representation(datetime.fromisoformat(value))


class JudgedTouchSerializer(serializers.Serializer[Any]):
    """One piece of evidence, and whether it counted."""

    at = TraceMoment()
    kind = serializers.CharField()
    evidence = serializers.CharField(help_text="The click or the code.")
    enrollment = Id(allow_null=True)
    accepted = serializers.BooleanField()
    reason = serializers.CharField(help_text="A stable code.")
    share_ppm = serializers.IntegerField(
        required=False, help_text="How much of the conversion it brings, in parts per million."
    )


class MatchedRuleSerializer(serializers.Serializer[Any]):
    """A rule that was asked, for one of the enrollments that share the conversion."""

    rule_version = Id(allow_null=True)
    level = serializers.CharField(help_text="link, enrollment, promotion, tier or program.")
    matched = serializers.BooleanField()
    reason = serializers.CharField(
        help_text="goal, conditions, not_running, or condition:<field>, which did not hold."
    )
    enrollment = Id(required=False)


class AssignedSerializer(serializers.Serializer[Any]):
    """A person gave it to an enrollment, whatever the touches say."""

    enrollment = Id()
    reason = serializers.CharField()


class GuardSerializer(serializers.Serializer[Any]):
    """What the margin guard cut: all commissions are so much of the net at the most."""

    bps_max = serializers.IntegerField()
    net_minor = serializers.IntegerField()
    wanted_minor = serializers.IntegerField()
    allowed_minor = serializers.IntegerField()


class BudgetSaidSerializer(serializers.Serializer[Any]):
    """What one budget said to a line: `used_minor` counts the lines before it."""

    budget = Id()
    period_start = TraceMoment()
    limit_minor = serializers.IntegerField()
    used_minor = serializers.IntegerField()
    cut_minor = serializers.IntegerField()
    is_hard = serializers.BooleanField()


class BudgetCutSerializer(serializers.Serializer[Any]):
    """A line that met budgets: what it would have been, what it is, and what each of them said."""

    enrollment = Id()
    wanted_minor = serializers.IntegerField()
    amount_minor = serializers.IntegerField()
    said = BudgetSaidSerializer(many=True)


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
    touches = JudgedTouchSerializer(many=True)
    caps = CapSerializer(many=True)
    credits = CreditSerializer(many=True)
    rules = MatchedRuleSerializer(many=True)
    arithmetic = serializers.ListField(child=serializers.CharField())
    assigned = AssignedSerializer(allow_null=True)
    guard = GuardSerializer(allow_null=True)
    budgets = BudgetCutSerializer(many=True)
    ledger = LineSerializer(many=True)


class Why(MerchantView):
    """The trace of one conversion."""

    @endpoint("Explain a conversion", gives=WhySerializer)
    def get(self, call: Call, id: UUID) -> dict[str, Any]:
        conversion = one(conversions_of(call.merchant_id), id)
        lists = ("touches", "caps", "rules", "arithmetic", "budgets")
        singles = ("policy", "assigned", "guard")
        empty: dict[str, Any] = {name: [] for name in lists} | dict.fromkeys(singles)
        return {
            "conversion": conversion.id,
            **empty,
            **conversion.trace,
            "credits": credits_of(conversion),
            "ledger": money_trail(conversion),
        }
