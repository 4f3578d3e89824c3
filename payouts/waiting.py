"""Why an affiliate's approved money waits, and whether asking for it would help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.models import LIVE_WITHDRAWALS, Destination, Provider, Rail, Withdrawal
from payouts.proposal import Payable, Scope, payable
from payouts.services.withdrawals import REFUSED, payable_now


class Ask(NamedTuple):
    """What a request would bring, and where it would go."""

    destination: Destination
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Approved money of one affiliate with one merchant, in one currency."""

    merchant_id: UUID
    currency: str
    amount_minor: int
    missing_minor: int  # How much more has to be payable before anything is paid.
    reason: LeftOut | None  # None: it goes into the next payout.
    asks: tuple[Ask, ...]  # What may be asked for now.
    is_asked: bool


def waiting_of(
    affiliate_id: UUID, places: Iterable[tuple[UUID, str]], at: datetime
) -> list[Waiting]:
    """Return what waits in each merchant and currency of `places`, leaving out nothing at all."""
    found = []
    for merchant_id, currency in places:
        with merchant_context(merchant_id):
            row = _waiting(merchant_id, affiliate_id, currency, at)
        if row is not None:
            found.append(row)
    return found


def _waiting(merchant_id: UUID, affiliate_id: UUID, currency: str, at: datetime) -> Waiting | None:
    now = payable(
        Scope(
            merchant_id=merchant_id,
            currency=currency,
            provider=Provider.CSV,
            cutoff_at=at,
            at=at,
            only=[affiliate_id],
        )
    )
    if now is None:
        return None
    is_asked = Withdrawal.objects.filter(
        merchant_id=merchant_id,
        affiliate_id=affiliate_id,
        currency=currency,
        status__in=LIVE_WITHDRAWALS,
    ).exists()

    def if_asked(destination: Destination) -> Payable:
        return payable_now(
            merchant_id=merchant_id,
            affiliate_id=affiliate_id,
            currency=currency,
            destination=destination,
            at=at,
        )

    asks: list[Ask] = []
    counts = now
    if now.reason == LeftOut.NOT_REQUESTED:
        counts = if_asked(Destination.MONEY)
        asks += _ask(Destination.MONEY, counts)
    if takes_balance(merchant_id):
        asks += _ask(Destination.BALANCE, if_asked(Destination.BALANCE))
    return Waiting(
        merchant_id=merchant_id,
        currency=currency,
        amount_minor=counts.unpaid_minor,
        missing_minor=max(counts.minor_min - counts.earned_minor, 0),
        reason=now.reason,
        asks=() if is_asked else tuple(asks),
        is_asked=is_asked,
    )


def _ask(destination: Destination, found: Payable) -> list[Ask]:
    """Return the request, or nothing where it would be refused."""
    if found.reason in REFUSED or found.earned_minor <= found.fee_minor:
        return []
    return [Ask(destination, found.earned_minor, found.fee_minor)]


def takes_balance(merchant_id: UUID) -> bool:
    """Return whether the merchant's product takes what affiliates earn as balance."""
    rails = Rail.objects.filter(
        merchant_id=merchant_id, provider=Provider.BALANCE, archived_at=None
    )
    return rails.exists()
