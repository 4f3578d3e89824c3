"""What is read of rates and commissions. A merchant's reads stand in the merchant's context."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from commissions.models import Commission, Reward, RuleVersion, Status
from commissions.rules import Award, Basis, award_fixed, award_percent
from programs.models import Goal, Program
from programs.selectors import goals_of
from tracking.models import Conversion


class GoalRate(NamedTuple):
    """A goal and the version that pays for it now; None when nothing is paid."""

    goal: Goal
    version: RuleVersion | None


def rates_in_force(program_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, list[GoalRate]]:
    """Return every goal of the programs with its rate at a moment, goals in order of creation."""
    ids = list(program_ids)
    versions = RuleVersion.objects.filter(
        rule__program_id__in=ids, rule__archived_at=None, valid_from__lte=at
    ).select_related("rule")
    in_force = {  # The last one wins, so the newest stands.
        version.rule.goal_id: version for version in versions.order_by("valid_from", "version")
    }
    rates: dict[UUID, list[GoalRate]] = {program_id: [] for program_id in ids}
    for goal in Goal.objects.filter(program_id__in=ids).order_by("created_at", "id"):
        rates[goal.program_id].append(GoalRate(goal, in_force.get(goal.id)))
    return rates


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
    versions = RuleVersion.objects.filter(merchant_id=program.merchant_id, rule__program=program)
    by_goal: dict[UUID, list[RuleVersion]] = {}
    for version in versions.select_related("rule").order_by("-valid_from", "-version"):
        by_goal.setdefault(version.rule.goal_id, []).append(version)
    return [_history(goal, by_goal.get(goal.id, []), at) for goal in goals_of(program)]


def _history(goal: Goal, versions: Sequence[RuleVersion], at: datetime) -> RateHistory:
    alive = (version for version in versions if version.rule.archived_at is None)
    current = next((version for version in alive if version.valid_from <= at), None)
    return RateHistory(goal, current, tuple(versions))


def preview_award(version: RuleVersion, *, amount_minor: int) -> Award:
    """Return what the version would pay for a conversion of this net amount."""
    if version.reward == Reward.FIXED:
        return award_fixed(fixed_minor=version.fixed_minor)
    return award_percent(Basis(amount_minor), rate_bps=version.rate_bps)


def commissions_of(merchant_id: UUID) -> QuerySet[Commission]:
    """Return the merchant's commissions with what a list names, newest first."""
    commissions = Commission.objects.filter(merchant_id=merchant_id)
    named = commissions.select_related("affiliate", "program", "conversion__goal")
    return named.order_by("-earned_at", "-id")


def counted(commissions: QuerySet[Commission]) -> QuerySet[Commission]:
    """Return what reports count: everything but the declined; take-backs are negative."""
    return commissions.exclude(status=Status.DECLINED)


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
