"""Rules: what each goal of a program pays, at every level, as versions that are never edited."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from affiliates.models import Enrollment
from commissions.models import Level, Promotion, Reward, RuleVersion
from commissions.preview import Preview, facts_of, preview
from commissions.services import RuleDraft, archive_rule, create_rule, reorder_rules, revise_rule
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Strict, Text, Whole, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import goal_of, programs
from interfaces.api.v1.rule_shapes import (
    PreviewRequestSerializer,
    PreviewSerializer,
    RewardFields,
    RuleSerializer,
    supposed_of,
)
from merchants.rights import Scope
from programs.models import Program, Tier
from tracking.models import Link
from tracking.services import CurrencyMismatch

BASE_EXAMPLE = {"goal": "sale", "reward": "percent", "rate_bps": 1_000}


class NewRuleSerializer(RewardFields):
    """A rule. Without level and conditions it is the rate of its goal, the base of all."""

    goal = Text(max_length=40, required=False, help_text="Its code. Left out: every goal.")
    level = Word(Level, required=False, help_text="Default: program.")
    tier = Id(required=False, help_text="At the level tier: which.")
    promotion = Id(required=False, help_text="At the level promotion: which.")
    enrollment = Id(required=False, help_text="At the level enrollment: which.")
    link = Id(required=False, help_text="At the level link: which.")
    position = Whole(
        min_value=0,
        max_value=32_000,
        required=False,
        help_text="Within its level the lowest is asked first. Default: after the others.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the goal where it is the rate of one."""
        attrs = super().validate(attrs)
        is_wide = attrs.get("level", Level.PROGRAM) == Level.PROGRAM and not attrs.get("conditions")
        if is_wide and self.is_per_conversion(attrs) and "goal" not in attrs:
            message = str(_("Without conditions it is the rate of a goal: name the goal."))
            raise ValidationError({"goal": [ErrorDetail(message, "required")]})
        return attrs


class RevisionSerializer(RewardFields):
    """The next version of a rule: all of what it pays and when. Level, target and goal stay."""


class OrderSerializer(Strict):
    """Rules of one level, in the order in which they shall be asked."""

    rules = serializers.ListField(
        child=Id(), min_length=1, max_length=500, help_text="By `rule`, or by a version's `id`."
    )


class RuleQuery(ListQuery):
    """Filters of the rules."""

    goal = Text(required=False, max_length=40, source="rule__goal__code")
    reward = Word(Reward, required=False)
    level = Word(Level, required=False, source="rule__level")
    rule = Id(required=False, source="rule_id")
    tier = Id(required=False, source="rule__tier_id")
    promotion = Id(required=False, source="rule__promotion_id")
    enrollment = Id(required=False, source="rule__enrollment_id")


def versions(call: Call, program_id: UUID) -> QuerySet[RuleVersion]:
    """Return every version of a program's rules."""
    rows = RuleVersion.objects.filter(merchant_id=call.merchant_id, rule__program_id=program_id)
    return rows.select_related("rule__goal", "rule__program")


def version_of(call: Call, program_id: UUID, id: UUID, *, named_by: str = "") -> RuleVersion:
    """Return the version of this id, or the newest of the rule of this id.

    :raises NotFound: if the program has neither.
    """
    rows = versions(call, program_id).filter(Q(id=id) | Q(rule_id=id))
    return found(rows.order_by("-version").first(), named_by=named_by)


def draft_of(call: Call, program: Program) -> RuleDraft:
    """Return what a validated body wants a rule to be."""
    body = call.body
    goal = goal_of(call, program, body["goal"], named_by="goal") if "goal" in body else None

    def named(name: str, rows: QuerySet[Any]) -> Any:
        return one(rows, body[name], named_by=name) if name in body else None

    mine = {"merchant_id": call.merchant_id, "program_id": program.id}
    return RuleDraft(
        **wording_of(body),
        level=body.get("level", Level.PROGRAM),
        goal=goal,
        tier=named("tier", Tier.objects.filter(**mine)),
        promotion=named("promotion", Promotion.objects.filter(**mine)),
        enrollment=named("enrollment", Enrollment.objects.filter(**mine)),
        link=named("link", Link.objects.filter(**mine)),
        position=body.get("position"),
    )


def wording_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return what a body says that a rule pays, and when."""
    return {
        "reward": body["reward"],
        "fixed_minor": body.get("fixed_minor", 0),
        "rate_bps": body.get("rate_bps", 0),
        "details": body.get("details", {}),
        "conditions": body.get("conditions", []),
        "name": body.get("name", ""),
    }


class Rules(MerchantView):
    """The rules of a program."""

    @endpoint("List rates of a program", gives=RuleSerializer, query=RuleQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[RuleVersion]:
        return versions(call, one(programs(call), id).id)

    @endpoint(
        "Set a rate of a program",
        gives=RuleSerializer,
        takes=NewRuleSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example=BASE_EXAMPLE,
        description=(
            "Without level and conditions: the next version of the goal's base rate. Else: a rule"
            " of its own. What happened before `valid_from` keeps the rate it had."
        ),
    )
    def post(self, call: Call, id: UUID) -> RuleVersion:
        program = one(programs(call), id)
        return create_rule(
            program=program,
            draft=draft_of(call, program),
            by=call.by,
            at=call.at,
            valid_from=call.body.get("valid_from"),
        )


class OneRule(MerchantView):
    """One version of a rule."""

    @endpoint("Read a rate of a program", gives=RuleSerializer)
    def get(self, call: Call, id: UUID, rule_id: UUID) -> RuleVersion:
        return version_of(call, id, rule_id)


class ReviseRule(MerchantView):
    """The next version of a rule."""

    @endpoint(
        "Revise a rate of a program",
        gives=RuleSerializer,
        takes=RevisionSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="A new version; what happened before `valid_from` keeps the one it had.",
    )
    def post(self, call: Call, id: UUID, rule_id: UUID) -> RuleVersion:
        return revise_rule(
            rule=version_of(call, id, rule_id).rule,
            draft=RuleDraft(**wording_of(call.body)),
            by=call.by,
            at=call.at,
            valid_from=call.body.get("valid_from"),
        )


class ArchiveRule(MerchantView):
    """Pay by a rule no more."""

    @endpoint("Archive a rate of a program", gives=RuleSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, rule_id: UUID) -> RuleVersion:
        version = version_of(call, id, rule_id)
        archive_rule(rule=version.rule, by=call.by, at=call.at)
        return version_of(call, id, version.id)


class ReorderRules(MerchantView):
    """The order in which rules are asked."""

    @endpoint(
        "Put rates of a program in order",
        gives=RuleSerializer,
        takes=OrderSerializer,
        scope=Scope.PROGRAMS,
        description="Rules of one level and target. Those that are not named come after them."
        " Answers with the rule that is asked first.",
    )
    def post(self, call: Call, id: UUID) -> RuleVersion:
        program = one(programs(call), id)
        named = [version_of(call, id, one_id, named_by="rules") for one_id in call.body["rules"]]
        rules = [version.rule for version in named]
        reorder_rules(program=program, rules=rules, by=call.by, at=call.at)
        return version_of(call, id, named[0].rule_id)


class PreviewRule(MerchantView):
    """What would this conversion pay?"""

    @endpoint(
        "Preview what a conversion would pay",
        gives=PreviewSerializer,
        takes=PreviewRequestSerializer,
        example={"goal": "sale", "amount_minor": 10_000, "currency": "EUR", "tax_minor": 1_600},
        description="Stores nothing. Conditions on what is left out do not hold.",
    )
    def post(self, call: Call, id: UUID) -> Preview:
        program = one(programs(call), id)
        goal = goal_of(call, program, call.body["goal"], named_by="goal")
        if call.body["currency"] != program.currency:
            raise CurrencyMismatch(call.body["currency"])
        supposed = supposed_of(call, program)
        link = supposed.link
        return preview(
            program,
            facts_of(goal, supposed, call.body.get("occurred_at", call.at)),
            enrollment=supposed.enrollment or (link.enrollment if link else None),
            volume=supposed.volume,
        )
