"""What a conversion would pay that has not happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from affiliates.models import Enrollment
from commissions.accrual.rates import rules_of
from commissions.facts import Basis, Facts, Item, Volume
from commissions.models import ExperimentAssignment, RuleVersion
from commissions.rules import Award, GrantDraft, Look, award, guard, resolve
from programs.models import Goal, Program
from tracking.models import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is supposed of a conversion, its goal and moment aside; what is left out is not known.

    A link stands for its enrollment, too. The volume before is that of the period, of VOLUME rules.
    """

    basis: Basis
    items: tuple[Item, ...] = ()
    country: str = ""
    device: str = ""
    coupon: str = ""
    subs: Mapping[str, str] = field(default_factory=dict)
    customer_is_new: bool | None = None
    customer_months: int | None = None
    payment_number: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    enrollment: Enrollment | None = None
    link: Link | None = None
    count_before: int = 0
    amount_before_minor: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """The version that pays for the goal and what it pays; neither when it pays nothing.

    `paid_minor` is what is left of the award after the program's guard.
    """

    goal: Goal
    version: RuleVersion | None
    award: Award | None
    looks: tuple[Look, ...] = ()
    paid_minor: int = 0

    @property
    def grants(self) -> tuple[GrantDraft, ...]:
        """Return what it would give that is no money."""
        return self.award.grants if self.award else ()


def preview(*, goal: Goal, basis: Basis, at: datetime) -> Preview:
    """Return what a conversion of the goal at this moment would pay, if nothing else is known."""
    return simulate(goal=goal, supposed=Supposed(basis=basis), at=at)


def simulate(*, goal: Goal, supposed: Supposed, at: datetime) -> Preview:
    """Return what a supposed conversion at this moment would pay, before it is shared out.

    By the very functions that decide on real ones. Neither caps and budgets nor a model of several
    touches are looked at. What of the money counts is the program's choice.
    """
    program = goal.program
    facts = _facts(goal, supposed, at)
    book = rules_of(goal.merchant_id, [goal.program_id])
    found = resolve(book.in_force(goal.program_id, goal.id, at), facts)
    if found.rule is None:
        return Preview(goal, None, None, found.looks)
    amount_minor = facts.basis.amount_minor
    count, before_minor = supposed.count_before, supposed.amount_before_minor
    volume = Volume(count, before_minor, count + 1, before_minor + amount_minor)
    earned = award(found.rule, facts, volume)
    paid_minor = guard(earned.amount_minor, facts.basis.net_minor, program.commission_bps_max)
    if paid_minor < earned.amount_minor:
        text = f"at the most {program.commission_bps_max} bps of the net = {paid_minor}"
        earned = replace(earned, arithmetic=(*earned.arithmetic, text))
    version = RuleVersion.objects.select_related("rule__goal").get(
        merchant_id=goal.merchant_id, id__in=[found.rule.version_id]
    )
    return Preview(goal, version, earned, found.looks, paid_minor)


def _facts(goal: Goal, supposed: Supposed, at: datetime) -> Facts:
    link = supposed.link
    enrollment = supposed.enrollment or (link.enrollment if link else None)
    return Facts(
        goal=goal.code,
        goal_id=goal.id,
        occurred_at=at,
        basis=basis_in(goal.program, supposed.basis),
        items=supposed.items,
        country=supposed.country,
        device=supposed.device,
        coupon=supposed.coupon.upper(),
        subs=supposed.subs,
        customer_is_new=supposed.customer_is_new,
        customer_months=supposed.customer_months,
        payment_number=supposed.payment_number,
        affiliate_type=enrollment.affiliate.type if enrollment else "",
        enrollment_id=enrollment.id if enrollment else None,
        tier_id=enrollment.tier_id if enrollment else None,
        link_id=link.id if link else None,
        variant_promotions=variants_of(enrollment),
        metadata=supposed.metadata,
    )


def basis_in(program: Program, basis: Basis) -> Basis:
    """Return the money with the program's choice of what percentages are taken of."""
    return replace(
        basis,
        excludes_tax=program.excludes_tax,
        excludes_shipping=program.excludes_shipping,
        adds_discount=program.adds_discount,
    )


def variants_of(enrollment: Enrollment | None) -> frozenset[Any]:
    """Return the promotions of the experiments' variants that an enrollment was drawn into."""
    if enrollment is None:
        return frozenset()
    rows = ExperimentAssignment.objects.filter(
        merchant_id=enrollment.merchant_id,
        enrollment=enrollment,
        variant__promotion__isnull=False,
    )
    return frozenset(rows.values_list("variant__promotion_id", flat=True))
