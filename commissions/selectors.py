"""What is read of rules and commissions by more than one interface."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from commissions.models import RuleVersion
from programs.models import Goal


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
