"""Batches that prepare themselves on the days on which something falls due, and wait for approval.

Each rail that is connected gets the batch of those whom it can pay; a CSV file takes the others.
"""

from datetime import UTC, datetime, time
from uuid import UUID

from django.db import transaction

from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, PayoutPolicy, Provider, Rail
from payouts.providers import PROVIDERS
from payouts.selectors import currencies_due
from payouts.services.preparing import start_batch


class Empty(Exception):
    """Nobody would be in the batch."""


def prepare_what_is_due(*, merchant_id: UUID, at: datetime) -> int:
    """Prepare the batches of the day, once; return how many.

    The cut-off is midnight (UTC), so however late in the day it runs, the same are paid.
    """
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    with merchant_context(merchant_id):
        policies = PayoutPolicy.objects.filter(merchant_id=merchant_id, prepares_itself=True)
        policy = (
            policies.exclude(prepared_on__gte=midnight.date())
            .select_for_update(of=("self",), skip_locked=True)
            .first()
        )
        if policy is None:
            return 0
        PayoutPolicy.objects.filter(id=policy.id).update(prepared_on=midnight.date())
        made = [
            _start(merchant_id, currency, provider, midnight, at)
            for currency in currencies_due(merchant_id)
            for provider in _providers(merchant_id)
        ]
    return sum(batch is not None for batch in made)


def _providers(merchant_id: UUID) -> list[Provider]:
    """Return who is to pay, in order: those with an account of the merchant's, then the file."""
    rails = Rail.objects.filter(merchant_id=merchant_id, archived_at=None)
    connected = set(rails.values_list("provider", flat=True)) - {Provider.CSV}
    in_order = [provider for provider in Provider if provider in connected]
    return [provider for provider in (*in_order, Provider.CSV) if provider in PROVIDERS]


def _start(
    merchant_id: UUID, currency: str, provider: Provider, cutoff_at: datetime, at: datetime
) -> Batch | None:
    try:
        with transaction.atomic():
            batch = start_batch(
                merchant_id=merchant_id,
                member=None,
                currency=currency,
                provider=provider,
                cutoff_at=cutoff_at,
                at=at,
            )
            if batch.status == BatchStatus.DRAFT and not batch.items:
                raise Empty
    except Empty:
        return None
    return batch
