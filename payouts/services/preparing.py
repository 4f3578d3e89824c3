"""Prepare: store what is proposed as a batch that waits for approval.

A large batch is prepared by a worker, some thousand affiliates for each transaction. What it has
reached is kept with the batch, so a worker that dies is followed by one that goes on from there.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from affiliates.models import Enrollment
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from merchants.models import SYSTEM, Actor, Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, Provider
from payouts.proposal import Proposal, Scope, propose
from payouts.services import books
from payouts.services.filling import fill
from payouts.services.handing_over import rail_in_force

LARGE = 20_000  # Commissions from which on a worker does it.
AFFILIATES_AT_ONCE = 25_000
NOBODY_YET = "00000000-0000-0000-0000-000000000000"


class NothingToPay(Exception):
    """No affiliate can be paid now; the dry run says why."""


def propose_batch(
    *,
    merchant_id: UUID,
    currency: str,
    at: datetime,
    cutoff_at: datetime | None = None,
    provider: Provider = Provider.CSV,
) -> Proposal:
    """Return what `prepare_batch` would store now: the dry run."""
    return propose(
        Scope(
            merchant_id=merchant_id,
            currency=currency,
            provider=provider,
            cutoff_at=cutoff_at or at,
            at=at,
        )
    )


def prepare_batch(
    *,
    member: Member,
    currency: str,
    at: datetime,
    cutoff_at: datetime | None = None,
    provider: Provider = Provider.CSV,
) -> Batch:
    """Store what is proposed as a batch waiting for approval; return it.

    A large one is returned while it is being prepared.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NothingToPay: if no affiliate can be paid.
    :raises NoRail: if the provider needs an account, and none is connected.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        batch = start_batch(
            merchant_id=member.merchant_id,
            member=member,
            currency=currency,
            provider=provider,
            cutoff_at=cutoff_at or at,
            at=at,
        )
        if batch.status == BatchStatus.DRAFT and not batch.items:
            raise NothingToPay(currency)
    return batch


def start_batch(
    *,
    merchant_id: UUID,
    member: Member | None,
    currency: str,
    provider: Provider,
    cutoff_at: datetime,
    at: datetime,
) -> Batch:
    """Store a batch and fill it, or leave that to a worker if it is large; return it.

    It may come out without payouts. Callers open the transaction.
    """
    # One preparation at a time per merchant: two would take the same commissions.
    Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=merchant_id)
    by_worker = is_large(merchant_id, currency)
    batches = Batch.objects.filter(merchant_id=merchant_id)
    batch = Batch.objects.create(
        merchant_id=merchant_id,
        number=(batches.aggregate(Max("number"))["number__max"] or 0) + 1,
        currency=currency,
        provider=provider,
        rail=rail_in_force(merchant_id=merchant_id, provider=provider),
        status=BatchStatus.PREPARING if by_worker else BatchStatus.DRAFT,
        status_changed_at=at,
        cutoff_at=cutoff_at,
        prepared_by=member,
        mail_due_at=None if by_worker else at,
        progress={"done": 0, "total": _enrollments(merchant_id).count()} if by_worker else {},
    )
    if not by_worker:
        fill(batch, at)
        _record_prepared(batch, acting_user(member.user) if member else SYSTEM, at)
    return batch


def is_large(merchant_id: UUID, currency: str) -> bool:
    """Return whether so many commissions are approved that a worker prepares the batch."""
    due = Commission.objects.in_status(CommissionStatus.APPROVED).filter(
        merchant_id=merchant_id, currency=currency
    )
    return due.order_by()[: LARGE + 1].count() > LARGE


def _enrollments(merchant_id: UUID) -> QuerySet[Enrollment]:
    """Return one enrollment of each affiliate, in the order of the affiliates' ids."""
    enrollments = Enrollment.objects.filter(merchant_id=merchant_id)
    return enrollments.order_by("affiliate_id").distinct("affiliate_id")


def _record_prepared(batch: Batch, by: Actor, at: datetime) -> None:
    books.record_batch(batch, "payout_batch.prepared", by, at, {"items": batch.items})


# By a worker -------------------------------------------------------------------------------------


def prepare_further(*, merchant_id: UUID, at: datetime) -> int:
    """Take a batch that is being prepared further; return how many affiliates were looked at.

    Safe to run twice at once: each holds the row of the batch that it works on.
    """
    with merchant_context(merchant_id):
        waiting = Batch.objects.filter(merchant_id=merchant_id, status=BatchStatus.PREPARING)
        batch = (
            waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .order_by("number")
            .first()
        )
        if batch is None:
            return 0
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=merchant_id)
        after = UUID(batch.progress.get("after") or NOBODY_YET)
        rows = _enrollments(merchant_id).filter(affiliate_id__gt=after)
        ids = list(rows.values_list("affiliate_id", flat=True)[:AFFILIATES_AT_ONCE])
        fill(batch, at, ids)
        _note_progress(batch, ids)
        if len(ids) < AFFILIATES_AT_ONCE:
            _finish(batch, at)
        return max(len(ids), 1)


def _note_progress(batch: Batch, ids: list[UUID]) -> None:
    progress = batch.progress
    batch.progress = {
        "done": progress["done"] + len(ids),
        "total": max(progress["total"], progress["done"] + len(ids)),
        "after": str(ids[-1]) if ids else progress.get("after", ""),
    }
    batch.save(update_fields=["progress"])


def _finish(batch: Batch, at: datetime) -> None:
    rows = Batch.objects.filter(id=batch.id)
    if batch.items:
        rows.move(to=BatchStatus.DRAFT, at=at, mail_due_at=at)
        member = batch.prepared_by
        _record_prepared(batch, acting_user(member.user) if member else SYSTEM, at)
    else:
        rows.move(to=BatchStatus.CANCELLED, at=at, problem="Nobody could be paid.")
