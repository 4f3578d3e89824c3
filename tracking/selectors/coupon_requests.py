"""Codes that were asked for."""

from uuid import UUID

from django.db.models import QuerySet

from tracking.models import CouponRequest


def coupon_requests_of(merchant_id: UUID) -> QuerySet[CouponRequest]:
    """Return what the merchant's affiliates asked for, with who they are, the oldest first."""
    rows = CouponRequest.objects.filter(merchant_id=merchant_id)
    return rows.select_related("program", "enrollment", "affiliate").order_by("asked_at", "id")


def coupon_requests_by(affiliate_id: UUID) -> QuerySet[CouponRequest]:
    """Return what an affiliate asked for, of all merchants, the newest first."""
    rows = CouponRequest.objects.filter(affiliate_id=affiliate_id)
    return rows.select_related("program__merchant").order_by("-asked_at", "-id")
