"""Figures of a period: clicks, conversions, revenue, commission, per UTC day.

Every figure is the sum of rows that a list shows: clicks of people (the rollup), conversions that
are credited and not declined, commissions that are not declined. Set-based: one query each.
Callers stand in the merchant's context.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from commissions.models import Commission
from commissions.selectors import counted as counted_commissions
from common.money import divide_half_even
from programs.models import Program
from reports.models import DailyClicks
from tracking.models import Conversion, Credit, Link
from tracking.selectors import counted as counted_conversions
from tracking.selectors import counted_credits, links_by_id


@dataclass(frozen=True, slots=True)
class Period:
    """Whole UTC days, the first and the last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1

    @property
    def starts_at(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time.min, tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=UTC)

    def before(self) -> "Period":
        """Return the same number of days, just before these."""
        length = timedelta(days=self.days)
        return Period(self.first - length, self.last - length)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


def last_days(days: int, *, at: datetime) -> Period:
    """Return the period of that many days that ends with the day of `at`."""
    today = at.astimezone(UTC).date()
    return Period(today - timedelta(days=days - 1), today)


@dataclass(frozen=True, slots=True)
class Slice:
    """Whose figures: of one currency, and if given of one program or enrollment."""

    merchant_id: UUID
    currency: str
    program_id: UUID | None = None
    enrollment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened, money in minor units of one currency."""

    clicks: int = 0
    conversions: int = 0
    revenue_minor: int = 0
    commission_minor: int = 0

    @property
    def epc_minor(self) -> int:
        """Earnings per click: commission by clicks, half to even; 0 without clicks."""
        return divide_half_even(self.commission_minor, self.clicks) if self.clicks else 0


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of one day."""

    day: date
    figures: Figures


def daily_figures(whose: Slice, period: Period) -> list[Day]:
    """Return the figures of each day of the period, oldest first, empty days included."""
    clicks = _per_day(_clicks(whose, period), clicks=Sum("human"))
    conversions = _per_day(
        _conversions(whose, period), conversions=Count("id"), revenue_minor=Sum("amount_minor")
    )
    commissions = _per_day(_commissions(whose, period), commission_minor=Sum("amount_minor"))
    return [
        Day(
            day,
            Figures(**clicks.get(day, {}), **conversions.get(day, {}), **commissions.get(day, {})),
        )
        for day in period
    ]


def total(days: list[Day]) -> Figures:
    """Return the sum of the days."""
    return Figures(
        clicks=sum(day.figures.clicks for day in days),
        conversions=sum(day.figures.conversions for day in days),
        revenue_minor=sum(day.figures.revenue_minor for day in days),
        commission_minor=sum(day.figures.commission_minor for day in days),
    )


def _per_day(rows: QuerySet[Any, Any], **sums: Any) -> dict[date, dict[str, int]]:
    grouped = rows.order_by().values("day").annotate(**sums)
    return {row.pop("day"): row for row in grouped}


def _clicks(whose: Slice, period: Period) -> QuerySet[DailyClicks]:
    rows = DailyClicks.objects.filter(
        merchant_id=whose.merchant_id, day__range=(period.first, period.last)
    )
    if whose.enrollment_id:
        return rows.filter(enrollment_id=whose.enrollment_id)
    if whose.program_id:
        return rows.filter(program_id=whose.program_id)
    programs = Program.objects.filter(merchant_id=whose.merchant_id, currency=whose.currency)
    return rows.filter(program_id__in=programs.values("id"))


def _conversions(whose: Slice, period: Period) -> QuerySet[Conversion, Any]:
    rows = counted_conversions(
        Conversion.objects.filter(
            merchant_id=whose.merchant_id,
            currency=whose.currency,
            occurred_at__gte=period.starts_at,
            occurred_at__lt=period.ends_at,
        )
    )
    if whose.enrollment_id:
        rows = rows.filter(credits__enrollment_id=whose.enrollment_id)
    if whose.program_id:
        rows = rows.filter(program_id=whose.program_id)
    return rows.annotate(day=TruncDate("occurred_at", tzinfo=UTC))


def _commissions(whose: Slice, period: Period) -> QuerySet[Commission, Any]:
    rows = counted_commissions(
        Commission.objects.filter(
            merchant_id=whose.merchant_id,
            currency=whose.currency,
            earned_at__gte=period.starts_at,
            earned_at__lt=period.ends_at,
        )
    )
    if whose.enrollment_id:
        rows = rows.filter(enrollment_id=whose.enrollment_id)
    if whose.program_id:
        rows = rows.filter(program_id=whose.program_id)
    return rows.annotate(day=TruncDate("earned_at", tzinfo=UTC))


def program_figures(merchant_id: UUID, period: Period) -> dict[UUID, Figures]:
    """Return the figures of each program of the merchant, each in its own currency."""
    clicks = DailyClicks.objects.filter(
        merchant_id=merchant_id, day__range=(period.first, period.last)
    )
    happened = {"occurred_at__gte": period.starts_at, "occurred_at__lt": period.ends_at}
    earned = {"earned_at__gte": period.starts_at, "earned_at__lt": period.ends_at}
    conversions = Conversion.objects.filter(merchant_id=merchant_id, **happened)
    commissions = Commission.objects.filter(merchant_id=merchant_id, **earned)
    key = "program_id"
    sums = (
        _grouped(clicks, key, clicks=Sum("human")),
        _grouped(
            counted_conversions(conversions),
            key,
            conversions=Count("id"),
            revenue_minor=Sum("amount_minor"),
        ),
        _grouped(counted_commissions(commissions), key, commission_minor=Sum("amount_minor")),
    )
    programs = Program.objects.filter(merchant_id=merchant_id).values_list("id", flat=True)
    return {program_id: _joined(program_id, sums) for program_id in programs}


def enrollment_figures(
    merchant_id: UUID, enrollment_ids: Sequence[UUID], period: Period
) -> dict[UUID, Figures]:
    """Return the figures of each of the enrollments; revenue is what they are credited with."""
    own = {"merchant_id": merchant_id, "enrollment_id__in": enrollment_ids}
    credits = counted_credits(
        Credit.objects.filter(
            **own,
            conversion__occurred_at__gte=period.starts_at,
            conversion__occurred_at__lt=period.ends_at,
        )
    )
    commissions = Commission.objects.filter(
        **own, earned_at__gte=period.starts_at, earned_at__lt=period.ends_at
    )
    clicks = DailyClicks.objects.filter(**own, day__range=(period.first, period.last))
    key = "enrollment_id"
    sums = (
        _grouped(clicks, key, clicks=Sum("human")),
        _grouped(credits, key, conversions=Count("id"), revenue_minor=Sum("amount_minor")),
        _grouped(counted_commissions(commissions), key, commission_minor=Sum("amount_minor")),
    )
    return {id: _joined(id, sums) for id in enrollment_ids}


def _grouped(rows: QuerySet[Any, Any], key: str, **sums: Any) -> dict[UUID, dict[str, int]]:
    grouped = rows.order_by().values(key).annotate(**sums)
    return {row.pop(key): row for row in grouped}


def _joined(id: UUID, sums: Sequence[dict[UUID, dict[str, int]]]) -> Figures:
    return Figures(**{name: value for part in sums for name, value in part.get(id, {}).items()})


# The best ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopAffiliate:
    """What one enrollment earned in a period, and from how many clicks."""

    enrollment_id: UUID
    name: str
    clicks: int
    commission_minor: int


def top_affiliates(whose: Slice, period: Period, *, limit: int = 5) -> list[TopAffiliate]:
    """Return who earned most in the period, the most first."""
    earned = (
        _commissions(whose, period)
        .order_by()
        .values("enrollment_id", "affiliate__name")
        .annotate(commission_minor=Sum("amount_minor"))
        .order_by("-commission_minor", "enrollment_id")[:limit]
    )
    best = list(earned)
    clicks = dict(
        _clicks(whose, period)
        .filter(enrollment_id__in=[row["enrollment_id"] for row in best])
        .order_by()
        .values("enrollment_id")
        .annotate(total=Sum("human"))
        .values_list("enrollment_id", "total")
    )
    return [
        TopAffiliate(
            row["enrollment_id"],
            row["affiliate__name"],
            clicks.get(row["enrollment_id"], 0),
            row["commission_minor"],
        )
        for row in best
    ]


@dataclass(frozen=True, slots=True)
class TopLink:
    """How often people followed one link in a period, and what came of it."""

    link: Link
    clicks: int
    conversions: int


def top_links(whose: Slice, period: Period, *, limit: int = 5) -> list[TopLink]:
    """Return the links that people followed most in the period, the most first."""
    followed = (
        _clicks(whose, period)
        .order_by()
        .values("link_id")
        .annotate(total=Sum("human"))
        .filter(total__gt=0)
        .order_by("-total", "link_id")
    )
    clicks = dict(followed.values_list("link_id", "total")[:limit])
    links = links_by_id(merchant_id=whose.merchant_id, ids=clicks)
    conversions = dict(
        _conversions(whose, period)
        .filter(credits__link_id__in=list(clicks))
        .order_by()
        .values("credits__link_id")
        .annotate(total=Count("id"))
        .values_list("credits__link_id", "total")
    )
    return [
        TopLink(links[link_id], count, conversions.get(link_id, 0))
        for link_id, count in clicks.items()
        if link_id in links
    ]
