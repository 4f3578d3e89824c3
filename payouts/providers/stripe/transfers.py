"""How transfers of Stripe are read. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard
from uuid import UUID

from payouts.providers.base import Fate, Listed, News


def group_of(payout_id: UUID) -> str:
    """Return the `transfer_group` of a payout: what a transfer is looked up by."""
    return f"payout_{payout_id}"


def is_transfer(data: Any) -> TypeGuard[dict[str, Any]]:
    """Whether an answer has what is read of a transfer."""
    return (
        isinstance(data, dict)
        and data.get("object") == "transfer"
        and isinstance(data.get("id"), str)
        and isinstance(data.get("amount"), int)
        and isinstance(data.get("amount_reversed", 0), int)
        and isinstance(data.get("currency"), str)
        and isinstance(data.get("created"), int)
    )


def news_of(transfer: Mapping[str, Any], payout_id: UUID | None) -> News:
    """Return what a transfer says of its payout; the one that was asked about, if one was."""
    return News(
        fate=_fate_of(transfer),
        payout_id=payout_id or _payout_of(transfer),
        provider_ref=transfer["id"],
        reason="Stripe: reversed" if _fate_of(transfer) is Fate.RETURNED else "",
        at=None if _fate_of(transfer) is Fate.RETURNED else _at(transfer),
    )


def listed_of(transfer: Mapping[str, Any]) -> Listed:
    """Return a transfer as a line of their list; a part that was reversed is not paid."""
    fate = _fate_of(transfer)
    reversed_minor = 0 if fate is Fate.RETURNED else transfer.get("amount_reversed", 0)
    return Listed(
        provider_ref=transfer["id"],
        amount_minor=transfer["amount"] - reversed_minor,
        currency=transfer["currency"].upper(),
        fate=fate,
        payout_id=_payout_of(transfer),
        at=_at(transfer),
    )


def _fate_of(transfer: Mapping[str, Any]) -> Fate:
    return Fate.RETURNED if transfer.get("reversed") is True else Fate.PAID


def _at(transfer: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(transfer["created"], tz=UTC)


def _payout_of(transfer: Mapping[str, Any]) -> UUID | None:
    metadata = transfer.get("metadata")
    try:
        return UUID(str(metadata.get("payout"))) if isinstance(metadata, dict) else None
    except ValueError:  # One that somebody made by hand.
        return None
