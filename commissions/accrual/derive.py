"""What would be decided, by the very functions that decide. Writes, counts and locks nothing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commissions.accrual.anew import take_out_bindings
from commissions.accrual.conversions import ConversionRow
from commissions.accrual.decide import Case, Credited, in_order, open_case, open_credited
from commissions.accrual.earn import earn
from commissions.accrual.gather import gather
from commissions.accrual.limits import find_caps
from commissions.accrual.lines import draw_lines
from commissions.accrual.rates import RuleBook
from common.rows import any_of
from tracking.models import Credit


def derive(
    merchant_id: UUID,
    conversions: Sequence[ConversionRow],
    *,
    at: datetime,
    book: RuleBook | None = None,
    credits_stay: bool = False,
) -> list[Case]:
    """Return what stored conversions come to under the policy and the rules of today.

    A `book` takes the place of the rules: for what is only proposed. With `credits_stay` nobody is
    attributed anew. `due` of a case is before budgets and refunds.
    """
    gathered = gather(merchant_id, conversions, book=book)
    if credits_stay:
        stored = _credits(merchant_id, conversions)
        cases = [
            open_credited(conversion, gathered, stored[conversion.id])
            for conversion in in_order(conversions)
        ]
    else:
        take_out_bindings(conversions, gathered)  # What they bound is decided anew as well.
        cases = [open_case(conversion, gathered) for conversion in in_order(conversions)]
    earn(merchant_id, cases, gathered, only_looks=True)
    return cases


def foresee(merchant_id: UUID, conversion: ConversionRow, *, at: datetime) -> Case:
    """Return what a conversion would come to that is not stored: with caps, budgets and lines."""
    gathered = gather(merchant_id, [conversion])
    case = open_case(conversion, gathered)
    (case.caps,) = find_caps([case.capped], gathered, lock=False)
    earn(merchant_id, [case], gathered, only_looks=True)
    draw_lines(merchant_id, [case], at=at, lock=False)
    return case


def _credits(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> dict[UUID, list[Credited]]:
    stored: dict[UUID, list[Credited]] = defaultdict(list)
    rows = Credit.objects.filter(
        merchant_id=merchant_id, conversion_id__in=any_of([row.id for row in conversions])
    )
    for id, *columns in rows.order_by("id").values_list("conversion_id", *Credited._fields):
        stored[id].append(Credited(*columns))
    return stored
