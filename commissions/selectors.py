"""What is read of rates and commissions. A merchant's reads stand in the merchant's context."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from commissions.facts import Basis, Facts, Volume
from commissions.models import Commission, Level, Promotion, Rule, RuleVersion, Status
from commissions.rules import LEVELS, Award, award
from commissions.terms import RuleTerms, Term, terms_of_enrollment
from common.money import share_of
from programs.models import AfterHold, Goal, Program
from programs.selectors import goals_of
from tracking.models import Conversion

__all__ = [
    "LEDGER_VERBS",
    "GoalRate",
    "RateHistory",
    "RuleHistory",
    "RuleTerms",
    "Term",
    "Total",
    "commissions_of",
    "counted",
    "lines_of_conversion",
    "preview_award",
    "program_rules_in_force",
    "promotions_of",
    "rate_histories",
    "rate_in_trace",
    "rates_in_force",
    "rules_of_program",
    "terms_of_enrollment",
    "totals_of",
]


class GoalRate(NamedTuple):
    """A goal and the version that pays for it now; None when nothing is paid."""

    goal: Goal
    version: RuleVersion | None


def rates_in_force(program_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, list[GoalRate]]:
    """Return every goal of the programs with its rate at a moment, goals in order of creation."""
    ids = list(program_ids)
    versions = RuleVersion.objects.filter(
        rule__program_id__in=ids,
        rule__is_base=True,
        rule__archived_at=None,
        valid_from__lte=at,
    ).select_related("rule")
    in_force = {  # The last one wins, so the newest stands.
        version.rule.goal_id: version for version in versions.order_by("valid_from", "version")
    }
    rates: dict[UUID, list[GoalRate]] = {program_id: [] for program_id in ids}
    for goal in Goal.objects.filter(program_id__in=ids).order_by("created_at", "id"):
        rates[goal.program_id].append(GoalRate(goal, in_force.get(goal.id)))
    return rates


def program_rules_in_force(
    program_ids: Iterable[UUID], *, at: datetime
) -> dict[UUID, list[RuleVersion]]:
    """Return the rules of the programs for everybody besides the base rates, as they are asked.

    What is paid otherwise, a bonus or a flat fee, comes among them. Others' own rules never do.
    """
    ids = list(program_ids)
    versions = RuleVersion.objects.filter(
        rule__program_id__in=ids,
        rule__level=Level.PROGRAM,
        rule__is_base=False,
        rule__archived_at=None,
        valid_from__lte=at,
    )
    newest = versions.order_by("rule_id", "-valid_from", "-version").distinct("rule_id")
    found: dict[UUID, list[RuleVersion]] = {program_id: [] for program_id in ids}
    for version in sorted(newest.select_related("rule__goal"), key=lambda row: _place_of(row.rule)):
        found[version.rule.program_id].append(version)
    return found


@dataclass(frozen=True, slots=True)
class RateHistory:
    """What a goal pays: the version in force, if it pays, and every version, newest first."""

    goal: Goal
    current: RuleVersion | None
    versions: tuple[RuleVersion, ...]


def rate_histories(program: Program, *, at: datetime) -> list[RateHistory]:
    """Return what each goal of the program pays at a moment, in the order of the goals.

    Versions of ended rules are part of the history, but not in force.
    """
    versions = RuleVersion.objects.filter(
        merchant_id=program.merchant_id, rule__program=program, rule__is_base=True
    )
    by_goal: dict[UUID, list[RuleVersion]] = {}
    for version in versions.select_related("rule").order_by("-valid_from", "-version"):
        by_goal.setdefault(version.rule.goal_id, []).append(version)
    return [_history(goal, by_goal.get(goal.id, []), at) for goal in goals_of(program)]


def _history(goal: Goal, versions: Sequence[RuleVersion], at: datetime) -> RateHistory:
    alive = (version for version in versions if version.rule.archived_at is None)
    current = next((version for version in alive if version.valid_from <= at), None)
    return RateHistory(goal, current, tuple(versions))


@dataclass(frozen=True, slots=True)
class RuleHistory:
    """A rule with every version it has had or will have, newest first; never without one."""

    rule: Rule
    versions: tuple[RuleVersion, ...]

    def at(self, moment: datetime) -> RuleVersion | None:
        """Return the version in force at a moment, if it was in force by then."""
        return next((row for row in self.versions if row.valid_from <= moment), None)


def rules_of_program(program: Program, *, ended: bool = False) -> list[RuleHistory]:
    """Return the rules of a program in the order in which they are asked, those that pay by now.

    With `ended` instead those that were archived, by themselves or with their promotion.
    """
    archived = Q(rule__archived_at__isnull=False) | Q(rule__promotion__archived_at__isnull=False)
    versions = RuleVersion.objects.filter(
        archived if ended else ~archived, merchant_id=program.merchant_id, rule__program=program
    )
    by_rule: dict[UUID, list[RuleVersion]] = {}
    named = versions.select_related(
        *("rule__goal", "rule__tier", "rule__promotion", "rule__enrollment__affiliate"),
        "rule__link__affiliate",
    )
    for version in named.order_by("-valid_from", "-version"):
        by_rule.setdefault(version.rule_id, []).append(version)
    found = [RuleHistory(rows[0].rule, tuple(rows)) for rows in by_rule.values()]
    return sorted(found, key=lambda row: _place_of(row.rule))


def _place_of(rule: Rule) -> tuple[Any, ...]:
    """Return where a rule is asked; within a level, those of one target stand together."""
    target = rule.link_id or rule.enrollment_id or rule.promotion_id or rule.tier_id
    place = (rule.is_base, rule.position, rule.goal_id is None, str(rule.id))
    return LEVELS.index(Level(rule.level)), str(target or ""), *place


def promotions_of(program: Program) -> list[Promotion]:
    """Return the promotions that are not archived, the latest to begin first."""
    promotions = Promotion.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    return list(promotions.select_related("tier").order_by("-starts_at", "name"))


def preview_award(version: RuleVersion, *, amount_minor: int) -> Award:
    """Return what the version would pay for a conversion of this net amount."""
    facts = Facts(goal="", goal_id=None, occurred_at=version.valid_from, basis=Basis(amount_minor))
    return award(version, facts, Volume(0, 0, 1, amount_minor))


def estimate_earnings(
    version: RuleVersion, *, visitors: int, share_bps: int, order_minor: int
) -> int:
    """Return what so many visitors would earn of whom a share orders for this net amount each.

    In minor units, half to even: half an order counts as half of what one pays.
    """
    each = preview_award(version, amount_minor=order_minor)
    return share_of(visitors * each.amount_minor, rate_bps=share_bps)


def commissions_of(merchant_id: UUID) -> QuerySet[Commission]:
    """Return the merchant's commissions with what a list names, newest first."""
    commissions = Commission.objects.filter(merchant_id=merchant_id)
    named = commissions.select_related("affiliate", "program", "conversion__goal")
    return named.order_by("-earned_at", "-id")


def counted(commissions: QuerySet[Commission]) -> QuerySet[Commission]:
    """Return what reports count: everything but the declined; take-backs are negative."""
    return commissions.exclude(status=Status.DECLINED)


def commissions_to_review(
    commissions: QuerySet[Commission], *, at: datetime
) -> QuerySet[Commission]:
    """Return those whose hold has passed in programs where a person then decides."""
    return commissions.filter(
        status=Status.PENDING,
        phase=Status.PENDING,
        hold_until__lte=at,
        program__after_hold=AfterHold.REVIEW,
    )


@dataclass(frozen=True, slots=True)
class Total:
    """How many commissions there are in a currency, and what they come to."""

    currency: str
    count: int
    amount_minor: int


def totals_of(commissions: QuerySet[Commission]) -> list[Total]:
    """Return the sums of the commissions, one per currency."""
    rows = (
        commissions.order_by()
        .values("currency")
        .annotate(count=Count("id"), amount_minor=Sum("amount_minor"))
    )
    return [
        Total(row["currency"], row["count"], row["amount_minor"])
        for row in rows.order_by("currency")
    ]


def lines_of_conversion(conversion: Conversion) -> list[Commission]:
    """Return what a conversion earned and what was taken back, oldest first."""
    lines = Commission.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(lines.select_related("affiliate", "rule_version").order_by("earned_at", "id"))


LEDGER_VERBS = ("earned", "approved", "declined")  # Of the journals of a commission itself.


def rate_in_trace(conversion: Conversion) -> RuleVersion | None:
    """Return the version of the rate that was found for a conversion, if one was."""
    named = [rule["rule_version"] for rule in conversion.trace.get("rules", []) if rule["matched"]]
    versions = RuleVersion.objects.filter(merchant_id=conversion.merchant_id, id__in=named)
    return versions.select_related("rule").first()
