"""judge: the verdicts on some enrollments of a ladder, from a handful of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from affiliates.models import Enrollment, MoveCause, TierMove
from commissions.ladders.climbing import Figures, Rung, Standing, Verdict, next_tier
from commissions.ladders.figures import figures_of
from commissions.ladders.periods import CALENDAR, Window, closed_window, running_window
from programs.models import Ladder, Program, Tier, TierTarget


@dataclass(frozen=True, slots=True)
class Judged:
    """An enrollment with its verdict, and the figures that decided."""

    enrollment: Enrollment
    verdict: Verdict
    figures: Figures

    @property
    def moves(self) -> bool:
        """Whether it belongs into another tier now."""
        return self.verdict.cause is not None


def rungs_of(program: Program) -> list[Rung]:
    """Return the program's tiers, the lowest first. One that has ended keeps whom it has.

    So it counts as one without targets: nobody rises into it, and nobody falls out of it.
    """
    tiers = Tier.objects.filter(merchant_id=program.merchant_id, program=program)
    targets: dict[UUID, dict[str, int]] = {}
    rows = TierTarget.objects.filter(
        merchant_id=program.merchant_id, tier__program=program, tier__archived_at=None
    )
    for tier_id, metric, minimum in rows.values_list("tier_id", "metric", "minimum"):
        targets.setdefault(tier_id, {})[metric] = minimum
    ids = tiers.order_by("position", "name", "id").values_list("id", flat=True)
    return [Rung(id, targets.get(id, {})) for id in ids]


def judge(
    ladder: Ladder, rungs: Sequence[Rung], enrollments: Sequence[Enrollment], *, at: datetime
) -> Iterator[Judged]:
    """Yield the verdict on each enrollment, in their order. Changes nothing."""
    ids = [row.id for row in enrollments]
    metrics = {metric for rung in rungs for metric in rung.targets}

    def read(window: Window) -> dict[UUID, Figures]:
        return figures_of(ladder.merchant_id, ids, metrics=metrics, window=window)

    running = read(running_window(ladder.period, at))
    closing = closed_window(ladder.period, at)
    closed = read(closing) if ladder.period in CALENDAR else running
    floors = _floors(ladder.merchant_id, ids)
    for row in enrollments:
        own = running.get(row.id, {})
        judged_by = closed.get(row.id, {}) if _was_there(ladder, row, closing) else None
        standing = Standing(
            tier_id=row.tier_id,
            figures=own,
            closed=judged_by,
            locked_until=row.tier_locked_until,
            missed_since=row.tier_missed_since,
            floor_id=floors.get(row.id),
        )
        verdict = next_tier(
            rungs=rungs,
            standing=standing,
            demotes=ladder.demotes,
            grace=timedelta(days=ladder.grace_days),
            at=at,
        )
        fell = verdict.cause == MoveCause.MISSED or verdict.missed_since is not None
        figures = judged_by if fell and judged_by is not None else own
        yield Judged(row, verdict, {name: figures.get(name, 0) for name in sorted(metrics)})


def _was_there(ladder: Ladder, enrollment: Enrollment, closing: Window) -> bool:
    """Whether a calendar period began with the enrollment in its tier: none is judged by a part."""
    since = enrollment.tier_since
    return ladder.period not in CALENDAR or since is None or since <= closing.since


def _floors(merchant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Return into which tier a member put each enrollment last."""
    moves = TierMove.objects.filter(
        merchant_id=merchant_id, enrollment_id__in=ids, cause=MoveCause.BY_HAND
    )
    last = moves.order_by("enrollment_id", "-at", "-id").distinct("enrollment_id")
    return dict(last.values_list("enrollment_id", "after_id"))
