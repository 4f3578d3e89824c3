"""Approve, or cancel, what was prepared."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Status as CommissionStatus
from common.states import IllegalMove
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import Batch, BatchStatus, Payout, PayoutStatus
from payouts.services import books
from payouts.services.books import BatchOutdated
from payouts.services.settle import free_withdrawals


class SelfApproval(Exception):
    """A batch is approved by another member than the one who prepared it."""


def approve_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Approve a batch and reserve its commissions; return it. Of many at once, one succeeds.

    :raises NotAllowed: if the member may not approve payouts.
    :raises SelfApproval: if the member prepared the batch.
    :raises IllegalMove: if the batch does not wait for approval.
    :raises BatchOutdated: if a commission of it is not approved any more, or a payee changed.
    """
    require(member, Right.APPROVE_PAYOUTS)
    if batch.prepared_by_id == member.id:
        raise SelfApproval(str(batch.id))
    by = acting_user(member.user)
    with transaction.atomic():
        move_batch(batch, BatchStatus.APPROVED, at, approved_by=member, approved_at=at)
        require_payees(batch)
        ids = payout_ids(batch)
        books.move_payouts(batch.merchant_id, [{"id": id} for id in ids], PayoutStatus.RESERVED, at)
        books.move_commissions(batch.merchant_id, ids, CommissionStatus.RESERVED, at)
        books.post_reserved(batch.merchant_id, ids, at)
        books.record_batch(batch, "payout_batch.approved", by, at)
    batch.refresh_from_db()
    return batch


def cancel_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Cancel a batch that was not handed over; its commissions are payable again. Return it.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch was handed over or is closed.
    """
    require(member, Right.PREPARE_PAYOUTS)
    by = acting_user(member.user)
    with transaction.atomic():
        was_reserved = batch.status == BatchStatus.APPROVED
        move_batch(batch, BatchStatus.CANCELLED, at, expected=BatchStatus(batch.status))
        ids = payout_ids(batch)
        books.move_payouts(
            batch.merchant_id, [{"id": id} for id in ids], PayoutStatus.CANCELLED, at
        )
        if was_reserved:
            books.move_commissions(batch.merchant_id, ids, CommissionStatus.APPROVED, at)
            books.post_given_back(batch.merchant_id, ids, "cancelled", at)
        books.release_lines(batch.merchant_id, ids, at)
        free_withdrawals(batch.merchant_id, ids, at)
        books.record_batch(batch, "payout_batch.cancelled", by, at)
    batch.refresh_from_db()
    return batch


def payout_ids(batch: Batch) -> list[Any]:
    """Return the ids of the batch's payouts, in the order of their references."""
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)
    return list(payouts.order_by("id").values_list("id", flat=True))


def move_batch(
    batch: Batch,
    to: BatchStatus,
    at: datetime,
    *,
    expected: BatchStatus | None = None,
    **facts: Any,
) -> None:
    """Move the batch.

    :raises IllegalMove: if it is not in a status from which it may go there, or not in `expected`.
    """
    rows = Batch.objects.filter(id=batch.id)
    if expected is not None:
        rows = rows.filter(status=expected)
    if not rows.move(to=to, at=at, **facts):
        batch.refresh_from_db(fields=["status"])
        raise IllegalMove("The batch", to=to, status=batch.status)


def require_payees(batch: Batch) -> None:
    """Return quietly when everybody of the batch is to be paid, and where it says.

    :raises BatchOutdated: if somebody was suspended, or is to be paid somewhere else by now.
    """
    suspended = Enrollment.objects.filter(
        merchant_id=batch.merchant_id, status=EnrollmentStatus.SUSPENDED
    )
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)
    changed = payouts.filter(
        Q(method__replaced_at__isnull=False) | Q(affiliate_id__in=suspended.values("affiliate_id"))
    )
    if changed.exists():
        raise BatchOutdated("a payee was suspended or changed their payout method")
