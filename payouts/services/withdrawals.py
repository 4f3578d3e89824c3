"""Withdrawals: an affiliate asks for its money, a rule or a member answers, a batch pays.

A request asks for everything that has cleared in one currency when the next batch is made.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.left_out import LeftOut
from payouts.models import LIVE_WITHDRAWALS, Destination, Provider, Withdrawal, WithdrawalStatus
from payouts.proposal import Payable, Scope, payable
from payouts.services.handing_over import rail_in_force

# Why a request is refused at once.
REFUSED = (
    LeftOut.NOT_DUE,
    LeftOut.NOT_REQUESTED,
    LeftOut.NOTHING_DUE,
    LeftOut.BELOW_MINIMUM,
    LeftOut.SUSPENDED,
    LeftOut.NO_METHOD,
)


class NotPayable(Exception):
    """The affiliate cannot ask for money now; `reason` says why."""

    def __init__(self, reason: LeftOut) -> None:
        super().__init__(reason.value)
        self.reason = reason


class WithdrawalOpen(Exception):
    """One request of the affiliate in this currency is open."""


def payable_now(
    *, merchant_id: UUID, affiliate_id: UUID, currency: str, destination: Destination, at: datetime
) -> Payable:
    """Return what the affiliate may ask for; nothing at all, if nothing is approved."""
    to_balance = destination == Destination.BALANCE
    found = payable(
        Scope(
            merchant_id=merchant_id,
            currency=currency,
            provider=Provider.BALANCE if to_balance else Provider.CSV,
            cutoff_at=at,
            at=at,
            only=[affiliate_id],
            as_if_asked=True,
        )
    )
    return found or Payable(LeftOut.NOTHING_DUE, 0, 0, -1)


def request_withdrawal(
    *,
    merchant_id: UUID,
    affiliate_id: UUID,
    currency: str,
    destination: Destination,
    by: Actor,
    at: datetime,
) -> Withdrawal:
    """Store a request, approved at once where the terms say so; return it.

    Callers stand in the merchant's context.

    :raises NotPayable: if nothing is payable, or too little, or it could not be paid anyway.
    :raises WithdrawalOpen: if the affiliate has asked already.
    :raises NoRail: if the merchant's product takes no balance.
    """
    if destination == Destination.BALANCE:
        rail_in_force(merchant_id=merchant_id, provider=Provider.BALANCE)
    open_ones = Withdrawal.objects.filter(
        merchant_id=merchant_id, affiliate_id=affiliate_id, currency=currency
    )
    if open_ones.filter(status__in=LIVE_WITHDRAWALS).exists():
        raise WithdrawalOpen(currency)
    found = payable_now(
        merchant_id=merchant_id,
        affiliate_id=affiliate_id,
        currency=currency,
        destination=destination,
        at=at,
    )
    reason = _refusal(found)
    if reason is not None:
        raise NotPayable(reason)
    with transaction.atomic():
        withdrawal = _store(merchant_id, affiliate_id, currency, destination, found, at)
        _record(withdrawal, "requested", by, at)
        if found.earned_minor <= found.automatic_minor_max:
            _move(withdrawal, WithdrawalStatus.APPROVED, at)
            _record(withdrawal, "approved", SYSTEM, at)
    withdrawal.refresh_from_db()
    return withdrawal


def _refusal(found: Payable) -> LeftOut | None:
    # Others may have gone by the time of the batch: no tax form yet, a method that cools off.
    if found.reason in REFUSED:
        return found.reason
    return LeftOut.NOTHING_DUE if found.earned_minor <= found.fee_minor else None


def _store(
    merchant_id: UUID,
    affiliate_id: UUID,
    currency: str,
    destination: Destination,
    found: Payable,
    at: datetime,
) -> Withdrawal:
    try:
        with transaction.atomic():
            return Withdrawal.objects.create(
                merchant_id=merchant_id,
                affiliate_id=affiliate_id,
                currency=currency,
                destination=destination,
                expected_minor=found.earned_minor,
                fee_minor=found.fee_minor,
                status_changed_at=at,
                requested_at=at,
                mail_due_at=at,
            )
    except IntegrityError as error:
        raise WithdrawalOpen(currency) from error


def cancel_withdrawal(*, withdrawal: Withdrawal, by: Actor, at: datetime) -> Withdrawal:
    """Take a request back that waits for review; return it. In the merchant's context.

    :raises IllegalMove: if it was answered.
    """
    with transaction.atomic():
        _move(withdrawal, WithdrawalStatus.CANCELLED, at)
        _record(withdrawal, "cancelled", by, at)
    withdrawal.refresh_from_db()
    return withdrawal


def approve_withdrawal(*, member: Member, withdrawal: Withdrawal, at: datetime) -> Withdrawal:
    """Let a request into the next batch; return it.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if it does not wait for review.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        _move(
            withdrawal,
            WithdrawalStatus.APPROVED,
            at,
            expected=WithdrawalStatus.REQUESTED,
            member=member,
        )
        _record(withdrawal, "approved", acting_user(member.user), at)
    withdrawal.refresh_from_db()
    return withdrawal


def decline_withdrawal(
    *, member: Member, withdrawal: Withdrawal, reason: str, at: datetime
) -> Withdrawal:
    """Refuse a request that is in no batch, with a reason for the affiliate; return it.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if it is in a batch, or closed.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        _move(withdrawal, WithdrawalStatus.DECLINED, at, member=member, reason=reason)
        _record(withdrawal, "declined", acting_user(member.user), at)
    withdrawal.refresh_from_db()
    return withdrawal


def _move(
    withdrawal: Withdrawal,
    to: WithdrawalStatus,
    at: datetime,
    *,
    expected: WithdrawalStatus | None = None,
    member: Member | None = None,
    reason: str = "",
) -> None:
    rows = Withdrawal.objects.filter(merchant_id=withdrawal.merchant_id, id=withdrawal.id)
    if expected is not None:
        rows = rows.filter(status=expected)
    told = None if to == WithdrawalStatus.CANCELLED else at
    facts = {"status_reason": reason, "decided_by": member, "mail_due_at": told}
    if not rows.move(to=to, at=at, **facts):
        withdrawal.refresh_from_db(fields=["status"])
        raise IllegalMove("The withdrawal", to=to, status=withdrawal.status)


def _record(withdrawal: Withdrawal, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=withdrawal.merchant_id,
        type=f"withdrawal.{verb}",
        subject_id=withdrawal.id,
        by=by,
        at=at,
        data={
            "affiliate": str(withdrawal.affiliate_id),
            "currency": withdrawal.currency,
            "destination": withdrawal.destination.lower(),
            "expected_minor": withdrawal.expected_minor,
            "fee_minor": withdrawal.fee_minor,
        },
    )
