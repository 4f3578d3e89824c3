"""tier_progress: what is missing until the next tier. Works in the affiliate's context as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from affiliates.models import Enrollment
from commissions.ladders.figures import figures_of
from commissions.ladders.periods import ends_at, running_window
from programs.models import Ladder, Tier
from programs.selectors import ladder_of, targets_by_tier, tiers_of


@dataclass(frozen=True, slots=True)
class Missing:
    """How far one target is: `reached` of `minimum`, counts or minor units."""

    metric: str
    reached: int
    minimum: int

    @property
    def rest(self) -> int:
        """What is still to come; 0 if the target is reached."""
        return max(self.minimum - self.reached, 0)


@dataclass(frozen=True, slots=True)
class TierProgress:
    """Where an affiliate stands on a ladder, and how far it is to the next tier and from the last.

    `falls_at` is set while it is below the targets of its own tier and would move down.
    """

    ladder: Ladder
    tiers: Sequence[Tier]
    upper: Tier | None  # The next above that has targets.
    missing: Sequence[Missing]
    keeps: Sequence[Missing]  # The targets of its own tier.
    ends_at: datetime | None  # Of the calendar period; None where periods roll.
    falls_at: datetime | None


def tier_progress(enrollment: Enrollment, *, at: datetime) -> TierProgress | None:
    """Return how far an affiliate is; None if nobody climbs by itself in its program."""
    ladder = ladder_of(enrollment.program)
    if ladder is None or not ladder.is_automatic:
        return None
    tiers = tiers_of(enrollment.program)
    targets = targets_by_tier(enrollment.program)
    places = {tier.id: place for place, tier in enumerate(tiers)}
    here = places.get(enrollment.tier_id, -1) if enrollment.tier_id else -1
    above = [tier for tier in tiers[here + 1 :] if targets.get(tier.id)]
    upper = above[0] if above else None
    own = targets.get(enrollment.tier_id, {}) if enrollment.tier_id else {}
    asked = targets[upper.id] if upper else {}
    figures = figures_of(
        enrollment.merchant_id,
        [enrollment.id],
        metrics={*asked, *own},
        window=running_window(ladder.period, at),
    ).get(enrollment.id, {})

    def compared(wanted: dict[str, int]) -> list[Missing]:
        return [Missing(name, figures.get(name, 0), least) for name, least in wanted.items()]

    return TierProgress(
        ladder=ladder,
        tiers=tiers,
        upper=upper,
        missing=compared(asked),
        keeps=compared(own),
        ends_at=ends_at(ladder.period, at),
        falls_at=_falls_at(ladder, enrollment),
    )


def _falls_at(ladder: Ladder, enrollment: Enrollment) -> datetime | None:
    if enrollment.tier_missed_since is None or not ladder.demotes:
        return None
    falls_at = enrollment.tier_missed_since + timedelta(days=ladder.grace_days)
    return max(falls_at, enrollment.tier_locked_until or falls_at)
