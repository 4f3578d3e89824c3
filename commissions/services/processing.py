"""From stored conversions and refunds to commissions: what the worker does."""

from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from commissions.accrual import accrue
from commissions.models import Commission, Kind, Status
from commissions.rules import reversal_due
from commissions.services.moves import lock_conversions, move_commissions
from commissions.services.take_backs import lock_lines, reversed_of, take_back
from commissions.services.waiting import attach_to
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tracking.models import Conversion, Refund

BATCH = 500


def process_conversions(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Attribute up to `limit` waiting conversions of a merchant; return how many.

    Rows another worker holds are skipped, so any number of these may run at once.
    """
    with merchant_context(merchant_id):
        due = Conversion.objects.filter(merchant_id=merchant_id, attributed_at=None)
        conversions = list(
            due.select_for_update(of=("self",), skip_locked=True)
            .select_related("program", "customer")
            .order_by("created_at")[:limit]
        )
        if conversions:
            accrue(merchant_id, conversions, at=at)
            attach_to(merchant_id, conversions)
    return len(conversions)


def process_refunds(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Take back what waiting refunds of a merchant call for; return how many refunds.

    A refund whose conversion is not attributed yet waits for it.
    """
    with merchant_context(merchant_id):
        due = Refund.objects.filter(merchant_id=merchant_id, applied_at=None)
        ready = due.filter(conversion__attributed_at__isnull=False).order_by("occurred_at", "id")
        ids = ready.exclude(conversion=None).values_list("conversion_id", flat=True)
        conversion_ids = {id for id in ids[:limit] if id}
        locked = lock_conversions(merchant_id=merchant_id, ids=conversion_ids, skip_locked=True)
        refunds = list(due.filter(conversion_id__in=locked).order_by("occurred_at", "id"))
        for refund in refunds:
            _apply_refund(refund, at)
    return len(refunds)


def _apply_refund(refund: Refund, at: datetime) -> None:
    # The caller holds the conversion's lock, so that refunds of one are counted one by one.
    conversion = Conversion.objects.get(refunds=refund)
    Refund.objects.filter(id=refund.id).update(applied_at=at)
    applied = Refund.objects.filter(
        merchant_id=refund.merchant_id, conversion=conversion, applied_at__isnull=False
    )
    refunded_minor = applied.aggregate(total=Sum("amount_minor", default=0))["total"]
    lines = lock_lines(conversion)
    for earning in (line for line in lines if line.kind == Kind.EARNING):
        due_minor = reversal_due(
            earned_minor=earning.amount_minor,
            refunded_minor=refunded_minor,
            gross_minor=conversion.amount_minor,
            reversed_minor=reversed_of(earning, lines),
        )
        if due_minor and earning.status != Status.DECLINED:
            take_back(
                earning,
                due_minor,
                event_ref=f"refund:{refund.id}",
                earned_at=refund.occurred_at,
                at=at,
            )


def approve_due(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Approve commissions whose hold has passed; return how many."""
    with merchant_context(merchant_id):
        due = Commission.objects.filter(
            merchant_id=merchant_id, status=Status.PENDING, hold_until__lte=at
        )
        ids = list(due.order_by("hold_until", "id").values_list("id", flat=True)[:limit])
        return move_commissions(
            merchant_id=merchant_id, ids=ids, to=Status.APPROVED, by=SYSTEM, at=at
        )
