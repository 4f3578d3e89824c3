"""Whose rows are due: asked across tenants by the worker, so as ops; reads only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from merchants.tenancy import OPS
from payouts.models import Notice, PayoutMethod, Provider, Rail


def affiliates_with_new_methods() -> list[UUID]:
    """Return the affiliates whose people are to be told where their money goes by now."""
    due = PayoutMethod.objects.using(OPS).filter(mail_due_at__isnull=False)
    return list(due.order_by().values_list("affiliate_id", flat=True).distinct())


def rail_of_notices(*, provider: str, token: str) -> Rail | None:
    """Return the rail whose notices arrive at this address, an archived one, too."""
    return Rail.objects.using(OPS).filter(provider=provider, notice_token=token).first()


def merchants_with_notices(*, at: datetime) -> list[UUID]:
    """Return the merchants with notices of providers that are to be worked through."""
    due = Notice.objects.using(OPS).filter(processed_at=None, due_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rails_to_check(*, at: datetime) -> list[UUID]:
    """Return the merchants with rails whose credentials are to be tried."""
    due = Rail.objects.using(OPS).filter(check_due_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rails(providers: Sequence[Provider]) -> list[UUID]:
    """Return the merchants with accounts, archived ones too, with one of these providers."""
    rails = Rail.objects.using(OPS).filter(provider__in=providers)
    return list(rails.order_by().values_list("merchant_id", flat=True).distinct())
