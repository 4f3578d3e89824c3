"""What became of payouts, as those who sent them know it: set-based, and harmless twice.

Each call is one transaction over up to 15,000 payouts of one merchant, whose context the caller is
in. It moves those payouts that may go there and returns their ids; the others stay as they are, so
a second call changes nothing and returns nothing. Compare what came back with what was asked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from commissions.models import Status as CommissionStatus
from merchants.models import Actor
from merchants.tenancy import affiliate_context
from payouts.failure_mails import note_failures
from payouts.models import (
    Batch,
    BatchStatus,
    Payout,
    PayoutMethod,
    PayoutStatus,
    Withdrawal,
    WithdrawalStatus,
)
from payouts.models.withdrawals import WithdrawalQuerySet
from payouts.services import books, posting

OPEN = (
    PayoutStatus.RESERVED,
    PayoutStatus.SUBMITTING,
    PayoutStatus.SUBMITTED,
    PayoutStatus.UNKNOWN,
)


class ProofUsed(Exception):
    """Another payout was proved by this reference: one transfer does not pay two."""


class Paid(NamedTuple):
    """Money arrived; `provider_ref` proves it."""

    payout_id: UUID
    provider_ref: str
    paid_at: datetime


class Failed(NamedTuple):
    """Money did not leave, or did not arrive, and is here."""

    payout_id: UUID
    reason: str


class Returned(NamedTuple):
    """Money that had arrived came back."""

    payout_id: UUID
    reason: str
    returned_at: datetime


def mark_submitted(
    *, merchant_id: UUID, payout_ids: Iterable[UUID], by: Actor, at: datetime
) -> set[UUID]:
    """Note that the payouts are on their way: in a file, or accepted by the provider."""
    news = [{"id": payout_id} for payout_id in payout_ids]
    with transaction.atomic():
        moved = books.move_payouts(merchant_id, news, PayoutStatus.SUBMITTED, at)
        return {payout.id for payout in moved}


def settle_paid(*, merchant_id: UUID, news: Sequence[Paid], by: Actor, at: datetime) -> set[UUID]:
    """Note that money arrived. What was being sent has been accepted, then.

    :raises ProofUsed: if another payout has one of the references; nothing is changed then.
    """
    rows = {
        row.payout_id: {
            "id": row.payout_id,
            "provider_ref": row.provider_ref,
            "paid_at": row.paid_at,
        }
        for row in news
    }
    with transaction.atomic():
        batches = books.lock_batches(merchant_id, list(rows))
        _note_accepted(merchant_id, rows, at)
        try:
            with transaction.atomic():
                moved = books.move_payouts(merchant_id, list(rows.values()), PayoutStatus.PAID, at)
        except IntegrityError as error:
            raise ProofUsed(str(error.__cause__)) from error
        ids = [payout.id for payout in moved]
        if ids:
            books.move_commissions(merchant_id, ids, CommissionStatus.PAID, at)
            posting.post_paid(merchant_id, ids, at)
            _withdrawals(merchant_id, ids).move(to=WithdrawalStatus.PAID, at=at)
            books.record_payouts(merchant_id, moved, "payout.paid", by, at)
            _close_settled(merchant_id, batches, at)
    return set(ids)


def settle_failed(
    *, merchant_id: UUID, news: Sequence[Failed], by: Actor, at: datetime
) -> set[UUID]:
    """Note that money did not arrive: the commissions are payable again."""
    reasons = {row.payout_id: row.reason[:500] for row in news}
    rows = [{"id": id, "reason": reason} for id, reason in reasons.items()]
    with transaction.atomic():
        batches = books.lock_batches(merchant_id, list(reasons))
        moved = books.move_payouts(merchant_id, rows, PayoutStatus.FAILED, at)
        ids = [payout.id for payout in moved]
        if ids:
            books.move_commissions(merchant_id, ids, CommissionStatus.APPROVED, at)
            posting.post_given_back(merchant_id, ids, "failed", at)
            books.release_lines(merchant_id, ids, at)
            free_withdrawals(merchant_id, ids, at)
            books.record_payouts(merchant_id, moved, "payout.failed", by, at, reasons)
            note_failures(merchant_id, ids, batches, at)
            _close_settled(merchant_id, batches, at)
    return set(ids)


def settle_returned(
    *, merchant_id: UUID, news: Sequence[Returned], by: Actor, at: datetime
) -> set[UUID]:
    """Note that paid money came back: the opposite is booked, the commissions are payable again."""
    reasons = {row.payout_id: row.reason[:500] for row in news}
    rows = {
        row.payout_id: {
            "id": row.payout_id,
            "reason": reasons[row.payout_id],
            "returned_at": row.returned_at,
        }
        for row in news
    }
    with transaction.atomic():
        batches = books.lock_batches(merchant_id, list(rows))
        moved = books.move_payouts(merchant_id, list(rows.values()), PayoutStatus.RETURNED, at)
        ids = [payout.id for payout in moved]
        if ids:
            books.move_commissions(merchant_id, ids, CommissionStatus.APPROVED, at)
            posting.post_returned(merchant_id, ids, at)
            books.release_lines(merchant_id, ids, at)
            books.record_payouts(merchant_id, moved, "payout.returned", by, at, reasons)
            note_failures(merchant_id, ids, batches, at)
            _count_returns(merchant_id, ids)
    return set(ids)


def free_withdrawals(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Let the requests that these payouts answered go into the next batch."""
    freed = _withdrawals(merchant_id, payout_ids).filter(status=WithdrawalStatus.IN_PAYOUT)
    freed.move(to=WithdrawalStatus.APPROVED, at=at)


def _withdrawals(merchant_id: UUID, payout_ids: Sequence[UUID]) -> WithdrawalQuerySet:
    return Withdrawal.objects.filter(merchant_id=merchant_id, payout_id__in=payout_ids)


ACCEPTED = """
SELECT id FROM payouts_payout
WHERE merchant_id = %(merchant)s AND id = ANY(%(payouts)s::uuid[]) AND status = 'SUBMITTING'
"""


def _note_accepted(merchant_id: UUID, payout_ids: Iterable[UUID], at: datetime) -> None:
    """Whoever paid it had accepted it, though the answer may have come late or never."""
    with connection.cursor() as cursor:
        cursor.execute(ACCEPTED, {"merchant": merchant_id, "payouts": list(payout_ids)})
        news = [{"id": payout_id} for (payout_id,) in cursor.fetchall()]
    books.move_payouts(merchant_id, news, PayoutStatus.SUBMITTED, at)


def _close_settled(merchant_id: UUID, batch_ids: Sequence[UUID], at: datetime) -> None:
    # Their rows are locked, so that of the two last items one sees the other's outcome.
    for batch in Batch.objects.filter(merchant_id=merchant_id, id__in=batch_ids):
        payouts = Payout.objects.filter(merchant_id=merchant_id, batch=batch)
        if not payouts.filter(status__in=OPEN).exists():
            Batch.objects.filter(id=batch.id).move(to=BatchStatus.DONE, at=at)


def _count_returns(merchant_id: UUID, payout_ids: Sequence[UUID]) -> None:
    """Note on each method that money came back; only its affiliate may write it."""
    rows = Payout.objects.filter(
        merchant_id=merchant_id, id__in=payout_ids, method__isnull=False
    ).order_by("method_id")
    for affiliate_id, method_id in rows.values_list("affiliate_id", "method_id"):
        with affiliate_context(affiliate_id):
            _count_return(method_id)


def _count_return(method_id: UUID) -> None:
    method = PayoutMethod.objects.select_for_update(of=("self",), no_key=True).get(id=method_id)
    PayoutMethod.objects.filter(id=method_id).update(returns=method.returns + 1)
