"""How far a program's targets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from programs.models import Program, Target, TargetMetric
from reports.selectors import Day, Period, Slice, daily_figures, total


@dataclass(frozen=True, slots=True)
class Progress:
    """What was reached of a target, and what would be by now if every day brought the same."""

    target: Target
    reached: int
    expected: int

    @property
    def is_reached(self) -> bool:
        """Whether it is done, even before its last day."""
        return self.reached >= self.target.amount


def progress_of_targets(
    program: Program, targets: Sequence[Target], *, at: datetime
) -> list[Progress]:
    """Return how far each target is; one look at the figures for all of them together."""
    if not targets:
        return []
    days = daily_figures(
        Slice(program.merchant_id, program.currency, program_id=program.id),
        Period(min(row.first_on for row in targets), max(row.last_on for row in targets)),
    )
    return [_progress(target, days, at) for target in targets]


def _progress(target: Target, days: list[Day], at: datetime) -> Progress:
    own = [day for day in days if target.first_on <= day.day <= target.last_on]
    figures = total(own)
    reached = {
        TargetMetric.CLICKS: figures.clicks,
        TargetMetric.CONVERSIONS: figures.conversions,
        TargetMetric.REVENUE: figures.revenue_minor,
    }[TargetMetric(target.metric)]
    passed = sum(day.day <= at.date() for day in own)
    return Progress(target, reached, target.amount * passed // max(len(own), 1))
