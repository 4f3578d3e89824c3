"""What is read of links, clicks and facts by a merchant. Callers stand in its context."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from affiliates.models import Enrollment
from common.ids import partition_bound
from programs.models import Program
from tracking.models import (
    Click,
    Conversion,
    ConversionStatus,
    Coupon,
    Credit,
    Customer,
    Import,
    IntakeCall,
    Link,
    Refund,
    StatusReport,
    Touch,
)

SIGNAL_AGE = timedelta(days=7)


def conversions_of(merchant_id: UUID) -> QuerySet[Conversion]:
    """Return the merchant's conversions with program and goal, newest first."""
    conversions = Conversion.objects.filter(merchant_id=merchant_id)
    return conversions.select_related("program", "goal").order_by("-occurred_at", "-id")


def credited(conversions: QuerySet[Conversion]) -> QuerySet[Conversion]:
    """Return those that attribution gave to somebody."""
    return conversions.filter(_has_credit())


def uncredited(conversions: QuerySet[Conversion]) -> QuerySet[Conversion]:
    """Return those that attribution gave to nobody, or has not seen yet."""
    return conversions.filter(~_has_credit())


def _has_credit() -> Exists:
    return Exists(
        Credit.objects.filter(merchant_id=OuterRef("merchant_id"), conversion_id=OuterRef("id"))
    )


def counted(conversions: QuerySet[Conversion]) -> QuerySet[Conversion]:
    """Return what reports count: credited to somebody and not declined."""
    return credited(conversions).exclude(status=ConversionStatus.DECLINED)


def credits_of(conversion: Conversion) -> list[Credit]:
    """Return who shares in a conversion, the largest share first."""
    credits = Credit.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(credits.select_related("enrollment__affiliate").order_by("-share_ppm", "id"))


def refunds_of(conversion: Conversion) -> list[Refund]:
    """Return what was taken back of a conversion, oldest first."""
    refunds = Refund.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(refunds.order_by("occurred_at", "id"))


def waiting_refunds_of(merchant_id: UUID) -> QuerySet[Refund]:
    """Return the refunds whose order has not been reported yet, newest first."""
    refunds = Refund.objects.filter(merchant_id=merchant_id, conversion=None)
    return refunds.select_related("program", "goal").order_by("-created_at", "-id")


def statuses_of(conversion: Conversion) -> list[StatusReport]:
    """Return what the merchant's systems said of a conversion later, in the order it happened."""
    reports = StatusReport.objects.filter(
        merchant_id=conversion.merchant_id,
        program_id=conversion.program_id,
        goal_id=conversion.goal_id,
        order_id=conversion.external_id,
        is_test=conversion.is_test,
    )
    return list(reports.order_by("occurred_at", "id"))


def customers_of(merchant_id: UUID) -> QuerySet[Customer]:
    """Return the merchant's customers with their `conversion_count`, tests aside, newest first."""
    customers = Customer.objects.filter(merchant_id=merchant_id)
    genuine = Count("conversions", filter=Q(conversions__is_test=False))
    return customers.annotate(conversion_count=genuine).order_by("-first_seen_at", "-id")


def bindings_of(merchant_id: UUID, customer_ids: Iterable[UUID]) -> dict[UUID, list[Touch]]:
    """Return what bound each of the customers, the earliest, which counts, first."""
    touches = Touch.objects.filter(merchant_id=merchant_id, customer_id__in=list(customer_ids))
    found: dict[UUID, list[Touch]] = {}
    for touch in touches.select_related("affiliate", "program").order_by("bound_at", "id"):
        found.setdefault(touch.customer_id, []).append(touch)
    return found


def intake_calls_of(merchant_id: UUID) -> QuerySet[IntakeCall]:
    """Return what was said to the merchant's public intakes, newest first; kept for 30 days."""
    return IntakeCall.objects.filter(merchant_id=merchant_id).order_by("-id")


def imports_of(merchant_id: UUID) -> QuerySet[Import]:
    """Return the merchant's imports without their files, newest first."""
    imports = Import.objects.filter(merchant_id=merchant_id).defer("content")
    return imports.select_related("program", "member__user").order_by("-created_at", "-id")


def links_of(enrollment: Enrollment) -> list[Link]:
    """Return the enrollment's links, oldest first."""
    links = Link.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(links.order_by("created_at", "id"))


def coupons_of(enrollment: Enrollment) -> list[Coupon]:
    """Return the enrollment's coupons, oldest first."""
    coupons = Coupon.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(coupons.order_by("created_at", "id"))


def links_by_id(*, merchant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Link]:
    """Return the named links with their affiliates."""
    links = Link.objects.filter(merchant_id=merchant_id, id__in=list(ids))
    return {link.id: link for link in links.select_related("affiliate")}


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
