"""What a conversion that has not happened would pay, and which rules were asked.

By the functions that decide on real ones. Nothing is stored, counted or locked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from affiliates.models import Enrollment
from commissions.accrual.rates import RuleBook, rules_of
from commissions.facts import Basis, Facts, Item, Volume
from commissions.models import Budget, ExperimentAssignment, Reward
from commissions.paying import Award, GrantDraft
from commissions.rules import Look, RuleInForce, award, guard, resolve
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

    @property
    def volume(self) -> Volume:
        """Return the volume with this conversion counted in."""
        count, amount_minor = self.count_before, self.amount_before_minor
        return Volume(count, amount_minor, count + 1, amount_minor + self.basis.amount_minor)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked, and what it said."""

    rule: RuleInForce
    look: Look


@dataclass(frozen=True, slots=True)
class Preview:
    """The rules in the order in which they were asked; what the one that pays comes to.

    `paid_minor` is what the margin guard leaves of the award. Without a rule that pays, rule and
    award are None. What is not looked at: budgets, of which there are `budgets`, caps, and what the
    recruiter gets on top.
    """

    currency: str
    asked: tuple[Asked, ...]
    rule: RuleInForce | None = None
    award: Award | None = None
    paid_minor: int = 0
    bps_max: int | None = None  # The margin guard's.
    budgets: int = 0
    recruiter: str = ""  # Whose share comes on top, if anybody's.

    @property
    def is_cut(self) -> bool:
        """Whether the margin guard took something away."""
        return self.award is not None and self.paid_minor != self.award.amount_minor

    @property
    def arithmetic(self) -> tuple[str, ...]:
        """Return how the amount comes about."""
        texts = self.award.arithmetic if self.award else ()
        if not self.is_cut:
            return texts
        return (*texts, f"at the most {self.bps_max} bps of the net = {self.paid_minor}")

    @property
    def looks(self) -> tuple[Look, ...]:
        """Return what the rules said."""
        return tuple(one.look for one in self.asked)

    @property
    def grants(self) -> tuple[GrantDraft, ...]:
        """Return what it would give that is no money."""
        return self.award.grants if self.award else ()


def preview(
    program: Program,
    facts: Facts,
    *,
    enrollment: Enrollment | None = None,
    volume: Volume | None = None,
) -> Preview:
    """Return what a conversion would pay that is credited to one enrollment alone.

    Or to nobody in particular. By the enrollment's variant of an experiment that runs, too.
    `volume` is that of the period with this one counted in; without it, it is the first.
    """
    facts = replace(facts, variant_promotions=variants_of(enrollment))
    book = rules_of(program.merchant_id, [program.id])
    rules = book.in_force(program.id, facts.goal_id, facts.occurred_at)
    found = resolve(rules, facts)
    by_version: dict[UUID | None, RuleInForce] = {rule.version_id: rule for rule in rules}
    asked = tuple(Asked(by_version[look.rule_version], look) for look in found.looks)
    if found.rule is None:
        return Preview(program.currency, asked)
    basis = facts.basis
    earned = award(found.rule, facts, volume or Volume(0, 0, 1, basis.amount_minor))
    return Preview(
        program.currency,
        asked,
        found.rule,
        earned,
        guard(earned.amount_minor, basis.net_minor, program.commission_bps_max),
        program.commission_bps_max,
        _budgets_on(program, enrollment),
        _recruiter_paid(book, enrollment, facts) if enrollment else "",
    )


def facts_of(goal: Goal, supposed: Supposed, at: datetime) -> Facts:
    """Return what rules ask about a supposed conversion of the goal at this moment."""
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


def _budgets_on(program: Program, enrollment: Enrollment | None) -> int:
    """Return how many budgets would count it."""
    rows = Budget.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    concerns = Q(enrollment=None)
    if enrollment is not None:
        concerns |= Q(enrollment=enrollment)
    return rows.filter(concerns).count()


def _recruiter_paid(book: RuleBook, enrollment: Enrollment, facts: Facts) -> str:
    """Return the name of whoever brought the affiliate, while any rule pays for that."""
    recruiter = enrollment.recruited_by
    pays = book.paying(enrollment.program_id, Reward.OVERRIDE, facts.occurred_at)
    return recruiter.affiliate.name if recruiter and pays else ""
