"""Prepare: store what `propose` finds as a batch that waits for approval."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import Batch, Exclusion, Payout, PayoutLine, Provider
from payouts.proposal import Item, Proposal, propose
from payouts.services import books


class NothingToPay(Exception):
    """No affiliate can be paid now; the dry run says why."""


def prepare_batch(
    *,
    member: Member,
    currency: str,
    at: datetime,
    cutoff_at: datetime | None = None,
    provider: Provider = Provider.CSV,
) -> Batch:
    """Store what `propose` finds as a batch waiting for approval; return it.

    Commissions already in a live payout are not approved any more, or the unique index refuses.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NothingToPay: if no affiliate can be paid.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        # One preparation at a time per merchant: two would take the same commissions.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=member.merchant_id)
        proposal = propose_batch(
            merchant_id=member.merchant_id, currency=currency, at=at, cutoff_at=cutoff_at
        )
        if not proposal.items:
            raise NothingToPay(currency)
        batch = _create_batch(member, proposal, provider, at, cutoff_at or at)
        _create_payouts(batch, proposal.items, at)
        books.record_batch(
            batch,
            "payout_batch.prepared",
            acting_user(member.user),
            at,
            {"items": len(proposal.items)},
        )
    return batch


def propose_batch(
    *, merchant_id: UUID, currency: str, at: datetime, cutoff_at: datetime | None = None
) -> Proposal:
    """Return what `prepare_batch` would store now: the dry run."""
    return propose(merchant_id=merchant_id, currency=currency, cutoff_at=cutoff_at or at, at=at)


def _create_batch(
    member: Member, proposal: Proposal, provider: Provider, at: datetime, cutoff_at: datetime
) -> Batch:
    batches = Batch.objects.filter(merchant_id=member.merchant_id)
    batch = Batch.objects.create(
        merchant_id=member.merchant_id,
        number=(batches.aggregate(Max("number"))["number__max"] or 0) + 1,
        currency=proposal.currency,
        provider=provider,
        status_changed_at=at,
        cutoff_at=cutoff_at,
        prepared_by=member,
        items=len(proposal.items),
        amount_minor=proposal.amount_minor,
    )
    Exclusion.objects.bulk_create(
        Exclusion(
            merchant_id=batch.merchant_id,
            batch=batch,
            affiliate=row.affiliate,
            amount_minor=row.amount_minor,
            reason=row.reason,
        )
        for row in proposal.left_out
    )
    return batch


def _create_payouts(batch: Batch, items: Sequence[Item], at: datetime) -> None:
    payouts = [
        Payout(
            merchant_id=batch.merchant_id,
            batch=batch,
            affiliate=item.affiliate,
            method=item.method,
            method_masked=item.method.masked,
            amount_minor=item.amount_minor,
            earned_minor=item.amount_minor,
            currency=batch.currency,
            status_changed_at=at,
            reference=f"FL-{batch.number}-{position}",
        )
        for position, item in enumerate(items, start=1)
    ]
    Payout.objects.bulk_create(payouts)
    PayoutLine.objects.bulk_create(
        PayoutLine(
            merchant_id=batch.merchant_id,
            payout=payout,
            commission_id=commission_id,
            affiliate_id=payout.affiliate_id,
            amount_minor=amount_minor,
        )
        for payout, item in zip(payouts, items, strict=True)
        for commission_id, amount_minor in item.lines
    )
