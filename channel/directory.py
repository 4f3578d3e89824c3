"""Whose deals are due: asked across merchants by the worker, so as ops."""

from datetime import datetime
from uuid import UUID

from channel.models import Deal, DealStatus
from merchants.tenancy import OPS


def merchants_with_deals_over(*, at: datetime) -> list[UUID]:
    """Return the merchants with protected deals whose time has passed."""
    due = Deal.objects.using(OPS).filter(status=DealStatus.APPROVED, protected_until__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
