"""How rules look outside, and what may be supposed of a conversion to preview them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from affiliates.models import Enrollment
from commissions.catalogue import CONDITIONS, REWARDS
from commissions.facts import Basis, Item
from commissions.models import Level, Reward
from commissions.preview import Preview, Supposed
from commissions.words import describe_rule
from common.money import WHOLE_BPS
from interfaces.api.endpoints import Call
from interfaces.api.fields import (
    Country,
    Currency,
    Flag,
    Id,
    Maybe,
    Minor,
    Moment,
    Name,
    Strict,
    Text,
    Whole,
    Word,
)
from interfaces.api.find import one
from interfaces.api.v1.conversion_shapes import ITEMS_MAX, ItemSerializer
from interfaces.api.v1.replay_shapes import PlainObject
from programs.models import Program
from tracking.models import Link

FIELDS = ", ".join(f"`{name}`" for name in CONDITIONS)


class RuleSerializer(serializers.Serializer[Any]):
    """One version of a rule, in force from `valid_from` until the next one's."""

    id = Id(help_text="Of the version: what commissions name as `rule_version`.")
    rule = Id(source="rule_id", help_text="The same for all of its versions.")
    goal = serializers.CharField(
        source="rule.goal.code", allow_null=True, help_text="null: every goal."
    )
    level = Word(Level, source="rule.level")
    is_base = serializers.BooleanField(
        source="rule.is_base", help_text="The rate of its goal: asked last, without conditions."
    )
    tier = Id(source="rule.tier_id", allow_null=True)
    promotion = Id(source="rule.promotion_id", allow_null=True)
    enrollment = Id(source="rule.enrollment_id", allow_null=True)
    link = Id(source="rule.link_id", allow_null=True)
    name = Maybe(source="rule.name")
    position = serializers.IntegerField(source="rule.position")
    version = serializers.IntegerField()
    reward = Word(Reward)
    fixed_minor = serializers.IntegerField(help_text="In the program's currency; 0 for percent.")
    rate_bps = serializers.IntegerField(help_text="Basis points of the net amount: 750 is 7.5 %.")
    details = PlainObject(help_text="What other rewards need, as docs/commissions.md says.")
    conditions = serializers.ListField(child=PlainObject(), help_text="All of them must hold.")
    text = serializers.SerializerMethodField(help_text="The rule in words.")
    valid_from = Moment()
    ended_at = Moment(
        source="rule.archived_at", allow_null=True, help_text="When the rule stopped paying."
    )
    created_at = Moment()

    def get_text(self, version: Any) -> str:
        """Return the rule as people say it."""
        goal = version.rule.goal
        return describe_rule(
            version,
            goal=goal.name if goal else None,
            currency=version.rule.program.currency,
            language="en",
        )


class RewardFields(Strict):
    """What a rule pays and when: the reward decides which amounts it needs."""

    reward = Word(Reward)
    fixed_minor = Minor(min_value=1, required=False)
    rate_bps = Whole(min_value=1, max_value=WHOLE_BPS, required=False)
    details = PlainObject(required=False, help_text="What the reward needs beside the amounts.")
    conditions = serializers.ListField(
        child=PlainObject(),
        required=False,
        max_length=20,
        help_text='Each {"field", "op", "value"}; fields: ' + FIELDS + ", `metadata.<name>`.",
    )
    name = Name(max_length=80, required=False, allow_blank=True)
    valid_from = Moment(required=False, help_text="Default: now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the amounts that the reward needs, and for no others."""
        kind = REWARDS[Reward(attrs["reward"])]
        errors: dict[str, Any] = {}
        for name, needed in (("fixed_minor", kind.needs_fixed), ("rate_bps", kind.needs_rate)):
            if needed and name not in attrs:
                errors[name] = [ErrorDetail(str(_("This reward needs it.")), "required")]
            if not needed and name in attrs:
                errors[name] = [ErrorDetail(str(_("Not with this reward.")), "not_with_reward")]
        if errors:
            raise ValidationError(errors)
        return attrs

    def is_per_conversion(self, attrs: dict[str, Any]) -> bool:
        """Whether conversions earn the reward."""
        return REWARDS[Reward(attrs["reward"])].is_per_conversion


class PreviewRequestSerializer(Strict):
    """A conversion that has not happened. What is left out is not known."""

    goal = Text(max_length=40)
    amount_minor = Minor()
    currency = Currency()
    tax_minor = Minor(required=False, default=0)
    shipping_minor = Minor(required=False, default=0)
    discount_minor = Minor(required=False, default=0)
    occurred_at = Moment(required=False, help_text="Default: now.")
    enrollment = Id(required=False, help_text="Who would be credited, alone.")
    link = Id(required=False, help_text="Through which link; its enrollment is credited.")
    items = serializers.ListField(child=ItemSerializer(), required=False, max_length=ITEMS_MAX)
    country = Country(required=False)
    device = Text(required=False, max_length=20)
    coupon = Text(required=False, max_length=40)
    subs = PlainObject(required=False, help_text="sub1 … sub10 and source of the click.")
    customer_is_new = Flag(required=False)
    customer_months = Whole(required=False, min_value=0, max_value=1_200)
    payment_number = Whole(required=False, min_value=1, max_value=1_000_000)
    metadata = PlainObject(required=False)
    count_before = Whole(
        required=False,
        min_value=0,
        max_value=1_000_000_000,
        help_text="For rewards by volume: conversions before it in the period.",
    )
    amount_before_minor = Minor(required=False, help_text="And what they came to.")


def supposed_of(call: Call, program: Program) -> Supposed:
    """Return what a validated body supposes of a conversion of the program."""
    body = dict(call.body)
    money = ("amount_minor", "tax_minor", "shipping_minor", "discount_minor")
    mine = {"merchant_id": call.merchant_id, "program_id": program.id}
    people = Enrollment.objects.filter(**mine).select_related("affiliate")
    links = Link.objects.filter(**mine).select_related("enrollment__affiliate")
    known = {
        name: body[name]
        for name in (
            *("country", "device", "coupon", "subs", "customer_is_new", "customer_months"),
            *("payment_number", "metadata", "count_before", "amount_before_minor"),
        )
        if name in body
    }
    return Supposed(
        basis=Basis(*(body[name] for name in money)),
        items=tuple(
            Item(row["sku"], row["quantity"], row["amount_minor"], row.get("category", ""))
            for row in body.get("items", ())
        ),
        enrollment=one(people, body["enrollment"], named_by="enrollment")
        if "enrollment" in body
        else None,
        link=one(links, body["link"], named_by="link") if "link" in body else None,
        **known,
    )


class LookSerializer(serializers.Serializer[Any]):
    """A rule that was asked."""

    rule_version = Id(allow_null=True)
    level = Word(Level)
    matched = serializers.BooleanField()
    reason = serializers.CharField(
        help_text="`goal`, `conditions`, or `condition:<field>` that did not hold."
    )


class PreviewGrantSerializer(serializers.Serializer[Any]):
    """A reward that is no money."""

    kind = serializers.SerializerMethodField()
    quantity = serializers.IntegerField()
    description = serializers.CharField(allow_blank=True)
    is_for_friend = serializers.BooleanField(help_text="For the customer.")

    def get_kind(self, grant: Any) -> str:
        """Return what is given."""
        return str(grant.kind).lower()


class PreviewSerializer(serializers.Serializer[Any]):
    """What it would pay to all who are credited, and why."""

    commission_minor = serializers.IntegerField(source="paid_minor")
    currency = serializers.CharField()
    rule_version = serializers.SerializerMethodField(help_text="null: the goal pays nothing then.")
    arithmetic = serializers.SerializerMethodField()
    looks = LookSerializer(many=True, help_text="The rules in the order in which they were asked.")
    grants = PreviewGrantSerializer(many=True)

    def get_rule_version(self, found: Preview) -> str | None:
        """Return which version pays."""
        return str(found.rule.version_id) if found.rule else None

    def get_arithmetic(self, found: Preview) -> list[str]:
        """Return how the amount comes about."""
        return list(found.arithmetic)
