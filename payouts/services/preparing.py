"""Prepare: store what is proposed as a batch that waits for approval.

A large batch is prepared by workers, in parts of some thousand affiliates (`parts`).
"""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from affiliates.models import Enrollment
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from merchants.models import SYSTEM, Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchPart, BatchStatus, Provider
from payouts.proposal import Proposal, Scope, propose
from payouts.services import books
from payouts.services.filling import count, fill, last_position
from payouts.services.handing_over import rail_in_force
from payouts.services.parts import cut, has_parts, is_cut, take_batch, take_part, within

LARGE = 20_000  # Commissions from which on workers do it.


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
        is_large=by_worker,
    )
    if not by_worker:
        fill(batch, at)
        count(batch)
        _record_prepared(batch, at)
    return batch


def is_large(merchant_id: UUID, currency: str) -> bool:
    """Return whether so many commissions are approved that a worker prepares the batch."""
    due = Commission.objects.in_status(CommissionStatus.APPROVED).filter(
        merchant_id=merchant_id, currency=currency
    )
    return due.order_by()[: LARGE + 1].count() > LARGE


def _record_prepared(batch: Batch, at: datetime) -> None:
    member = batch.prepared_by
    by = acting_user(member.user) if member else SYSTEM
    books.record_batch(batch, "payout_batch.prepared", by, at, {"items": batch.items})


# By workers --------------------------------------------------------------------------------------


def prepare_further(*, merchant_id: UUID, at: datetime) -> int:
    """Take a batch that is being prepared one step further; return 0 if there is nothing to do.

    It is cut into parts, these are filled, by several workers at once, and then it waits for
    approval.
    """
    with merchant_context(merchant_id):
        part = take_part(merchant_id, BatchStatus.PREPARING)
        if part is not None:
            _fill_part(part, at)
            return part.affiliates
        batch = take_batch(merchant_id, BatchStatus.PREPARING)
        if batch is None:
            return 0
        if not is_cut(batch):
            cut(batch, _affiliate_ids(merchant_id), after_position=last_position(batch))
        elif not has_parts(batch):
            _finish(batch, at)
    return 1


def _affiliate_ids(merchant_id: UUID, *conditions: Q) -> QuerySet[Enrollment, UUID]:
    enrollments = Enrollment.objects.filter(*conditions, merchant_id=merchant_id)
    ids = enrollments.order_by("affiliate_id").values_list("affiliate_id", flat=True)
    return ids.distinct()


# Other parts are filled meanwhile; another batch is not prepared.
SHARE_MERCHANT = "SELECT FROM merchants_merchant WHERE id = %s FOR SHARE"


def _fill_part(part: BatchPart, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SHARE_MERCHANT, [part.merchant_id])
    ids = list(_affiliate_ids(part.merchant_id, within(part)))
    fill(part.batch, at, ids, after_position=part.after_position)
    part.delete()


def _finish(batch: Batch, at: datetime) -> None:
    rows = Batch.objects.filter(id=batch.id)
    count(batch)
    if batch.items:
        rows.move(to=BatchStatus.DRAFT, at=at, mail_due_at=at)
        _record_prepared(batch, at)
    else:
        rows.move(to=BatchStatus.CANCELLED, at=at, problem="Nobody could be paid.")
