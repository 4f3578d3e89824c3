"""The way into a program, per UTC day: from the page that was seen to the first sale.

Each step is counted on the day on which it happened, so a day's figures are of different people.
Callers stand in the merchant's context.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Final

from django.db.models import Count, Min
from django.db.models.functions import TruncDate

from affiliates.models import FunnelCount, FunnelStep
from merchants.models import Event
from programs.models import Program
from reports.models import DailyClicks
from reports.selectors import Period
from tracking.models import Credit
from tracking.selectors import counted_credits

STEPS: Final = ("visited", "started", "applied", "approved", "first_click", "first_sale")


@dataclass(frozen=True, slots=True)
class FunnelDay:
    """How many came how far on a day, in the order of STEPS."""

    day: date
    counts: tuple[int, ...]


def funnel_days(program: Program, period: Period) -> list[FunnelDay]:
    """Return every day of a period. Six queries, whatever its length."""
    by_step = (
        _pages(program, period, FunnelStep.VISITED),
        _pages(program, period, FunnelStep.STARTED),
        _events(program, period, "enrollment.applied"),
        _events(program, period, "enrollment.approved"),
        _first_clicks(program, period),
        _first_sales(program, period),
    )
    return [FunnelDay(day, tuple(found[day] for found in by_step)) for day in period]


def funnel_totals(days: Iterable[FunnelDay]) -> tuple[int, ...]:
    """Return the sums of the steps, in their order."""
    rows = [day.counts for day in days]
    return tuple(sum(column) for column in zip(*rows, strict=True))


def _pages(program: Program, period: Period, step: FunnelStep) -> Counter[date]:
    rows = FunnelCount.objects.filter(
        merchant_id=program.merchant_id,
        program=program,
        step=step,
        day__range=(period.first, period.last),
    )
    return Counter(dict(rows.values_list("day", "count")))


def _events(program: Program, period: Period, type: str) -> Counter[date]:
    events = Event.objects.filter(
        merchant_id=program.merchant_id,
        type=type,
        at__gte=period.starts_at,
        at__lt=period.ends_at,
        data__program=str(program.id),
    )
    days = events.annotate(day=TruncDate("at", tzinfo=UTC)).values_list("day")
    return Counter(dict(days.annotate(count=Count("id")).order_by()))


def _first_clicks(program: Program, period: Period) -> Counter[date]:
    rows = DailyClicks.objects.filter(
        merchant_id=program.merchant_id, program_id=program.id, human__gt=0
    )
    firsts = rows.values("enrollment_id").annotate(first=Min("day")).order_by()
    inside = firsts.filter(first__range=(period.first, period.last))
    return Counter(inside.values_list("first", flat=True))


def _first_sales(program: Program, period: Period) -> Counter[date]:
    own = Credit.objects.filter(merchant_id=program.merchant_id, enrollment__program=program)
    firsts = (
        counted_credits(own).values("enrollment_id").annotate(first=Min("conversion__occurred_at"))
    )
    inside = firsts.order_by().filter(first__gte=period.starts_at, first__lt=period.ends_at)
    days = inside.values_list("first", flat=True)
    return Counter(first.astimezone(UTC).date() for first in days)
