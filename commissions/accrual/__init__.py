"""Set-based: a batch of conversions becomes credits, traces, commissions and journals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commissions.accrual.decide import Case, close_case, open_case
from commissions.accrual.gather import gather, lock_shared
from commissions.accrual.limits import find_caps
from commissions.accrual.rates import award_for, version_at
from commissions.accrual.trace import earned_draft, events_of, trace_of
from commissions.models import Commission
from ledger.services import post
from merchants.events import record_events
from tracking.models import Conversion, CouponUse, Credit
from tracking.services.customers import bind

__all__ = ["Case", "accrue", "award_for", "version_at"]


def accrue(merchant_id: UUID, conversions: Sequence[Conversion], *, at: datetime) -> list[Case]:
    """Attribute the conversions and write everything that follows; return what became of each.

    The caller holds the conversions' rows locked. Unique keys make a second run harmless. They are
    looked at in the order in which they happened, so that a customer's first order binds the
    customer for the second, and of two uses of a coupon's last the earlier one has it.
    """
    lock_shared(merchant_id, conversions)
    gathered = gather(merchant_id, conversions)
    in_order = sorted(conversions, key=lambda row: (row.occurred_at, row.created_at, row.id))
    cases = [open_case(conversion, gathered) for conversion in in_order]
    findings = find_caps([case.capped for case in cases], gathered, lock=True)
    for case, found in zip(cases, findings, strict=True):
        case.caps = found
        close_case(case, at=at)
    _forget_earlier_credits(merchant_id, conversions)
    for case in cases:
        case.conversion.trace = trace_of(case)
    _write(merchant_id, cases, at)
    return cases


def _forget_earlier_credits(merchant_id: UUID, conversions: Sequence[Conversion]) -> None:
    """Delete what was credited while it was a browser's word; nothing was paid for that."""
    again = [row.id for row in conversions if row.trace]
    if again:
        Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=again).delete()


def _write(merchant_id: UUID, cases: Sequence[Case], at: datetime) -> None:
    Credit.objects.bulk_create(credit for case in cases for credit in case.credits)
    lines = [line for case in cases for line in case.commissions]
    Commission.objects.bulk_create(lines)
    post(merchant_id=merchant_id, drafts=[earned_draft(line) for line in lines], at=at)
    bind([case.binding for case in cases if case.binding])
    uses = [case.coupon_use for case in cases if case.coupon_use]
    CouponUse.objects.bulk_create(uses, ignore_conflicts=True)
    Conversion.objects.bulk_update(
        [case.conversion for case in cases],
        ["status", "status_changed_at", "reason", "attributed_at", "trace"],
    )
    record_events([event for case in cases for event in events_of(case, at)])
