"""What Wise's words for a transfer mean to us. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.money import minor_of
from payouts.providers.base import Fate, Listed, News

UNFUNDED = "incoming_payment_waiting"
# All others are on their way. One that bounced may go out once more until it is refunded, and one
# that was sent may go back to an earlier state: neither undoes what we know.
FATES = {
    "outgoing_payment_sent": Fate.PAID,
    "cancelled": Fate.FAILED,
    "funds_refunded": Fate.RETURNED,
    "charged_back": Fate.RETURNED,
}


def fate_of(state: Any) -> Fate:
    """Return what a state means."""
    return FATES.get(str(state), Fate.PENDING)


def payout_of(transfer: Mapping[str, Any]) -> UUID | None:
    """Return the payout that a transfer was made for, as we said when we made it."""
    try:
        return UUID(str(transfer.get("customerTransactionId")))
    except ValueError:
        return None


def news_of(transfer: Mapping[str, Any]) -> News:
    """Return what a transfer says of its payout."""
    state = transfer.get("status")
    fate = fate_of(state)
    return News(
        fate=fate,
        payout_id=payout_of(transfer),
        provider_ref=str(transfer["id"]),
        reason="" if fate in (Fate.PAID, Fate.PENDING) else f"Wise: {state}",
    )


def listed(transfer: Mapping[str, Any]) -> Listed:
    """Return a transfer as reconciliation compares it."""
    currency = str(transfer["targetCurrency"])
    return Listed(
        provider_ref=str(transfer["id"]),
        amount_minor=minor_of(Decimal(transfer["targetValue"]), currency=currency),
        currency=currency,
        fate=fate_of(transfer.get("status")),
        payout_id=payout_of(transfer),
        at=time_of(transfer.get("created")),
    )


def is_ours(transfer: Mapping[str, Any]) -> bool:
    """Whether a transfer says that Fairlead made it: the account may serve other purposes, too."""
    details = transfer.get("details")
    reference = details.get("reference") if isinstance(details, Mapping) else None
    made_for = payout_of(transfer)
    return str(reference or transfer.get("reference") or "").startswith("FL-") or (
        made_for is not None and made_for.version == 7
    )


def time_of(text: Any) -> datetime | None:
    """Return a time of theirs ("2026-03-02 12:00:00" or RFC 3339), in UTC."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_time(moment: datetime) -> str:
    """Return a time as their queries want it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def around(created: list[str]) -> tuple[str, str]:
    """Return the bounds of a list that holds transfers made at these times."""
    moments = [moment for moment in map(time_of, created) if moment]
    day = timedelta(days=1)
    return as_time(min(moments) - day), as_time(max(moments) + day)
