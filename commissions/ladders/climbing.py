"""next_tier: where an enrollment belongs by its figures. Values in, a value out; docs/tiers.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from affiliates.models import MoveCause

Figures = Mapping[str, int]  # By Metric: a count, or minor units.
BELOW_ALL: Final = -1  # The place of who is in no tier.


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as the ladder sees it. Without targets only a member puts anybody into it."""

    tier_id: UUID
    targets: Figures = field(default_factory=dict)

    def is_reached_by(self, figures: Figures) -> bool:
        """Whether all of its targets are reached; a rung without targets never is."""
        return bool(self.targets) and all(
            figures.get(metric, 0) >= minimum for metric, minimum in self.targets.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an enrollment stands.

    `figures` are of the period that runs. `closed` are those by which it may fall: of the last
    calendar period that has ended, or the same where periods roll; None while there is nothing to
    judge it by. `floor_id` is the tier without targets into which a member put it last.
    """

    tier_id: UUID | None
    figures: Figures
    closed: Figures | None
    locked_until: datetime | None = None
    missed_since: datetime | None = None
    floor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Into which tier an enrollment belongs. Without a cause it stays where it is."""

    tier_id: UUID | None
    cause: MoveCause | None = None
    missed_since: datetime | None = None  # While it stays below the targets of its tier.


def next_tier(
    *, rungs: Sequence[Rung], standing: Standing, demotes: bool, grace: timedelta, at: datetime
) -> Verdict:
    """Return where an enrollment belongs; `rungs` are the program's tiers, the lowest first.

    Up at once, to the highest tier whose targets are reached. Down only after the grace and the
    lock, to the highest tier below that is reached, and never below the floor.
    """
    here = _place(rungs, standing.tier_id)
    reached = _highest(rungs, standing.figures)
    if reached > here:
        return Verdict(rungs[reached].tier_id, MoveCause.REACHED)
    if not demotes or not _misses(rungs, here, standing):
        return Verdict(standing.tier_id)
    since = standing.missed_since or at
    locked_until = standing.locked_until
    if at < since + grace or (locked_until is not None and at < locked_until):
        return Verdict(standing.tier_id, missed_since=since)
    below = _landing(rungs, here, standing)
    tier_id = None if below == BELOW_ALL else rungs[below].tier_id
    return Verdict(tier_id, MoveCause.MISSED)


def _place(rungs: Sequence[Rung], tier_id: UUID | None) -> int:
    places = (place for place, rung in enumerate(rungs) if rung.tier_id == tier_id)
    return next(places, BELOW_ALL)


def _highest(rungs: Sequence[Rung], figures: Figures) -> int:
    reached = [place for place, rung in enumerate(rungs) if rung.is_reached_by(figures)]
    return max(reached, default=BELOW_ALL)


def _misses(rungs: Sequence[Rung], here: int, standing: Standing) -> bool:
    """Whether it is below the targets of its tier, in what has closed and in what runs."""
    if here == BELOW_ALL or not rungs[here].targets or standing.closed is None:
        return False
    return max(_highest(rungs, standing.figures), _highest(rungs, standing.closed)) < here


def _landing(rungs: Sequence[Rung], here: int, standing: Standing) -> int:
    """Return the place to which it falls: what it reaches, or its floor if that is higher."""
    assert standing.closed is not None
    reached = max(_highest(rungs, standing.figures), _highest(rungs, standing.closed))
    floor = _place(rungs, standing.floor_id)
    if floor != BELOW_ALL and floor < here and not rungs[floor].targets:
        return max(reached, floor)
    return reached
