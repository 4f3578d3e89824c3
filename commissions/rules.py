"""Which rule pays for a conversion, and what: pure, with its explanation (docs/commissions.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from commissions.catalogue.conditions import failing
from commissions.facts import Basis, Facts, Item, Volume
from commissions.models import Level
from commissions.paying import Award, GrantDraft, award, award_fixed, award_percent
from common.money import WHOLE_BPS, divide_half_even, split

__all__ = [
    "LEVELS",
    "Award",
    "Basis",
    "Facts",
    "GrantDraft",
    "Item",
    "Look",
    "Resolution",
    "RuleInForce",
    "Volume",
    "ask",
    "award",
    "award_fixed",
    "award_percent",
    "guard",
    "in_order",
    "resolve",
    "reversal_due",
    "share_award",
]

# The order in which levels are asked.
LEVELS: Final = (Level.LINK, Level.ENROLLMENT, Level.PROMOTION, Level.TIER, Level.PROGRAM)
RANKS: Final = {level.value: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInForce:
    """One version of a rule with where it stands. A proposed one has no ids."""

    level: str
    reward: str
    goal_id: UUID | None = None  # None: every goal.
    fixed_minor: int = 0
    rate_bps: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    conditions: Sequence[Mapping[str, Any]] = ()
    position: int = 100
    is_base: bool = False
    name: str = ""
    rule_id: UUID | None = None
    version_id: UUID | None = None
    valid_from: datetime | None = None
    tier_id: UUID | None = None
    promotion_id: UUID | None = None
    enrollment_id: UUID | None = None
    link_id: UUID | None = None
    # Of its promotion, if it has one: when it runs, for whom.
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    promotion_tier_id: UUID | None = None
    is_for_variant: bool = False

    def concerns(self, facts: Facts) -> bool:
        """Whether it is a rule of this goal and link, affiliate, promotion or tier at all."""
        if self.goal_id not in (None, facts.goal_id):
            return False
        if self.level == Level.LINK:
            return self.link_id == facts.link_id
        if self.level == Level.ENROLLMENT:
            return self.enrollment_id == facts.enrollment_id
        if self.level == Level.TIER:
            return self.tier_id == facts.tier_id
        if self.level == Level.PROMOTION:
            return self._is_promoted(facts)
        return True

    def _is_promoted(self, facts: Facts) -> bool:
        if self.is_for_variant and self.promotion_id not in facts.variant_promotions:
            return False
        return self.promotion_tier_id in (None, facts.tier_id)

    def runs_at(self, at: datetime) -> bool:
        """Whether its promotion runs at a moment; what is no promotion's always does."""
        begun = self.starts_at is None or self.starts_at <= at
        return begun and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Look:
    """One rule that was asked, and what it said.

    `reason` is `goal` (it has no conditions), `conditions` (all hold), `not_running` (its
    promotion) or `condition:<field>`, the first that does not hold.
    """

    rule_version: UUID | None
    level: str
    matched: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The rule that pays, if one does, and those that were asked, in order, it the last."""

    rule: RuleInForce | None
    looks: tuple[Look, ...]


def in_order(rules: Iterable[RuleInForce]) -> list[RuleInForce]:
    """Return rules in the order in which they are asked: level, base last, position, age."""
    return sorted(
        rules,
        key=lambda rule: (
            RANKS[rule.level],
            rule.is_base,
            rule.position,
            rule.goal_id is None,
            str(rule.rule_id or ""),
        ),
    )


def resolve(rules: Iterable[RuleInForce], facts: Facts) -> Resolution:
    """Return which rule pays: the first that concerns the conversion and whose conditions hold.

    The rules are those in force at the moment of the conversion, in any order. What belongs to
    another link, affiliate, tier, goal or promotion is not asked, and leaves no look.
    """
    return ask(in_order(rules), facts)


def ask(rules: Iterable[RuleInForce], facts: Facts) -> Resolution:
    """Do the same with rules that are in their order already."""
    looks = []
    for rule in rules:
        if not rule.concerns(facts):
            continue
        reason = _reason_against(rule, facts)
        if reason is None:
            said = "conditions" if rule.conditions else "goal"
            looks.append(Look(rule.version_id, rule.level, True, said))
            return Resolution(rule, tuple(looks))
        looks.append(Look(rule.version_id, rule.level, False, reason))
    return Resolution(None, tuple(looks))


def _reason_against(rule: RuleInForce, facts: Facts) -> str | None:
    if not rule.runs_at(facts.occurred_at):
        return "not_running"
    against = failing(rule.conditions, facts)
    return f"condition:{against}" if against else None


def guard(award_minor: int, net_minor: int, bps_max: int | None) -> int:
    """Return what may be paid of an award: never more than `bps_max` of the net, rounded down.

    Without a limit, or where there is no price to take a percentage of, it is all of it.
    """
    if bps_max is None or net_minor <= 0:
        return award_minor
    return min(award_minor, net_minor * bps_max // WHOLE_BPS)


def share_award(award_minor: int, *, shares_ppm: list[int]) -> list[int]:
    """Return what each share of a conversion earns; the parts sum to exactly the award."""
    return split(award_minor, shares_ppm)


def reversal_due(
    *, earned_minor: int, refunded_minor: int, gross_minor: int, reversed_minor: int
) -> int:
    """Return how much of a commission is still to be taken back, zero or more.

    Due in all is earned × refunded / gross, half to even; what was reversed before is subtracted.
    A refund of everything takes everything.
    """
    if gross_minor == 0:
        return 0
    due = divide_half_even(earned_minor * min(refunded_minor, gross_minor), gross_minor)
    return max(due - reversed_minor, 0)
