"""What one enrollment earns of one conversion, in one way: lines, and their net after refunds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum

from commissions.accrual.conversions import ConversionRow
from commissions.line import Line
from commissions.models import Commission, Kind, Status
from commissions.rules import reversal_due
from common.rows import any_of
from tracking.models import Conversion, Refund, ReportedStatus, StatusReport

OVERRIDE_PREFIX = "override:"
FINAL = (ReportedStatus.DECLINED, ReportedStatus.DISPUTE_LOST)


class StrandKey(NamedTuple):
    """Whose lines, and what for: `way` is empty, or `override:<depth>`."""

    enrollment_id: UUID
    way: str


def way_of(event_ref: str) -> str:
    """Return in which way a line is earned, or what it corrects was."""
    _cause, found, depth = event_ref.partition(OVERRIDE_PREFIX)
    return f"{OVERRIDE_PREFIX}{depth}" if found else ""


def ref_of(cause: str, way: str) -> str:
    """Return the `event_ref` of what answers a line: `refund:<id>`, `refund:<id>:override:1`."""
    return f"{cause}:{way}" if way else cause


@dataclass(slots=True)
class Strand:
    """The lines of one enrollment for one conversion, oldest first."""

    key: StrandKey
    lines: list[Commission | Line] = field(default_factory=list)

    @property
    def head(self) -> Commission | Line:
        """Return the line that the others follow: what was earned, or the first correction."""
        return next((line for line in self.lines if line.kind != Kind.REVERSAL), self.lines[0])

    @property
    def is_declined(self) -> bool:
        """Whether somebody declined it: it never became money, and does not any more."""
        return any(
            line.status == Status.DECLINED for line in self.lines if line.kind != Kind.REVERSAL
        )

    @property
    def waits(self) -> bool:
        """Whether it is on hold, so that what answers it waits with it."""
        return self.head.status in (Status.PENDING, Status.HELD)

    @property
    def booked_minor(self) -> int:
        """Return what it comes to now, after refunds and corrections."""
        return sum(line.amount_minor for line in self.lines if line.status != Status.DECLINED)

    @property
    def due_minor(self) -> int:
        """Return what it was decided to be last, before refunds."""
        return self._decided("due_minor")

    @property
    def wanted_minor(self) -> int:
        """Return what that was before budgets cut it."""
        return self._decided("wanted_minor")

    def _decided(self, name: str) -> int:
        last = next((line for line in reversed(self.lines) if line.kind == Kind.ADJUSTMENT), None)
        if last is not None and name in last.facts:
            return int(last.facts[name])
        head = self.lines[0]
        if head.kind not in (Kind.EARNING, Kind.OVERRIDE):
            return 0
        return int(head.facts.get(name, head.amount_minor))


@dataclass(frozen=True, slots=True)
class Left:
    """What refunds leave of a conversion."""

    gross_minor: int
    refunded_minor: int
    is_all_gone: bool  # Declined by its source after it was approved.

    @property
    def is_nothing(self) -> bool:
        """Whether all of it was taken back."""
        return self.is_all_gone or 0 < self.gross_minor <= self.refunded_minor

    def of(self, due_minor: int) -> int:
        """Return what is left of an amount: what is taken back of it is rounded half to even."""
        if self.is_all_gone:
            return 0
        return due_minor - reversal_due(
            earned_minor=due_minor,
            refunded_minor=self.refunded_minor,
            gross_minor=self.gross_minor,
            reversed_minor=0,
        )


def strands_of(lines: Iterable[Commission | Line]) -> list[Strand]:
    """Return the lines of one conversion by what they are of."""
    found: dict[StrandKey, Strand] = {}
    for line in lines:
        key = StrandKey(line.enrollment_id, way_of(line.event_ref))
        found.setdefault(key, Strand(key)).lines.append(line)
    for strand in found.values():
        strand.lines.sort(
            key=lambda line: (line.kind not in (Kind.EARNING, Kind.OVERRIDE), line.id)
        )
    return list(found.values())


def left_of(
    merchant_id: UUID, conversions: Sequence[Conversion | ConversionRow]
) -> dict[UUID, Left]:
    """Return what the refunds that were applied leave of each conversion."""
    ids = [row.id for row in conversions]
    sums = _refunded(merchant_id, ids)
    gone = lost_ids(merchant_id, ids)
    return {
        row.id: Left(row.amount_minor, sums.get(row.id, 0), row.id in gone) for row in conversions
    }


def _refunded(merchant_id: UUID, ids: Collection[UUID]) -> dict[UUID, int]:
    rows = Refund.objects.filter(
        merchant_id=merchant_id, conversion_id__in=any_of(ids), applied_at__isnull=False
    )
    return dict(rows.order_by().values_list("conversion_id").annotate(total=Sum("amount_minor")))


def lost_ids(merchant_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Return which of the conversions their source has declined, before approval or after it."""
    if not ids:
        return set()
    rows = StatusReport.objects.filter(
        merchant_id=merchant_id,
        conversion_id__in=any_of(ids),
        applied_at__isnull=False,
        status__in=FINAL,
    )
    return {id for id in rows.values_list("conversion_id", flat=True) if id}
