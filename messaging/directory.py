"""Whose messages and broadcasts are due: asked across merchants by the worker, so as ops."""

from datetime import datetime
from uuid import UUID

from merchants.tenancy import OPS
from messaging.models import Broadcast, BroadcastStatus, Message


def merchants_with_mails() -> list[UUID]:
    """Return the merchants with messages of which the other side was not told yet."""
    due = Message.objects.using(OPS).filter(mail_due_at__isnull=False)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_broadcasts(*, at: datetime) -> list[UUID]:
    """Return the merchants with a broadcast that is due, or under way."""
    due = Broadcast.objects.using(OPS).filter(
        status__in=[BroadcastStatus.SCHEDULED, BroadcastStatus.RUNNING], starts_at__lte=at
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
