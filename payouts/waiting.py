"""Why an affiliate's approved money waits, and whether asking for it would help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.models import LIVE_WITHDRAWALS, Destination, Provider, Withdrawal
from payouts.proposal import Scope, payable
from payouts.services.withdrawals import REFUSED, payable_now


@dataclass(frozen=True, slots=True)
class Waiting:
    """Approved money of one affiliate with one merchant, in one currency."""

    merchant_id: UUID
    currency: str
    amount_minor: int
    fee_minor: int  # Of asking for it.
    reason: LeftOut | None  # None: it goes into the next payout.
    may_ask: bool
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
    asked = payable_now(
        merchant_id=merchant_id,
        affiliate_id=affiliate_id,
        currency=currency,
        destination=Destination.MONEY,
        at=at,
    )
    is_asked = Withdrawal.objects.filter(
        merchant_id=merchant_id,
        affiliate_id=affiliate_id,
        currency=currency,
        status__in=LIVE_WITHDRAWALS,
    ).exists()
    on_request = now.reason == LeftOut.NOT_REQUESTED
    may_ask = asked.reason not in REFUSED and asked.earned_minor > asked.fee_minor
    return Waiting(
        merchant_id=merchant_id,
        currency=currency,
        amount_minor=asked.earned_minor if on_request else now.earned_minor,
        fee_minor=asked.fee_minor,
        reason=now.reason,
        may_ask=on_request and may_ask and not is_asked,
        is_asked=is_asked,
    )
