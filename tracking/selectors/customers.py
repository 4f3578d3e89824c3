"""Customers, and what bound them to whom."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from tracking.models import Conversion, Customer, Touch


def customers_of(merchant_id: UUID) -> QuerySet[Customer]:
    """Return the merchant's customers, newest first."""
    customers = Customer.objects.filter(merchant_id=merchant_id)
    return customers.order_by("-first_seen_at", "-id")


def conversion_counts(merchant_id: UUID, customer_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many conversions each of the customers has, tests aside; none is absent."""
    conversions = Conversion.objects.filter(
        merchant_id=merchant_id, customer_id__in=list(customer_ids), is_test=False
    )
    counts = conversions.order_by().values_list("customer_id").annotate(count=Count("id"))
    return {customer_id: count for customer_id, count in counts if customer_id}


def bindings_of(merchant_id: UUID, customer_ids: Iterable[UUID]) -> dict[UUID, list[Touch]]:
    """Return what bound each of the customers: the earliest, which counts, first; tests last."""
    touches = Touch.objects.filter(merchant_id=merchant_id, customer_id__in=list(customer_ids))
    found: dict[UUID, list[Touch]] = {}
    touches = touches.select_related("affiliate", "program")
    for touch in touches.order_by("is_test", "bound_at", "id"):
        found.setdefault(touch.customer_id, []).append(touch)
    return found
