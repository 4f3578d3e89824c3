"""Customers, and what bound them to whom."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tracking.models import Customer, Touch


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
