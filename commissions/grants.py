"""What is read of grants, the rewards that are no money."""

from uuid import UUID

from django.db.models import QuerySet

from commissions.models import Grant


def grants_of(merchant_id: UUID) -> QuerySet[Grant]:
    """Return the merchant's grants with what a list names, newest first."""
    grants = Grant.objects.filter(merchant_id=merchant_id)
    named = grants.select_related("affiliate", "program", "customer", "conversion__goal")
    return named.order_by("-created_at", "-id")


def grants_of_affiliate(affiliate_id: UUID) -> QuerySet[Grant]:
    """Return an affiliate's grants of all programs, newest first; friends' are among them.

    The caller stands in the affiliate's context.
    """
    grants = Grant.objects.filter(affiliate_id=affiliate_id)
    return grants.select_related("program", "conversion__goal").order_by("-created_at", "-id")
