"""figures_of: what enrollments have brought in a time, in one query per source for thousands."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from commissions.ladders.climbing import Figures
from commissions.ladders.periods import Window
from commissions.models import Commission, Status
from programs.models import Metric
from tracking.models import Conversion, Credit
from tracking.selectors import counted_credits


def figures_of(
    merchant_id: UUID, enrollment_ids: Collection[UUID], *, metrics: Iterable[str], window: Window
) -> dict[UUID, Figures]:
    """Return the figures of enrollments by their ids; who has brought nothing is not in it.

    Conversions that were declined count nowhere. A shared conversion counts for each, its revenue
    by their shares; refunds lower what was earned, not the revenue.
    """
    asked = set(metrics)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    if asked - {Metric.COMMISSION}:
        for row in _brought(merchant_id, enrollment_ids, window, asked):
            found[row["enrollment_id"]] |= {name: row[name] for name in asked if name in row}
    if Metric.COMMISSION in asked:
        for enrollment_id, total in _earned(merchant_id, enrollment_ids, window):
            found[enrollment_id][Metric.COMMISSION.value] = max(total, 0)
    return dict(found)


def _brought(
    merchant_id: UUID, enrollment_ids: Collection[UUID], window: Window, asked: Collection[str]
) -> Iterable[dict[str, Any]]:
    credits = Credit.objects.filter(
        merchant_id=merchant_id,
        enrollment_id__in=enrollment_ids,
        conversion__occurred_at__gte=window.since,
        conversion__occurred_at__lt=window.until,
    )
    sums: dict[str, Aggregate] = {
        Metric.CONVERSIONS.value: Count("conversion_id", distinct=True),
        Metric.REVENUE.value: Sum("amount_minor", default=0),
    }
    if Metric.NEW_CUSTOMERS in asked:
        who = Coalesce("conversion__customer_id", "conversion_id")
        sums[Metric.NEW_CUSTOMERS.value] = Count(who, filter=_is_new(), distinct=True)
    grouped = counted_credits(credits).order_by().values("enrollment_id")
    return [dict(row) for row in grouped.annotate(**sums)]


def _is_new() -> Q:
    """Return whose conversion is a new customer's: as reported, or who paid for nothing before."""
    before = Conversion.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        customer_id=OuterRef("conversion__customer_id"),
        occurred_at__lt=OuterRef("conversion__occurred_at"),
        amount_minor__gt=0,
    )
    unsaid = Q(conversion__customer_is_new=None, conversion__customer__isnull=False)
    return Q(conversion__customer_is_new=True) | (unsaid & ~Q(Exists(before)))


def _earned(
    merchant_id: UUID, enrollment_ids: Collection[UUID], window: Window
) -> Iterable[tuple[UUID, int]]:
    lines = Commission.objects.filter(
        merchant_id=merchant_id,
        enrollment_id__in=enrollment_ids,
        earned_at__gte=window.since,
        earned_at__lt=window.until,
    ).exclude(status=Status.DECLINED)
    totals = lines.order_by().values_list("enrollment_id")
    return totals.annotate(total=Sum("amount_minor", default=0))
