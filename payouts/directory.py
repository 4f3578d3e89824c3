"""Whose rows are due: asked across tenants by the worker, so as ops; reads only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from merchants.tenancy import OPS
from payouts.models import (
    Batch,
    BatchStatus,
    Exclusion,
    Notice,
    Payout,
    PayoutMethod,
    PayoutPolicy,
    Provider,
    Rail,
    Withdrawal,
)


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


def merchants_with_batches_to_prepare() -> list[UUID]:
    """Return the merchants with large batches that are being prepared."""
    return _merchants_with_batches(BatchStatus.PREPARING)


def merchants_with_batches_to_reserve() -> list[UUID]:
    """Return the merchants with large batches whose commissions are to be reserved."""
    return _merchants_with_batches(BatchStatus.APPROVING)


def _merchants_with_batches(status: BatchStatus) -> list[UUID]:
    due = Batch.objects.using(OPS).filter(status=status)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_whose_batches_prepare_themselves(*, at: datetime) -> list[UUID]:
    """Return the merchants of whom nobody has looked today whether something is due."""
    policies = PayoutPolicy.objects.using(OPS).filter(prepares_itself=True)
    due = policies.exclude(prepared_on__gte=at.date())
    return list(due.order_by().values_list("merchant_id", flat=True))


def merchants_with_payout_mails(*, at: datetime) -> list[UUID]:
    """Return the merchants with batches, payouts or requests that somebody is to be told of."""
    found: set[UUID] = set()
    for model in (Batch, Exclusion, Payout, Withdrawal):
        due = model.objects.using(OPS).filter(mail_due_at__lte=at)
        found |= set(due.order_by().values_list("merchant_id", flat=True).distinct())
    return sorted(found)
