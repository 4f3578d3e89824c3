"""Approve what was prepared, and reserve its commissions; or cancel it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Status as CommissionStatus
from common.money import share_of
from common.states import IllegalMove
from merchants.models import SYSTEM, Actor, Member, acting_user
from merchants.rights import Right
from merchants.services import NotAllowed, require
from merchants.tenancy import merchant_context
from payouts.models import (
    ApprovalLimit,
    Batch,
    BatchPart,
    BatchStatus,
    Payout,
    PayoutPolicy,
    PayoutStatus,
)
from payouts.services import books, posting
from payouts.services.books import BatchOutdated
from payouts.services.parts import cut, has_parts, is_cut, take_batch, take_part, within
from payouts.services.settle import free_withdrawals
from payouts.tax.standing import standings


class SelfApproval(Exception):
    """Above the merchant's limit, another member approves than the one who prepared."""


class NothingInBatch(Exception):
    """Everybody was taken out of the batch."""


def approve_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Approve a batch and reserve its commissions; return it. Of many at once, one succeeds.

    Those of a large one are reserved by a worker. The member's role is read again here, under a
    lock, so that a role that was revoked in the meantime counts.

    :raises NotAllowed: if the member may not approve payouts.
    :raises SelfApproval: if the member prepared the batch, and it is above the limit.
    :raises IllegalMove: if the batch does not wait for approval.
    :raises NothingInBatch: if it has no payouts.
    :raises BatchOutdated: if a commission of it is not approved any more, or a payee changed.
    """
    with transaction.atomic():
        row = Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        member = _require_still(member)
        limit_minor = approval_limit(row)
        if needs_another(member, row, limit_minor):
            raise SelfApproval(str(row.id))
        move_batch(
            row,
            BatchStatus.APPROVING if row.is_large else BatchStatus.APPROVED,
            at,
            expected=BatchStatus.DRAFT,
            approved_by=member,
            approved_at=at,
            self_approval_minor_max=limit_minor,
            problem="",
        )
        if not row.items:
            raise NothingInBatch(str(row.id))
        if not row.is_large:
            _require_unchanged(row, at)
            _reserve(row, at)
        books.record_batch(row, "payout_batch.approved", acting_user(member.user), at)
    batch.refresh_from_db()
    return batch


def _require_still(member: Member) -> Member:
    members = Member.objects.select_related("user")
    member = members.select_for_update(of=("self",), no_key=True).get(id=member.id)
    require(member, Right.APPROVE_PAYOUTS)
    return member


def needs_another(member: Member, batch: Batch, limit_minor: int | None) -> bool:
    """Return whether the member prepared the batch, and it is above what one may approve alone."""
    return batch.prepared_by_id == member.id and batch.amount_minor > (limit_minor or -1)


def approval_limit(batch: Batch) -> int | None:
    """Return up to what one member prepares and approves in the batch's currency; None: nothing."""
    limits = ApprovalLimit.objects.filter(merchant_id=batch.merchant_id, currency=batch.currency)
    return limits.values_list("amount_minor", flat=True).first()


def _require_unchanged(batch: Batch, at: datetime) -> None:
    require_payees(batch)
    _require_same_taxes(batch, at)


def _reserve(batch: Batch, at: datetime, *conditions: Q) -> None:
    ids = payout_ids(batch, *conditions)
    # Nobody else moves drafts: their batch is locked.
    payouts = Payout.objects.filter(*conditions, merchant_id=batch.merchant_id, batch_id=batch.id)
    payouts.move(to=PayoutStatus.RESERVED, at=at)
    books.move_commissions(batch.merchant_id, ids, CommissionStatus.RESERVED, at)
    posting.post_reserved(batch.merchant_id, ids, at)


# By workers --------------------------------------------------------------------------------------


def reserve_further(*, merchant_id: UUID, at: datetime) -> int:
    """Take a large batch that was approved one step further; return 0 if there is nothing to do.

    First everybody of it is looked at: if something has changed, it waits for approval again and
    says why. Then it is cut into parts, and these are reserved, by several workers at once.
    """
    batch = None
    try:
        with merchant_context(merchant_id):
            part = take_part(merchant_id, BatchStatus.APPROVING)
            if part is None:
                return _begin_or_finish(merchant_id, at)
            batch = part.batch
            _reserve(batch, at, within(part))
            part.delete()
    except BatchOutdated as error:
        assert batch is not None
        _give_up(batch, str(error), at)
    return 1


def _begin_or_finish(merchant_id: UUID, at: datetime) -> int:
    batch = take_batch(merchant_id, BatchStatus.APPROVING)
    if batch is None:
        return 0
    if not is_cut(batch):
        _begin(batch, at)
    elif not has_parts(batch):
        move_batch(batch, BatchStatus.APPROVED, at)
    return 1


def _begin(batch: Batch, at: datetime) -> None:
    approver = batch.approved_by
    assert approver is not None  # The table sees to it.
    try:
        _require_still(approver)
        _require_unchanged(batch, at)
    except (BatchOutdated, NotAllowed) as error:
        unsigned = {"approved_by": None, "approved_at": None, "self_approval_minor_max": None}
        move_batch(
            batch, BatchStatus.DRAFT, at, mail_due_at=at, problem=str(error)[:500], **unsigned
        )
    else:
        payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)
        cut(batch, payouts.order_by("affiliate_id").values_list("affiliate_id", flat=True))


def _give_up(batch: Batch, problem: str, at: datetime) -> None:
    """Cancel the batch: parts of it are reserved, and another cannot be."""
    with merchant_context(batch.merchant_id):
        row = Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        if row.status == BatchStatus.APPROVING:
            _cancel(row, SYSTEM, at, problem=problem)


def cancel_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Cancel a batch that was not handed over; its commissions are payable again. Return it.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch was handed over or is closed.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        row = Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        _cancel(row, acting_user(member.user), at)
    batch.refresh_from_db()
    return batch


def _cancel(batch: Batch, by: Actor, at: datetime, *, problem: str = "") -> None:
    merchant_id = batch.merchant_id
    move_batch(batch, BatchStatus.CANCELLED, at, problem=problem)
    BatchPart.objects.filter(merchant_id=merchant_id, batch=batch).delete()
    reserved = payout_ids(batch, Q(status=PayoutStatus.RESERVED))
    ids = payout_ids(batch)
    books.move_payouts(merchant_id, [{"id": id} for id in ids], PayoutStatus.CANCELLED, at)
    if reserved:
        books.move_commissions(merchant_id, reserved, CommissionStatus.APPROVED, at)
        posting.post_given_back(merchant_id, reserved, "cancelled", at)
    books.release_lines(merchant_id, ids, at)
    free_withdrawals(merchant_id, ids, at)
    books.record_batch(batch, "payout_batch.cancelled", by, at)


# What all of them share --------------------------------------------------------------------------


def payout_ids(batch: Batch, *conditions: Q) -> list[UUID]:
    """Return the ids of the batch's payouts, in the order of their references."""
    payouts = Payout.objects.filter(*conditions, merchant_id=batch.merchant_id, batch_id=batch.id)
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


def _require_same_taxes(batch: Batch, at: datetime) -> None:
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)
    rows = {
        affiliate_id: amounts
        for affiliate_id, *amounts in payouts.values_list(
            "affiliate_id", "earned_minor", "vat_minor", "withheld_minor"
        )
    }
    adds_vat = adds_vat_on_top(batch.merchant_id)
    for affiliate_id, tax in standings(batch.merchant_id, rows, at).items():
        earned_minor, vat_minor, withheld_minor = rows[affiliate_id]
        expected = (
            share_of(earned_minor, rate_bps=tax.vat_bps) if adds_vat else 0,
            share_of(earned_minor, rate_bps=tax.withholding_bps),
        )
        if tax.missing or expected != (vat_minor, withheld_minor):
            raise BatchOutdated("the tax form of a payee changed")


def adds_vat_on_top(merchant_id: UUID) -> bool:
    """Return whether VAT comes on top of what was earned, or is contained in it."""
    return not PayoutPolicy.objects.filter(merchant_id=merchant_id, adds_vat=False).exists()
