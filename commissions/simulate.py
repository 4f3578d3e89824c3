"""What a conversion that has not happened would pay an affiliate, and which rules were asked.

By the functions that decide on real ones. Nothing is stored, counted or locked.
"""

from dataclasses import dataclass
from uuid import UUID

from commissions.accrual.rates import rules_of
from commissions.facts import Facts, Volume
from commissions.paying import Award
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

    `paid_minor` is the award after the margin guard. Without a rule that pays, both are None.
    """

    asked: tuple[Asked, ...]
    rule: RuleInForce | None
    award: Award | None
    paid_minor: int | None

    @property
    def is_cut(self) -> bool:
        """Whether the margin guard took something away."""
        return self.award is not None and self.paid_minor != self.award.amount_minor


def simulate(program: Program, facts: Facts, *, volume: Volume | None = None) -> Simulation:
    """Return what a conversion that is credited to one enrollment alone would pay.

    `volume` is what the enrollment had before in the period; none, if it is not given.
    """
    book = rules_of(program.merchant_id, [program.id])
    rules = book.in_force(program.id, facts.goal_id, facts.occurred_at)
    found = resolve(rules, facts)
    by_version: dict[UUID | None, RuleInForce] = {rule.version_id: rule for rule in rules}
    asked = tuple(Asked(by_version[look.rule_version], look) for look in found.looks)
    if found.rule is None:
        return Simulation(asked, None, None, None)
    earned = award(found.rule, facts, volume or Volume(0, 0, 1, facts.basis.amount_minor))
    paid = guard(earned.amount_minor, facts.basis.net_minor, program.commission_bps_max)
    return Simulation(asked, found.rule, earned, paid)
