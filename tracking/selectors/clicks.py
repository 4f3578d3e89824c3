"""Clicks, and when a program last heard of anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from common.ids import partition_bound
from programs.models import Program
from tracking.models import Click, Conversion

SIGNAL_AGE = timedelta(days=7)


def clicks_between(*, merchant_id: UUID, since: datetime, until: datetime) -> QuerySet[Click]:
    """Return the merchant's clicks from `since` up to, not including, `until`, newest first.

    The bounds are on the id, so that only the partitions of these days are read.
    """
    clicks = Click.objects.filter(merchant_id=merchant_id)
    in_time = clicks.filter(id__gte=partition_bound(since), id__lt=partition_bound(until))
    return in_time.order_by("-id")


@dataclass(frozen=True, slots=True)
class Signals:
    """When a program last heard of its visitors and of its shop."""

    click_at: datetime | None  # Within the last week.
    conversion_at: datetime | None


def signals_of(program: Program, *, at: datetime) -> Signals:
    """Return when a click and a conversion of the program last arrived."""
    clicks = clicks_between(
        merchant_id=program.merchant_id, since=at - SIGNAL_AGE, until=at + timedelta(days=1)
    )
    click = clicks.filter(program_id=program.id).first()
    conversions = Conversion.objects.filter(merchant_id=program.merchant_id, program=program)
    latest = conversions.order_by("-created_at").values_list("created_at", flat=True).first()
    return Signals(click.at if click else None, latest)
