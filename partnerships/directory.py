"""Which merchants have reviews or items that are due: asked by the worker, so as ops."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from merchants.tenancy import OPS
from partnerships.goals import running_goals
from partnerships.models import Item, ItemStatus, Review, ReviewStatus, SharedGoal

REVIEW_AHEAD = timedelta(days=7)
ITEM_AHEAD = timedelta(days=3)


def merchants_to_look_at(*, at: datetime) -> list[UUID]:
    """Return the merchants with a review or an item that comes soon, or is over and open."""
    today = at.astimezone(UTC).date()
    reviews = Review.objects.using(OPS).filter(
        status=ReviewStatus.PLANNED, planned_on__lte=today + REVIEW_AHEAD
    )
    items = Item.objects.using(OPS).filter(
        status=ItemStatus.OPEN, due_on__lte=today + ITEM_AHEAD, overdue_told_at=None
    )
    ids = {*reviews.values_list("merchant_id", flat=True).distinct()}
    ids |= {*items.values_list("merchant_id", flat=True).distinct()}
    return sorted(ids)


def merchants_with_goals(*, at: datetime) -> list[UUID]:
    """Return the merchants with a shared goal that may be reached now."""
    rows = running_goals(SharedGoal.objects.using(OPS).all(), at=at)
    return list(rows.order_by().values_list("merchant_id", flat=True).distinct())
