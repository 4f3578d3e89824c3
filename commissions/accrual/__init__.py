"""A batch of conversions becomes credits, traces, commissions and journals; once, or anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from commissions.accrual.anew import Change, redecide, rederive
from commissions.accrual.conversions import ConversionRow, read_conversions
from commissions.accrual.decide import Case, Due, in_order, open_case
from commissions.accrual.derive import derive
from commissions.accrual.earn import earn
from commissions.accrual.gather import gather, lock_shared
from commissions.accrual.later import later_of_customers, later_than
from commissions.accrual.limits import find_caps
from commissions.accrual.lines import draw_lines
from commissions.accrual.rates import RuleBook
from commissions.accrual.writing import write_cases
from merchants.models import SYSTEM

__all__ = [
    "Case",
    "Change",
    "Due",
    "RuleBook",
    "accrue",
    "derive",
    "follow_customers",
    "read_conversions",
    "rederive",
]


def follow_customers(
    merchant_id: UUID, since: Mapping[UUID, datetime], *, at: datetime
) -> list[Change]:
    """Decide anew what customers did `since` their moments; return what changed.

    Of customers something became known late. Their rows are locked by the caller, who gives way
    (LockNotAvailable) if somebody else holds one of the conversions.

    :param since: moments by the customers' ids.
    """
    ids = later_than(
        merchant_id, {id: moment.replace(microsecond=0) for id, moment in since.items()}
    )
    return redecide(
        merchant_id, ids, at=at, by=SYSTEM, reason="earlier_fact", paid_too=True, wait=False
    )


def accrue(merchant_id: UUID, conversions: Sequence[ConversionRow], *, at: datetime) -> list[Case]:
    """Attribute the conversions and write everything that follows; return what became of each.

    The caller holds the conversions' rows locked. Unique keys make a second run harmless. They are
    looked at in the order in which they happened, so that a customer's first order binds the
    customer for the second, and of two uses of a coupon's last the earlier one has it. What was
    decided before and would be decided otherwise now, because it happened later, is decided anew.
    """
    lock_shared(merchant_id, conversions)
    gathered = gather(merchant_id, conversions)
    cases = [open_case(conversion, gathered) for conversion in in_order(conversions)]
    findings = find_caps([case.capped for case in cases], gathered, lock=True)
    for case, found in zip(cases, findings, strict=True):
        case.caps = found
    earners = earn(merchant_id, cases, gathered)
    draw_lines(merchant_id, cases, at=at, lock=True)
    write_cases(merchant_id, cases, at=at)
    later = later_of_customers(merchant_id, conversions)
    later |= earners.volumes.shifted(earners.volume_details)
    if later:
        redecide(
            merchant_id, later, at=at, by=SYSTEM, reason="earlier_fact", paid_too=True, wait=False
        )
    return cases
