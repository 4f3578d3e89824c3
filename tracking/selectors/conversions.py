"""Conversions, who is credited for them, and what was taken back."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tracking.models import (
    Conversion,
    ConversionStatus,
    Credit,
    Refund,
    Source,
    StatusReport,
)


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
    """Return what reports count: credited to somebody and not declined.

    No tests, and nothing that only a browser has reported.
    """
    real = credited(conversions).filter(is_test=False).exclude(status=ConversionStatus.DECLINED)
    return real.exclude(source=Source.PIXEL, confirmed_at=None)


def counted_credits(credits: QuerySet[Credit]) -> QuerySet[Credit]:
    """Return the credits of what reports count."""
    real = credits.filter(conversion__is_test=False)
    declined = Q(conversion__status=ConversionStatus.DECLINED)
    unverified = Q(conversion__source=Source.PIXEL, conversion__confirmed_at=None)
    return real.exclude(declined).exclude(unverified)


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
