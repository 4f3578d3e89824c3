"""What merchants' systems said of their orders later, applied: in any order, to the same end."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from commissions.accrual.strands import FINAL, Left
from commissions.services.decisions import (
    approve_conversion,
    decline_conversion,
    hold_conversion,
    release_conversion,
)
from commissions.services.moves import follow_lost, lock_conversions
from commissions.services.take_backs import TakeBack, lock_lines, take_back
from merchants.events import record_event
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tracking.models import (
    Conversion,
    ConversionStatus,
    Reason,
    Refund,
    ReportedStatus,
    StatusReport,
)

BATCH = 200
# Weightier last: what counts of two that happened at the very same moment.
WEIGHT = (ReportedStatus.DISPUTE_WON, ReportedStatus.HELD, ReportedStatus.DISPUTED)
HELD_FOR = {
    ReportedStatus.HELD: Reason.HELD_BY_SOURCE,
    ReportedStatus.DISPUTED: Reason.DISPUTED,
}


def process_status_reports(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Apply what waiting status reports of a merchant call for; return how many reports.

    A report whose order is not attributed yet waits for it.
    """
    with merchant_context(merchant_id):
        due = StatusReport.objects.filter(
            merchant_id=merchant_id, applied_at=None, conversion__attributed_at__isnull=False
        )
        named = due.order_by("created_at").values_list("conversion_id", flat=True)[:limit]
        ids = lock_conversions(
            merchant_id=merchant_id, ids={id for id in named if id}, skip_locked=True
        )
        reports: dict[UUID, list[StatusReport]] = defaultdict(list)
        for report in StatusReport.objects.filter(
            merchant_id=merchant_id, conversion_id__in=ids
        ).order_by("id"):
            if report.conversion_id:
                reports[report.conversion_id].append(report)
        conversions = Conversion.objects.filter(merchant_id=merchant_id, id__in=ids)
        for conversion in conversions.order_by("id"):
            _apply(conversion, what_counts(reports[conversion.id]), at)
        waiting = [row.id for own in reports.values() for row in own if row.applied_at is None]
        StatusReport.objects.filter(merchant_id=merchant_id, id__in=waiting).update(applied_at=at)
        return len(waiting)


def what_counts(reports: Sequence[StatusReport]) -> StatusReport:
    """Return which of an order's reports counts, in whatever order they arrived.

    DECLINED and DISPUTE_LOST are final; APPROVED stands against all but these, because money that
    was approved is not put on hold again; of the others the latest counts.
    """
    for statuses in (FINAL, (ReportedStatus.APPROVED,)):
        first = [row for row in reports if row.status in statuses]
        if first:
            return min(first, key=lambda row: (row.occurred_at, row.status, row.external_id))
    return max(
        reports,
        key=lambda row: (
            row.occurred_at,
            WEIGHT.index(ReportedStatus(row.status)),
            row.external_id,
        ),
    )


def _apply(conversion: Conversion, report: StatusReport, at: datetime) -> None:
    status = ReportedStatus(report.status)
    if status in FINAL:
        _take_all_back(conversion, report, at)
    elif conversion.is_unverified:
        return  # Its order is not confirmed: once it is, all reports are applied again.
    elif status in HELD_FOR:
        _hold(conversion, report, HELD_FOR[status], at)
    elif _release(conversion, at) and status == ReportedStatus.APPROVED:
        approve_conversion(conversion=conversion, by=SYSTEM, at=at)


def _hold(conversion: Conversion, report: StatusReport, code: Reason, at: datetime) -> None:
    if conversion.status == ConversionStatus.PENDING:
        hold_conversion(conversion=conversion, reason=report.reason, by=SYSTEM, at=at, code=code)
    elif _is_held_by_source(conversion) and conversion.reason != code:
        Conversion.objects.filter(id=conversion.id).update(reason=code, reason_detail=report.reason)


def _release(conversion: Conversion, at: datetime) -> bool:
    """Release what a system held; return whether it is pending. A person's hold stands."""
    if _is_held_by_source(conversion):
        release_conversion(conversion=conversion, by=SYSTEM, at=at)
    return conversion.status == ConversionStatus.PENDING


def _is_held_by_source(conversion: Conversion) -> bool:
    return conversion.status == ConversionStatus.HELD and conversion.reason in HELD_FOR.values()


def _take_all_back(conversion: Conversion, report: StatusReport, at: datetime) -> None:
    """Decline what waits, and take back what was approved, as a refund of the rest."""
    if conversion.status in (ConversionStatus.PENDING, ConversionStatus.HELD):
        decline_conversion(
            conversion=conversion,
            reason=report.reason,
            by=SYSTEM,
            at=at,
            code=Reason.DECLINED_BY_SOURCE,
        )
    elif conversion.status == ConversionStatus.APPROVED:
        _refund_the_rest(conversion, report, at)
    gone = Left(conversion.amount_minor, 0, is_all_gone=True)
    fact = TakeBack(conversion, gone, f"status:{report.id}", report.occurred_at)
    merchant_id = conversion.merchant_id
    take_back(merchant_id, [fact], lock_lines(merchant_id, [conversion.id]), at=at)
    StatusReport.objects.filter(id=report.id, applied_at=None).update(applied_at=at)
    follow_lost(merchant_id, [conversion], by=SYSTEM, at=at, reason=report.reason)


def _refund_the_rest(conversion: Conversion, report: StatusReport, at: datetime) -> None:
    refunds = Refund.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    refunded_minor = refunds.aggregate(total=Sum("amount_minor", default=0))["total"]
    rest_minor = conversion.amount_minor - refunded_minor
    if rest_minor <= 0:
        return
    Refund.objects.create(
        merchant_id=conversion.merchant_id,
        conversion=conversion,
        external_id=f"status:{report.id}",
        amount_minor=rest_minor,
        reason=report.reason,
        is_test=conversion.is_test,
        occurred_at=report.occurred_at,
        applied_at=at,
    )
    record_event(
        merchant_id=conversion.merchant_id,
        type="conversion.refunded",
        subject_id=conversion.id,
        by=SYSTEM,
        at=at,
        data={"status": report.status, "amount_minor": rest_minor},
    )
