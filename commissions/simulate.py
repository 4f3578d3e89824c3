"""What a conversion that has not happened would pay an affiliate, and which rules were asked.

By the functions that decide on real ones. Nothing is stored, counted or locked.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from affiliates.models import Enrollment
from commissions.accrual.rates import RuleBook, rules_of
from commissions.facts import Facts, Volume
from commissions.models import Budget, Reward
from commissions.paying import Award
from commissions.preview import variants_of
from commissions.rules import Look, RuleInForce, award, guard, resolve
from programs.models import Program


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked, and what it said."""

    rule: RuleInForce
    look: Look


@dataclass(frozen=True, slots=True)
class Simulation:
    """The rules in the order in which they were asked; what the one that pays comes to.

    `paid_minor` is the award after the margin guard. Without a rule that pays, both are None. What
    is not looked at: budgets, of which there are `budgets`, and what the recruiter gets on top.
    """

    asked: tuple[Asked, ...]
    rule: RuleInForce | None
    award: Award | None
    paid_minor: int | None
    budgets: int = 0
    recruiter: str = ""  # Whose share comes on top, if anybody's.

    @property
    def is_cut(self) -> bool:
        """Whether the margin guard took something away."""
        return self.award is not None and self.paid_minor != self.award.amount_minor


def simulate(
    program: Program, enrollment: Enrollment, facts: Facts, *, volume: Volume | None = None
) -> Simulation:
    """Return what a conversion that is credited to one enrollment alone would pay.

    By its variant of an experiment that runs, too. `volume` is what the enrollment had before in
    the period; none, if it is not given.
    """
    facts = replace(facts, variant_promotions=variants_of(enrollment))
    book = rules_of(program.merchant_id, [program.id])
    rules = book.in_force(program.id, facts.goal_id, facts.occurred_at)
    found = resolve(rules, facts)
    by_version: dict[UUID | None, RuleInForce] = {rule.version_id: rule for rule in rules}
    asked = tuple(Asked(by_version[look.rule_version], look) for look in found.looks)
    if found.rule is None:
        return Simulation(asked, None, None, None)
    earned = award(found.rule, facts, volume or Volume(0, 0, 1, facts.basis.amount_minor))
    paid = guard(earned.amount_minor, facts.basis.net_minor, program.commission_bps_max)
    return Simulation(
        asked,
        found.rule,
        earned,
        paid,
        _budgets_on(program, enrollment),
        _recruiter_paid(book, enrollment, facts),
    )


def _budgets_on(program: Program, enrollment: Enrollment) -> int:
    """Return how many budgets would count it."""
    rows = Budget.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    return rows.filter(Q(enrollment=None) | Q(enrollment=enrollment)).count()


def _recruiter_paid(book: RuleBook, enrollment: Enrollment, facts: Facts) -> str:
    """Return the name of whoever brought the affiliate, while any rule pays for that."""
    recruiter = enrollment.recruited_by
    pays = book.paying(enrollment.program_id, Reward.OVERRIDE, facts.occurred_at)
    return recruiter.affiliate.name if recruiter and pays else ""
