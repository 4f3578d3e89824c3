"""What a conversion would pay that has not happened."""

from dataclasses import dataclass
from datetime import datetime

from commissions.accrual import award_for, version_at
from commissions.models import RuleVersion
from commissions.rules import Award, Basis
from programs.models import Goal


@dataclass(frozen=True, slots=True)
class Preview:
    """The version in force for the goal and what it pays; neither when it pays nothing."""

    goal: Goal
    version: RuleVersion | None
    award: Award | None


def preview(*, goal: Goal, basis: Basis, at: datetime) -> Preview:
    """Return what a conversion of the goal at this moment would pay, before it is shared out."""
    versions = RuleVersion.objects.filter(merchant_id=goal.merchant_id, rule__goal=goal, rule__is_base=True)
    in_order = versions.select_related("rule").order_by("-valid_from", "-version")
    version = version_at(list(in_order), at)
    return Preview(goal, version, award_for(version, basis) if version else None)
