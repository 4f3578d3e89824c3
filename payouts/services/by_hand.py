"""What a member says became of payouts that went by a file."""

from datetime import datetime

from common.states import IllegalMove
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import ApprovalLimit, Batch, Payout, PayoutStatus, Provider
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider
from payouts.services.settle import (
    Failed,
    Paid,
    Returned,
    settle_failed,
    settle_paid,
    settle_returned,
)


class NoProof(Exception):
    """A payout is marked paid only with the bank's or provider's reference."""


class SelfConfirmation(Exception):
    """Above the limit, whoever approved a batch does not say that it was paid as well."""


class ProvidersWord(Exception):
    """Only the provider that was called says what became of it, never a person."""


def mark_paid(
    *, member: Member, payout: Payout, provider_ref: str, paid_at: datetime, at: datetime
) -> Payout:
    """Note that the money arrived, with the proof; return the payout.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NoProof: if the reference is empty.
    :raises ProofUsed: if another payout has it.
    :raises ProvidersWord: if it went over a provider that says so itself.
    :raises SelfConfirmation: if the member approved the batch, and it is above the limit.
    :raises IllegalMove: if the payout is not on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    _require_file(payout.batch)
    _require_second(member, payout.batch)
    if not provider_ref.strip():
        raise NoProof(payout.reference)
    moved = settle_paid(
        merchant_id=payout.merchant_id,
        news=[Paid(payout.id, provider_ref.strip(), paid_at)],
        by=acting_user(member.user),
        at=at,
    )
    payout.refresh_from_db()
    if not moved:
        raise IllegalMove("The payout", to=PayoutStatus.PAID, status=payout.status)
    return payout


def mark_batch_paid(
    *, member: Member, batch: Batch, reference_prefix: str, paid_at: datetime, at: datetime
) -> int:
    """Note that everything of a batch that is on its way arrived; return how many payouts.

    Each is proved by the prefix and its position in the file: "B-17" gives "B-17-1", "B-17-2".

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NoProof: if the prefix is empty.
    :raises ProofUsed: if another payout has one of these references; none is marked then.
    :raises ProvidersWord: if it went over a provider that says so itself.
    :raises SelfConfirmation: if the member approved the batch, and it is above the limit.
    :raises IllegalMove: if nothing of the batch is on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    _require_file(batch)
    _require_second(member, batch)
    prefix = reference_prefix.strip()
    if not prefix:
        raise NoProof(str(batch.id))
    waiting = Payout.objects.filter(
        merchant_id=batch.merchant_id, batch=batch, status=PayoutStatus.SUBMITTED
    )
    moved = settle_paid(
        merchant_id=batch.merchant_id,
        news=[
            Paid(payout_id, f"{prefix}-{_position(reference)}", paid_at)
            for payout_id, reference in waiting.order_by("id").values_list("id", "reference")
        ],
        by=acting_user(member.user),
        at=at,
    )
    if not moved:
        batch.refresh_from_db()
        raise IllegalMove("The batch", to=PayoutStatus.PAID, status=batch.status)
    return len(moved)


def _position(reference: str) -> str:
    return reference.split("-", 2)[2]


def mark_failed(*, member: Member, payout: Payout, reason: str, at: datetime) -> Payout:
    """Note that the money did not arrive; its commissions are payable again. Return the payout.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises ProvidersWord: if it went over a provider that says so itself.
    :raises IllegalMove: if the payout is not on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    _require_file(payout.batch)
    moved = settle_failed(
        merchant_id=payout.merchant_id,
        news=[Failed(payout.id, reason)],
        by=acting_user(member.user),
        at=at,
    )
    payout.refresh_from_db()
    if not moved:
        raise IllegalMove("The payout", to=PayoutStatus.FAILED, status=payout.status)
    return payout


def mark_returned(
    *, member: Member, payout: Payout, reason: str, returned_at: datetime, at: datetime
) -> Payout:
    """Note that money which had arrived came back; return the payout.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises ProvidersWord: if it went over a provider that says so itself.
    :raises IllegalMove: if the payout was not paid.
    """
    require(member, Right.PREPARE_PAYOUTS)
    _require_file(payout.batch)
    moved = settle_returned(
        merchant_id=payout.merchant_id,
        news=[Returned(payout.id, reason, returned_at)],
        by=acting_user(member.user),
        at=at,
    )
    payout.refresh_from_db()
    if not moved:
        raise IllegalMove("The payout", to=PayoutStatus.RETURNED, status=payout.status)
    return payout


def _require_second(member: Member, batch: Batch) -> None:
    """Let two people see a large payment: without a statement a reference is one member's word."""
    limits = ApprovalLimit.objects.filter(merchant_id=batch.merchant_id, currency=batch.currency)
    is_above = limits.filter(amount_minor__lt=batch.amount_minor).exists()
    if is_above and batch.approved_by_id == member.id:
        raise SelfConfirmation(str(batch.id))


def _require_file(batch: Batch) -> None:
    """Keep people's words from rails that speak themselves; a balance is the merchant's own."""
    is_called = isinstance(PROVIDERS[Provider(batch.provider)], ApiProvider)
    if is_called and batch.provider != Provider.BALANCE:
        raise ProvidersWord(batch.provider)
