"""Take affiliates out of a batch that waits for approval, or put them back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.states import IllegalMove
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.left_out import LeftOut
from payouts.models import Batch, BatchStatus, Exclusion, Payout, PayoutLine, Withdrawal
from payouts.services import books
from payouts.services.filling import count, fill
from payouts.services.settle import free_withdrawals


class NotInBatch(Exception):
    """An affiliate is not among those whom the edit is about."""


def edit_batch(
    *,
    member: Member,
    batch: Batch,
    take_out: Sequence[UUID] = (),
    put_back: Sequence[UUID] = (),
    reason: str = "",
    at: datetime,
) -> Batch:
    """Take affiliates out of a batch, put others back; return it.

    Their commissions are free for another batch, and come back if they still are. Whoever is put
    back and cannot be paid stays out, with the reason of now.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch does not wait for approval.
    :raises NotInBatch: if somebody to be taken out is not in it, or to be put back is.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        row = Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        if row.status != BatchStatus.DRAFT:
            raise IllegalMove("The batch", to=BatchStatus.DRAFT, status=row.status)
        # As preparing does: two would take the same commissions.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=row.merchant_id)
        _put_back(row, put_back, at)
        _take_out(row, take_out, reason, at)
        count(row)
        edit = {
            "taken_out": [str(id) for id in take_out],
            "put_back": [str(id) for id in put_back],
            "reason": reason,
        }
        books.record_batch(row, "payout_batch.edited", acting_user(member.user), at, edit)
    batch.refresh_from_db()
    return batch


def _take_out(batch: Batch, affiliate_ids: Sequence[UUID], reason: str, at: datetime) -> None:
    payouts = Payout.objects.filter(
        merchant_id=batch.merchant_id, batch=batch, affiliate_id__in=affiliate_ids
    )
    found = list(payouts.order_by("id"))
    _require_all(affiliate_ids, {payout.affiliate_id for payout in found})
    ids = [payout.id for payout in found]
    free_withdrawals(batch.merchant_id, ids, at)
    Withdrawal.objects.filter(merchant_id=batch.merchant_id, payout_id__in=ids).update(payout=None)
    # A draft is no money yet: nothing was booked that would have to be booked back.
    PayoutLine.objects.filter(merchant_id=batch.merchant_id, payout_id__in=ids).delete()
    payouts.delete()
    Exclusion.objects.bulk_create(
        Exclusion(
            merchant_id=batch.merchant_id,
            batch=batch,
            affiliate_id=payout.affiliate_id,
            amount_minor=payout.earned_minor,
            reason=LeftOut.EXCLUDED,
            detail=reason[:200],
        )
        for payout in found
    )


def _put_back(batch: Batch, affiliate_ids: Sequence[UUID], at: datetime) -> None:
    if not affiliate_ids:
        return
    exclusions = Exclusion.objects.filter(
        merchant_id=batch.merchant_id, batch=batch, affiliate_id__in=affiliate_ids
    )
    _require_all(affiliate_ids, set(exclusions.values_list("affiliate_id", flat=True)))
    exclusions.delete()
    fill(batch, at, list(affiliate_ids))


def _require_all(asked: Sequence[UUID], found: set[UUID]) -> None:
    missing = set(asked) - found
    if missing:
        raise NotInBatch(", ".join(sorted(map(str, missing))))
