"""Whose published pages are to be looked at: asked across merchants by the worker, so as ops."""

from uuid import UUID

from collaborations.models import Collaboration, CollaborationStatus
from merchants.tenancy import OPS


def merchants_to_look_for() -> list[UUID]:
    """Return the merchants with a published page that nobody has looked at yet."""
    due = Collaboration.objects.using(OPS).filter(
        status=CollaborationStatus.PUBLISHED, looked_at=None
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
