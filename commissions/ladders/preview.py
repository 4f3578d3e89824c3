"""preview_ladder: who would move if the ladder were climbed now. Changes nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from affiliates.models import Enrollment, MoveCause, Status
from commissions.ladders.judging import Judged, judge, rungs_of
from programs.models import Ladder, Program

PAGE: Final = 1_000
SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class LadderPreview:
    """Who would move, the first of them by name, and how many in all. `warned`: fall later."""

    moves: Sequence[Judged]
    warned: Sequence[Judged]
    up: int
    down: int
    warned_count: int
    looked_at: int


def preview_ladder(program: Program, ladder: Ladder, *, at: datetime) -> LadderPreview:
    """Return who would move now by this ladder, which need not be stored."""
    rungs = rungs_of(program)
    counts: Counter[str] = Counter()
    moves: list[Judged] = []
    warned: list[Judged] = []
    for page in pages_of(program):
        for row in judge(ladder, rungs, page, at=at):
            counts["looked_at"] += 1
            if row.verdict.cause is not None:
                counts[row.verdict.cause] += 1
                moves.append(row)
            elif row.verdict.missed_since is not None:
                counts["warned"] += 1
                warned.append(row)
        del moves[SHOWN_MAX:], warned[SHOWN_MAX:]
    return LadderPreview(
        moves=moves,
        warned=warned,
        up=counts[MoveCause.REACHED],
        down=counts[MoveCause.MISSED],
        warned_count=counts["warned"],
        looked_at=counts["looked_at"],
    )


def pages_of(program: Program, *, after: UUID | None = None) -> Iterator[list[Enrollment]]:
    """Yield the approved enrollments of a program in pages, by id."""
    approved = Enrollment.objects.filter(
        merchant_id=program.merchant_id, program=program, status=Status.APPROVED
    )
    rows = approved.select_related("affiliate", "tier").order_by("id")
    while True:
        page = list((rows.filter(id__gt=after) if after else rows)[:PAGE])
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id
