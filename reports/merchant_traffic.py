"""What came through a merchant's destinations, links and coupons. Callers stand in its context."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, QuerySet, Sum
from django.db.models.functions import Left, Lower

from programs.models import Destination, Program
from reports.models import DailyClicks, DailyDestinationClicks
from reports.selectors import Period
from tracking.models import Coupon, CouponUse, Credit, Link, MissedCode
from tracking.selectors import counted_credits

ALIKE = 0.75  # How alike two codes must be for one to be the other misspelt; 1 is the same.
ALIKE_PREFIX = 2  # People err later in a word.
CODES_MAX = 5_000  # That are read for a page; strangers choose what was asked for.
ALIKE_MAX = 100  # Codes of one beginning that are compared.
SIGNS_AT_THE_END = ".,;:!?)]}>\"'"  # What follows an address in a text, and is copied with it.


@dataclass(frozen=True, slots=True)
class Result:
    """What came through one destination or link; money is in the program's currency."""

    clicks: int = 0  # Of people.
    uniques: int = 0
    conversions: int = 0
    revenue_minor: int = 0

    @property
    def conversion_ppm(self) -> int:
        """Conversions per million unique visitors; 0 without visitors."""
        return self.conversions * 1_000_000 // self.uniques if self.uniques else 0


def destination_results(program: Program, period: Period) -> dict[UUID, Result]:
    """Return what came through each destination of the program; those without are missing."""
    clicks = DailyDestinationClicks.objects.filter(
        merchant_id=program.merchant_id,
        program_id=program.id,
        day__range=(period.first, period.last),
    )
    sums = clicks.values("destination_id").annotate(people=Sum("human"), once=Sum("uniques"))
    visits = {row["destination_id"]: (row["people"], row["once"]) for row in sums}
    credits = _credits(program.merchant_id, period).filter(
        conversion__program_id=program.id, destination_id__isnull=False
    )
    earned = _earned(credits, "destination_id")
    return {id: Result(*visits.get(id, (0, 0)), *earned.get(id, (0, 0))) for id in visits | earned}


def link_results(merchant_id: UUID, ids: Sequence[UUID], period: Period) -> dict[UUID, Result]:
    """Return what came through each of the links, in two queries however many they are."""
    clicks = DailyClicks.objects.filter(
        merchant_id=merchant_id, link_id__in=ids, day__range=(period.first, period.last)
    )
    sums = clicks.values("link_id").annotate(people=Sum("human"), once=Sum("uniques"))
    visits = {row["link_id"]: (row["people"], row["once"]) for row in sums}
    earned = _earned(_credits(merchant_id, period).filter(link_id__in=ids), "link_id")
    return {id: Result(*visits.get(id, (0, 0)), *earned.get(id, (0, 0))) for id in ids}


def _credits(merchant_id: UUID, period: Period) -> QuerySet[Credit]:
    return counted_credits(
        Credit.objects.filter(
            merchant_id=merchant_id,
            conversion__occurred_at__gte=period.starts_at,
            conversion__occurred_at__lt=period.ends_at,
        )
    )


def _earned(credits: QuerySet[Credit], key: str) -> dict[UUID, tuple[int, int]]:
    """Return how many conversions are credited, and their amounts, by the key."""
    sums = credits.order_by().values(key).annotate(count=Count("id"), amount=Sum("amount_minor"))
    return {row[key]: (row["count"], row["amount"]) for row in sums}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What asked for a merchant's links on one day."""

    day: date
    clicks: int = 0  # Everything that asked.
    human: int = 0  # Of these, people.
    credited: int = 0  # Of these, clicks that may earn.
    uniques: int = 0  # People, once within 24 hours.


def daily_traffic(
    merchant_id: UUID,
    period: Period,
    *,
    program_id: UUID | None = None,
    enrollment_id: UUID | None = None,
    link_id: UUID | None = None,
) -> list[Traffic]:
    """Return the traffic of each day, oldest first, empty days included."""
    wanted = {"program_id": program_id, "enrollment_id": enrollment_id, "link_id": link_id}
    rows = DailyClicks.objects.filter(
        merchant_id=merchant_id,
        day__range=(period.first, period.last),
        **{name: value for name, value in wanted.items() if value},
    )
    sums = rows.values("day").annotate(
        everything=Sum("clicks"), people=Sum("human"), counted=Sum("credited"), once=Sum("uniques")
    )
    by_day = {
        row["day"]: Traffic(
            row["day"], row["everything"], row["people"], row["counted"], row["once"]
        )
        for row in sums
    }
    return [by_day.get(day, Traffic(day)) for day in period]


# Links and coupons: by id, which is by time, as an index of each merchant's rows is ---------------


def merchant_links(merchant_id: UUID) -> QuerySet[Link]:
    """Return the merchant's links with whose and what they are, newest first."""
    links = Link.objects.filter(merchant_id=merchant_id)
    return links.select_related("program", "enrollment", "affiliate").order_by("-id")


def merchant_coupons(merchant_id: UUID) -> QuerySet[Coupon]:
    """Return the merchant's coupons with whose they are, newest first."""
    coupons = Coupon.objects.filter(merchant_id=merchant_id)
    return coupons.select_related("program", "enrollment", "affiliate").order_by("-id")


def coupon_uses(ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how often each of the coupons was used; the callers' context says whose they are."""
    uses = CouponUse.objects.filter(coupon_id__in=ids).values("coupon_id")
    counts = dict(uses.annotate(count=Count("id")).values_list("coupon_id", "count"))
    return {id: counts.get(id, 0) for id in ids}


# Unknown codes -----------------------------------------------------------------------------------


def missed_codes(merchant_id: UUID, period: Period) -> QuerySet[MissedCode, Any]:
    """Return each code that led nowhere, with its hits, host and last visit; most hits first."""
    rows = MissedCode.objects.filter(
        merchant_id=merchant_id, day__range=(period.first, period.last)
    )
    grouped = rows.values("code", "host", "reason").annotate(
        total=Sum("hits"), seen_at=Max("last_at"), referrer=Max("referrer_host")
    )
    return grouped.order_by("-total", F("seen_at").desc(), "code")


def codes_alike(merchant_id: UUID, codes: Iterable[str]) -> dict[str, str]:
    """Return for each code that looks like a link's code which one; in one query."""
    wanted = {code: code.rstrip(SIGNS_AT_THE_END).lower() for code in codes}
    prefixes = {plain[:ALIKE_PREFIX] for plain in wanted.values() if len(plain) >= ALIKE_PREFIX}
    if not prefixes:
        return {}
    links = Link.objects.filter(merchant_id=merchant_id, archived_at=None)
    near = links.annotate(start=Lower(Left("code", ALIKE_PREFIX))).filter(start__in=prefixes)
    known: dict[str, list[str]] = {}
    for code in near.order_by("code").values_list("code", flat=True)[:CODES_MAX]:
        group = known.setdefault(code[:ALIKE_PREFIX].lower(), [])
        if len(group) < ALIKE_MAX:
            group.append(code)
    found = {
        code: _closest(plain, known.get(plain[:ALIKE_PREFIX], [])) for code, plain in wanted.items()
    }
    return {code: alike for code, alike in found.items() if alike}


def _closest(plain: str, codes: Sequence[str]) -> str:
    by_plain = {code.lower(): code for code in codes}
    return next(
        (by_plain[match] for match in get_close_matches(plain, by_plain, n=1, cutoff=ALIKE)), ""
    )


def destination_names(merchant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of the destinations, the archived ones too."""
    found = Destination.objects.filter(merchant_id=merchant_id, id__in=list(ids))
    return dict(found.values_list("id", "name"))
