"""Items of PayPal's batches and lines of its transaction search: how they are fetched and read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode
from uuid import UUID

from common.money import BadAmount, UnknownCurrency, minor_of
from payouts.models import Rail
from payouts.providers.base import Fate, Listed, News, NoAnswer
from payouts.providers.paypal import client

PAGE = 1_000
PAGES_MAX = 100
SEARCH_PAGE = 500
SEARCH_DAYS_MAX = timedelta(days=31)
MASS_PAYMENT = "T0001"
REFUSED_WHOLE = ("DENIED", "CANCELED")  # States of a batch that paid nobody.
FATES = {
    "SUCCESS": Fate.PAID,
    "PENDING": Fate.PENDING,
    "NEW": Fate.PENDING,
    "ONHOLD": Fate.PENDING,
    "UNCLAIMED": Fate.PENDING,  # Becomes RETURNED after 30 days.
    "FAILED": Fate.FAILED,
    "DENIED": Fate.FAILED,
    "BLOCKED": Fate.FAILED,
    "CANCELED": Fate.RETURNED,
    "RETURNED": Fate.RETURNED,
    "REFUNDED": Fate.RETURNED,
    "REVERSED": Fate.RETURNED,
}
SEARCH_FATES = {"S": Fate.PAID, "P": Fate.PENDING, "V": Fate.RETURNED, "D": Fate.FAILED}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a batch."""

    status: str  # Of the whole batch.
    items: list[dict[str, Any]]


def pages_of(rail: Rail, batch_ref: str) -> Iterator[Page]:
    """Fetch a batch, page by page.

    :raises NoAnswer: if a page cannot be had, or makes no sense.
    """
    for number in range(1, PAGES_MAX + 1):
        query = urlencode({"page_size": PAGE, "page": number, "total_required": "true"})
        answer = client.question(rail, f"/v1/payments/payouts/{quote(batch_ref)}?{query}")
        items = answer.get("items") or []
        if not isinstance(items, list) or not all(map(is_item, items)):
            raise NoAnswer("PayPal: a batch whose items cannot be read")
        yield Page(str(answer.get("batch_header", "batch_status") or ""), items)
        if number >= int(answer.get("total_pages") or 1):
            return
    raise NoAnswer("PayPal: a batch without an end")


def is_item(data: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it has what is read of an item."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("payout_item_id"), str)
        and isinstance(data.get("transaction_status", ""), str)
        and isinstance(data.get("payout_item"), dict)
    )


def news_of(item: Mapping[str, Any]) -> News:
    """Return what an item says of its payout."""
    status = str(item.get("transaction_status") or "PENDING")
    fate = FATES.get(status, Fate.PENDING)
    return News(
        fate=fate,
        payout_id=_payout_of(item),
        provider_ref=item["payout_item_id"],
        reason="" if fate is Fate.PAID else _reason(item, status),
        at=_time(item.get("time_processed")),
    )


def refused(payout_id: UUID, batch_status: str) -> News:
    """Return what the state of a batch says of a payout that it does not list."""
    return News(fate=Fate.FAILED, payout_id=payout_id, reason=f"PayPal: batch {batch_status}")


def listed_of(item: Mapping[str, Any]) -> Listed:
    """Return an item as a line of their list.

    :raises NoAnswer: if its amount cannot be read.
    """
    amount = item["payout_item"].get("amount") or {}
    currency = str(amount.get("currency") or amount.get("currency_code") or "")
    return Listed(
        provider_ref=item["payout_item_id"],
        amount_minor=_minor(amount.get("value"), currency),
        currency=currency,
        fate=FATES.get(str(item.get("transaction_status")), Fate.PENDING),
        payout_id=_payout_of(item),
        at=_time(item.get("time_processed")),
    )


def transactions(rail: Rail, *, since: datetime, until: datetime) -> Iterator[Listed]:
    """Search the account for payouts, whoever made them; a month at a time is what they allow.

    :raises NoAnswer: if they cannot be asked, or the app lacks the right to.
    """
    while since < until:
        end = min(since + SEARCH_DAYS_MAX, until)
        yield from _search(rail, since, end)
        since = end


def _search(rail: Rail, since: datetime, until: datetime) -> Iterator[Listed]:
    for number in range(1, PAGES_MAX + 1):
        query = {
            "start_date": _text(since),
            "end_date": _text(until),
            "transaction_type": MASS_PAYMENT,
            "fields": "transaction_info",
            "page_size": SEARCH_PAGE,
            "page": number,
        }
        answer = client.question(rail, f"/v1/reporting/transactions?{urlencode(query)}")
        for detail in answer.get("transaction_details") or []:
            yield _found(detail.get("transaction_info") or {})
        if number >= int(answer.get("total_pages") or 1):
            return
    raise NoAnswer("PayPal: a search without an end")


def _found(info: Mapping[str, Any]) -> Listed:
    amount = info.get("transaction_amount") or {}
    currency = str(amount.get("currency_code") or "")
    return Listed(
        provider_ref=str(info.get("transaction_id") or ""),
        amount_minor=abs(_minor(amount.get("value"), currency)),
        currency=currency,
        fate=SEARCH_FATES.get(str(info.get("transaction_status")), Fate.PENDING),
        at=_time(info.get("transaction_initiation_date")),
    )


def _payout_of(item: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(item["payout_item"].get("sender_item_id")))
    except ValueError:  # One that somebody made by hand.
        return None


def _reason(item: Mapping[str, Any], status: str) -> str:
    errors = item.get("errors")
    name = errors.get("name") if isinstance(errors, dict) else ""
    return f"PayPal: {status} {str(name or '')[:80]}".strip()


def _minor(value: Any, currency: str) -> int:
    try:
        return minor_of(Decimal(str(value)), currency=currency)
    except (InvalidOperation, BadAmount, UnknownCurrency) as problem:
        raise NoAnswer("PayPal: an amount that cannot be read") from problem


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
