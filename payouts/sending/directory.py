"""Whose payouts are to be sent or asked about: asked across merchants, so as ops; reads only."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from merchants.tenancy import OPS
from payouts.models import Attempt, AttemptStatus, BatchStatus, Payout, PayoutStatus


def merchants_with_payouts_to_submit() -> list[UUID]:
    """Return the merchants with payouts that a provider is still to be told of."""
    due = Payout.objects.using(OPS).filter(
        status=PayoutStatus.RESERVED, batch__status=BatchStatus.SENT, batch__rail__isnull=False
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_calls_to_resolve(*, at: datetime) -> list[UUID]:
    """Return the merchants with calls whose fate is to be found out now."""
    expired = Q(status=AttemptStatus.SENDING, next_check_at=None, leased_until__lte=at)
    due = Q(status__in=[AttemptStatus.SENDING, AttemptStatus.UNKNOWN], next_check_at__lte=at)
    attempts = Attempt.objects.using(OPS).filter(expired | due)
    return list(attempts.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_calls_to_poll(*, at: datetime) -> list[UUID]:
    """Return the merchants with accepted calls that are to be asked about now."""
    due = Attempt.objects.using(OPS).filter(status=AttemptStatus.ACCEPTED, next_check_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
