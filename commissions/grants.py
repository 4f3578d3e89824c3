"""What is read of grants, the rewards that are no money."""

from typing import Final
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from commissions.models import Grant, GrantStatus

TO_GIVE: Final = (GrantStatus.DUE, GrantStatus.FAILED)


def grants_of(merchant_id: UUID) -> QuerySet[Grant]:
    """Return the merchant's grants with what a list names, newest first."""
    grants = Grant.objects.filter(merchant_id=merchant_id)
    named = grants.select_related("affiliate", "program", "customer", "conversion__goal")
    return named.order_by("-created_at", "-id")


def grants_to_work_on(merchant_id: UUID) -> QuerySet[Grant]:
    """Return the same, with what is to be given first."""
    waits = Case(When(status__in=TO_GIVE, then=Value(0)), default=Value(1))
    return grants_of(merchant_id).order_by(waits, "-created_at", "-id")


def grants_of_affiliate(affiliate_id: UUID) -> QuerySet[Grant]:
    """Return an affiliate's grants of all programs, newest first; friends' are among them.

    The caller stands in the affiliate's context.
    """
    grants = Grant.objects.filter(affiliate_id=affiliate_id)
    return grants.select_related("program", "conversion__goal").order_by("-created_at", "-id")
