"""Rates: what each goal of a program pays, as versions that are never edited."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from commissions.models import Reward, RuleVersion
from commissions.preview import Preview, preview
from commissions.rules import Basis
from commissions.services import Rate, set_rate
from common.money import WHOLE_BPS
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Id, Minor, Moment, Strict, Text, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import goal_of, programs
from merchants.rights import Scope
from tracking.services import CurrencyMismatch


class RuleSerializer(serializers.Serializer[Any]):
    """One version of what a goal pays, in force from `valid_from` until the next one's."""

    id = Id(help_text="Of the version: what commissions name as `rule_version`.")
    goal = serializers.CharField(source="rule.goal.code")
    version = serializers.IntegerField()
    reward = Word(Reward)
    fixed_minor = serializers.IntegerField(help_text="In the program's currency; 0 for percent.")
    rate_bps = serializers.IntegerField(help_text="Basis points of the net amount: 750 is 7.5 %.")
    valid_from = Moment()
    ended_at = Moment(
        source="rule.archived_at", allow_null=True, help_text="When the goal stopped paying it."
    )
    created_at = Moment()


class NewRuleSerializer(Strict):
    """What a goal shall pay: `fixed_minor` with the reward fixed, `rate_bps` with percent."""

    goal = Text(max_length=40)
    reward = Word(Reward)
    fixed_minor = Minor(min_value=1, required=False)
    rate_bps = Whole(min_value=1, max_value=WHOLE_BPS, required=False)
    valid_from = Moment(required=False, help_text="Default: now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the one amount that the reward needs."""
        needed, other = ("fixed_minor", "rate_bps")
        if attrs["reward"] == Reward.PERCENT:
            needed, other = other, needed
        errors: dict[str, Any] = {}
        if needed not in attrs:
            errors[needed] = [ErrorDetail(str(_("This reward needs it.")), "required")]
        if other in attrs:
            errors[other] = [ErrorDetail(str(_("Not with this reward.")), "not_with_reward")]
        if errors:
            raise ValidationError(errors)
        return attrs


class PreviewRequestSerializer(Strict):
    """A conversion that has not happened."""

    goal = Text(max_length=40)
    amount_minor = Minor()
    currency = Currency()
    tax_minor = Minor(required=False, default=0)
    shipping_minor = Minor(required=False, default=0)
    occurred_at = Moment(required=False, help_text="Default: now.")


class PreviewSerializer(serializers.Serializer[Any]):
    """What it would pay to all who are credited, and why."""

    commission_minor = serializers.IntegerField()
    currency = serializers.CharField()
    rule_version = Id(allow_null=True, help_text="null: the goal pays nothing then.")
    arithmetic = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: Preview) -> dict[str, Any]:
        """Return the preview as outsiders read it."""
        version, award = instance.version, instance.award
        return {
            "commission_minor": award.amount_minor if award else 0,
            "currency": instance.goal.program.currency,
            "rule_version": str(version.id) if version else None,
            "arithmetic": list(award.arithmetic) if award else [],
        }


class RuleQuery(ListQuery):
    """Filters of the rates."""

    goal = Text(required=False, max_length=40, source="rule__goal__code")
    reward = Word(Reward, required=False)


def versions(call: Call, program_id: UUID) -> QuerySet[RuleVersion]:
    """Return every version of a program's rates."""
    found = RuleVersion.objects.filter(merchant_id=call.merchant_id, rule__program_id=program_id)
    return found.select_related("rule__goal")


class Rules(MerchantView):
    """The rates of a program."""

    @endpoint("List rates of a program", gives=RuleSerializer, query=RuleQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[RuleVersion]:
        return versions(call, one(programs(call), id).id)

    @endpoint(
        "Set a rate of a program",
        gives=RuleSerializer,
        takes=NewRuleSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"goal": "sale", "reward": "percent", "rate_bps": 1_000},
        description="A new version; what happened before `valid_from` keeps the rate it had.",
    )
    def post(self, call: Call, id: UUID) -> RuleVersion:
        return set_rate(
            goal=goal_of(call, one(programs(call), id), call.body["goal"], named_by="goal"),
            rate=Rate(
                call.body["reward"],
                fixed_minor=call.body.get("fixed_minor", 0),
                rate_bps=call.body.get("rate_bps", 0),
            ),
            by=call.by,
            at=call.at,
            valid_from=call.body.get("valid_from"),
        )


class OneRule(MerchantView):
    """One version of a rate."""

    @endpoint("Read a rate of a program", gives=RuleSerializer)
    def get(self, call: Call, id: UUID, rule_id: UUID) -> RuleVersion:
        return one(versions(call, id), rule_id)


class PreviewRule(MerchantView):
    """What would this conversion pay?"""

    @endpoint(
        "Preview what a conversion would pay",
        gives=PreviewSerializer,
        takes=PreviewRequestSerializer,
        example={"goal": "sale", "amount_minor": 10_000, "currency": "EUR", "tax_minor": 1_600},
        description="Stores nothing.",
    )
    def post(self, call: Call, id: UUID) -> Preview:
        program = one(programs(call), id)
        goal = goal_of(call, program, call.body["goal"], named_by="goal")
        if call.body["currency"] != program.currency:
            raise CurrencyMismatch(call.body["currency"])
        basis = Basis(
            call.body["amount_minor"], call.body["tax_minor"], call.body["shipping_minor"]
        )
        return preview(goal=goal, basis=basis, at=call.body.get("occurred_at", call.at))
