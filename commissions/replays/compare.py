"""What a batch of conversions is booked with, beside what would be due: both net, per affiliate."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum

from commissions.accrual import Case
from commissions.accrual.booking import Booked, differences
from commissions.accrual.strands import left_of, strands_of
from commissions.models import OF_A_CONVERSION, Commission, Status
from common.rows import any_of

Key = tuple[UUID, UUID]  # (conversion, enrollment)


class Compared(NamedTuple):
    """What one affiliate earns by one conversion."""

    conversion_id: UUID
    enrollment_id: UUID
    before_minor: int
    after_minor: int

    @property
    def differs(self) -> bool:
        """Whether money would change."""
        return self.before_minor != self.after_minor


def compare_rules(merchant_id: UUID, cases: Sequence[Case]) -> list[Compared]:
    """Return both sides of a backtest: what is booked, and what is due net of refunds.

    Who is credited and paid neither way is listed, too.
    """
    before = _booked(merchant_id, [case.conversion.id for case in cases])
    left = left_of(merchant_id, [case.conversion for case in cases])
    after: dict[Key, int] = defaultdict(int)
    for case in cases:
        id = case.conversion.id
        for credit in case.credits:
            after[id, credit.enrollment_id] += 0
        for due in case.due:
            after[id, due.enrollment_id] += left[id].of(due.amount_minor)
    return _side_by_side(cases, before, after)


def compare_decisions(merchant_id: UUID, cases: Sequence[Case], *, at: datetime) -> list[Compared]:
    """Return both sides of a recompute: what is booked, and that with what would be corrected."""
    conversions = [case.conversion for case in cases]
    left = left_of(merchant_id, conversions)
    lines: dict[UUID, list[Commission]] = defaultdict(list)
    for line in Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=any_of([row.id for row in conversions])
    ).order_by("id"):
        if line.conversion_id:
            lines[line.conversion_id].append(line)
    before = _booked(merchant_id, [row.id for row in conversions])
    after: dict[Key, int] = defaultdict(int, before)
    for case in cases:
        id = case.conversion.id
        for credit in case.credits:
            after[id, credit.enrollment_id] += 0
        booked = Booked(case, strands_of(lines[id]), left[id])
        for draft in differences(booked, at):
            after[id, draft.enrollment_id] += draft.amount_minor
    return _side_by_side(cases, before, after)


def _booked(merchant_id: UUID, ids: Collection[UUID]) -> dict[Key, int]:
    lines = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=any_of(ids), kind__in=OF_A_CONVERSION
    ).exclude(status=Status.DECLINED)
    sums = lines.order_by().values_list("conversion_id", "enrollment_id")
    return {(row[0], row[1]): row[2] for row in sums.annotate(sum=Sum("amount_minor")) if row[0]}


def _side_by_side(
    cases: Sequence[Case], before: dict[Key, int], after: dict[Key, int]
) -> list[Compared]:
    rows: dict[UUID, list[Compared]] = defaultdict(list)
    for key in sorted(before.keys() | after.keys()):
        rows[key[0]].append(Compared(*key, before.get(key, 0), after.get(key, 0)))
    return [row for case in cases for row in rows[case.conversion.id]]
