"""Whose answers are due to be forgotten: asked across merchants, so as ops; reads only."""

from datetime import datetime
from uuid import UUID

from interfaces.api.models import AffiliateAnswer, IdempotentAnswer
from merchants.tenancy import OPS


def merchants_with_answers(*, before: datetime) -> list[UUID]:
    """Return the merchants with answers that were given before a moment."""
    old = IdempotentAnswer.objects.using(OPS).filter(created_at__lt=before)
    return list(old.order_by().values_list("merchant_id", flat=True).distinct())


def affiliates_with_answers(*, before: datetime) -> list[UUID]:
    """Return the affiliates with answers that were given before a moment."""
    old = AffiliateAnswer.objects.using(OPS).filter(created_at__lt=before)
    return list(old.order_by().values_list("affiliate_id", flat=True).distinct())
