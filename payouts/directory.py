"""Whose rows are due: asked across tenants by the worker, so as ops; reads only."""

from datetime import date, datetime
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


def merchants_with_notices() -> list[UUID]:
    """Return the merchants with notices of providers that were not worked through."""
    due = Notice.objects.using(OPS).filter(processed_at=None)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rails_to_check(*, at: datetime) -> list[UUID]:
    """Return the merchants with rails whose credentials are to be tried."""
    due = Rail.objects.using(OPS).filter(check_due_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_to_reconcile(*, day: date, providers: list[Provider]) -> list[UUID]:
    """Return the merchants with a rail of which that day was not compared."""
    rails = Rail.objects.using(OPS).filter(provider__in=providers, created_at__date__lte=day)
    due = rails.exclude(reconciliations__day=day, reconciliations__error="")
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
