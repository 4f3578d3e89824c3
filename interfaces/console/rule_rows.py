"""A program's rules as lists show them: in the order in which they are asked, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commissions.models import PER_CONVERSION, Level, Promotion, Rule, RuleVersion
from commissions.rules import LEVELS
from commissions.selectors import RuleHistory, rules_of_program
from interfaces.console.rule_words import sentence
from programs.models import Program, Tier

EXPLAINED: Final[dict[str, Promise]] = {
    Level.LINK: lazy("Asked first: what one link alone pays."),
    Level.ENROLLMENT: lazy("What was agreed with one affiliate."),
    Level.PROMOTION: lazy("What is paid for a time, while a promotion runs."),
    Level.TIER: lazy("What the affiliates of a tier get."),
    Level.PROGRAM: lazy("What everybody gets; the base rate of a goal comes last."),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a rule in words."""

    number: int
    words: str
    valid_from: datetime


@dataclass(slots=True)
class RuleRow:
    """A rule with what it says now and what it will say; `number` is its place on the page."""

    rule: Rule
    words: str
    whom: str
    current: RuleVersion | None
    coming: list[Wording]
    versions: list[Wording]
    latest: RuleVersion
    standing: str = ""  # Of its promotion, if that does not run.
    number: int = 0
    may_move: bool = False
    is_first: bool = False
    is_last: bool = False

    @property
    def ended_at(self) -> datetime | None:
        """Return since when it pays no more."""
        return self.rule.archived_at or (self.rule.promotion and self.rule.promotion.archived_at)

    @property
    def is_per_conversion(self) -> bool:
        """Whether conversions earn it."""
        newest = self.current or self.latest
        return newest.reward in PER_CONVERSION

    @property
    def end_text(self) -> str:
        """Return what ending it means."""
        return _(
            "“%(rule)s” pays for nothing that happens from now on. What happened before keeps it."
        ) % {"rule": self.words}


def rule_rows(program: Program, *, at: datetime) -> list[RuleRow]:
    """Return the rules of a program in the order in which they are asked, numbered."""
    rows = [_row(found, program, at) for found in rules_of_program(program)]
    for number, row in enumerate((row for row in rows if row.is_per_conversion), start=1):
        row.number = number
    return rows


def ended_rows(program: Program, *, at: datetime) -> list[RuleRow]:
    """Return the rules that were ended, the last one first."""
    rows = [_row(found, program, at) for found in rules_of_program(program, ended=True)]
    return sorted(rows, key=lambda row: row.ended_at or at, reverse=True)


def _row(found: RuleHistory, program: Program, at: datetime) -> RuleRow:
    rule = found.rule
    goal = rule.goal.name if rule.goal else None
    versions = [
        Wording(one.version, sentence(one, goal=goal, currency=program.currency), one.valid_from)
        for one in found.versions
    ]
    current = found.at(at)
    shown = current or found.versions[-1]
    return RuleRow(
        rule=rule,
        words=sentence(shown, goal=goal, currency=program.currency),
        whom=whom(rule),
        current=current,
        coming=[one for one in reversed(versions) if one.valid_from > at and current],
        versions=versions,
        latest=found.versions[0],
        standing=_standing(rule.promotion, at),
    )


def _standing(promotion: Promotion | None, at: datetime) -> str:
    if promotion is None or promotion.starts_at <= at < promotion.ends_at:
        return ""
    return _("To come") if at < promotion.starts_at else _("Over")


def whom(rule: Rule) -> str:
    """Return whose rule it is, in words; nothing for the program's own."""
    if rule.enrollment is not None:
        return rule.enrollment.affiliate.name
    if rule.link is not None:
        return f"{rule.link.affiliate.name} · {rule.link.code}"
    target = rule.promotion or rule.tier
    return str(target) if target else ""


def levels_of(rows: Sequence[RuleRow]) -> list[dict[str, Any]]:
    """Return the rules under their levels, in order; a level without rules is there as well."""
    return [
        {
            "level": level,
            "label": level.label,
            "explained": EXPLAINED[level],
            "rows": marked([row for row in rows if row.rule.level == level]),
        }
        for level in LEVELS
    ]


def rows_of(
    rows: Sequence[RuleRow], *, tier: Tier | None = None, promotion: Promotion | None = None
) -> list[RuleRow]:
    """Return the rules of a tier or of a promotion alone."""
    own = [
        row
        for row in rows
        if (tier is not None and row.rule.tier_id == tier.id)
        or (promotion is not None and row.rule.promotion_id == promotion.id)
    ]
    return marked(own)


def marked(rows: list[RuleRow]) -> list[RuleRow]:
    """Say of each row whether it may go up or down among those of its target.

    Base rates stay last.
    """
    lists: dict[tuple[Any, ...], list[RuleRow]] = {}
    for row in rows:
        rule = row.rule
        target = rule.link_id or rule.enrollment_id or rule.promotion_id or rule.tier_id
        if not rule.is_base:
            lists.setdefault((rule.level, target), []).append(row)
    for peers in lists.values():
        for row in peers:
            row.may_move = len(peers) > 1
            row.is_first, row.is_last = row is peers[0], row is peers[-1]
    return rows
