"""What came through an affiliate's links. Callers stand in the affiliate's context."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, QuerySet, Sum
from django.db.models.functions import Coalesce

from common.ids import partition_bound
from reports.affiliate_money import Period, conversions_of
from reports.models import DailyClicks
from tracking.models import Branch, Click, Coupon, CouponUse, Link


class Traffic(NamedTuple):
    """Clicks by people, and how many of these may earn."""

    human: int
    credited: int


NONE = Traffic(0, 0)


@dataclass(frozen=True, slots=True)
class LinkReport:
    """A link with everything that ever came through it; money is in the program's currency."""

    link: Link
    traffic: Traffic
    conversions: int
    earned_minor: int


def links_of(affiliate_id: UUID, *, program_id: UUID | None = None) -> QuerySet[Link]:
    """Return the affiliate's links with their programs, newest first."""
    links = Link.objects.filter(affiliate_id=affiliate_id)
    if program_id:
        links = links.filter(program_id=program_id)
    return links.select_related("program__merchant", "enrollment").order_by("-created_at", "-id")


def report_links(affiliate_id: UUID, links: Sequence[Link]) -> list[LinkReport]:
    """Return what each of the links brought, in two queries however many they are."""
    ids = [link.id for link in links]
    clicks = DailyClicks.objects.filter(affiliate_id=affiliate_id, link_id__in=ids)
    traffic = {
        link_id: Traffic(human, credited)
        for link_id, human, credited in clicks.values("link_id")
        .annotate(people=Sum("human"), counted=Sum("credited"))
        .values_list("link_id", "people", "counted")
    }
    credits = conversions_of(affiliate_id).filter(link_id__in=ids).order_by()
    earned = {
        link_id: (count, earned_minor)
        for link_id, count, earned_minor in credits.values("link_id")
        .annotate(count=Count("id"), earned=Coalesce(Sum("commission_minor"), 0))
        .values_list("link_id", "count", "earned")
    }
    return [
        LinkReport(link, traffic.get(link.id, NONE), *earned.get(link.id, (0, 0))) for link in links
    ]


def traffic_by_day(
    affiliate_id: UUID,
    *,
    period: Period,
    program_id: UUID | None = None,
    link_id: UUID | None = None,
) -> list[Traffic]:
    """Return the traffic of each day of the period."""
    clicks = DailyClicks.objects.filter(
        affiliate_id=affiliate_id, day__range=(period.first, period.last)
    )
    if program_id:
        clicks = clicks.filter(program_id=program_id)
    if link_id:
        clicks = clicks.filter(link_id=link_id)
    by_day = {
        day: Traffic(human, credited)
        for day, human, credited in clicks.values("day")
        .annotate(people=Sum("human"), counted=Sum("credited"))
        .values_list("day", "people", "counted")
    }
    return [by_day.get(day, NONE) for day in period.days]


def clicks_of(
    affiliate_id: UUID,
    *,
    period: Period,
    program_id: UUID | None = None,
    link_id: UUID | None = None,
) -> QuerySet[Click]:
    """Return the affiliate's clicks of the period, newest first.

    The bounds are on the id, so that only the partitions of these days are read.
    """
    clicks = Click.objects.filter(
        affiliate_id=affiliate_id,
        id__gte=partition_bound(period.starts_at),
        id__lt=partition_bound(period.ends_at),
    )
    if program_id:
        clicks = clicks.filter(program_id=program_id)
    if link_id:
        clicks = clicks.filter(link_id=link_id)
    return clicks.order_by("-id")


def has_clicks(affiliate_id: UUID) -> bool:
    """Return whether a person ever clicked one of the affiliate's links."""
    return DailyClicks.objects.filter(affiliate_id=affiliate_id, human__gt=0).exists()


def first_day_of_clicks(affiliate_id: UUID) -> date | None:
    """Return the first day that anything came through the affiliate's links."""
    clicks = DailyClicks.objects.filter(affiliate_id=affiliate_id)
    first: date | None = clicks.aggregate(first=Min("day"))["first"]
    return first


def branches_of(link: Link) -> list[Branch]:
    """Return the ways of a smart link with their targets, in the order in which they are asked."""
    branches = Branch.objects.filter(link_id=link.id, link__affiliate_id=link.affiliate_id)
    return list(branches.select_related("target").order_by("priority", "created_at", "id"))


@dataclass(frozen=True, slots=True)
class CouponReport:
    """A discount code, and how often it was used."""

    coupon: Coupon
    uses: int


def report_coupons(affiliate_id: UUID, coupons: Sequence[Coupon]) -> list[CouponReport]:
    """Return how often each of the codes was used, in one query however many they are."""
    uses = CouponUse.objects.filter(coupon__affiliate_id=affiliate_id, coupon__in=list(coupons))
    counts = dict(uses.values_list("coupon_id").annotate(Count("id")))
    return [CouponReport(coupon, counts.get(coupon.id, 0)) for coupon in coupons]


def coupons_of(affiliate_id: UUID, *, program_id: UUID | None = None) -> list[Coupon]:
    """Return the discount codes that merchants gave to the affiliate, newest first."""
    coupons = Coupon.objects.filter(affiliate_id=affiliate_id)
    if program_id:
        coupons = coupons.filter(program_id=program_id)
    return list(coupons.select_related("program__merchant").order_by("-created_at", "-id"))
