"""The merchant's own product: a signed call for each payout asks it to credit somebody's balance.

The endpoint answers at once, or takes the payout and answers later by a signed notice or the API.
It may be called again with the same `webhook-id` and the same bytes, and credits once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from common.addresses import place_of
from common.outgoing import Failed, Refused, require_public_url
from payouts.models import MethodKind, Payout, Rail
from payouts.providers.base import (
    Accepted,
    ApiProvider,
    BadCredentials,
    Call,
    Credential,
    Fate,
    Listed,
    News,
    NoAnswer,
    NotNow,
    Outcome,
    Rejected,
    Trace,
    Unclear,
)
from payouts.providers.calling import Answer, ask, read_json
from payouts.providers.signatures import require_standard, standard_signature

FATES = {
    "paid": Fate.PAID,
    "pending": Fate.PENDING,
    "failed": Fate.FAILED,
    "returned": Fate.RETURNED,
}
REASON_MAX = 300
REFERENCE_MAX = 100


class Balance(ApiProvider):
    """Pays whatever the product's own balance takes: every currency, whatever the method is."""

    kinds = frozenset(MethodKind)
    chunk = 1
    lot = 16
    remembers = timedelta(days=365)  # What the contract asks of the endpoint.
    asks_by_sending = True
    has_list = False
    credentials = (
        Credential("url", lazy("Address of your endpoint"), is_secret=False),
        Credential(
            "secret",
            lazy("Signing secret"),
            pattern=r"whsec_(?:[A-Za-z0-9+/]{4}){8,22}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
            help=lazy("whsec_ and 24 to 64 random bytes in base64, as Standard Webhooks has it."),
        ),
    )

    def require_whole(self, credentials: Mapping[str, str]) -> None:
        """Return quietly if the address may be called.

        :raises BadValue: if it may not.
        """
        url = credentials["url"]
        require_public_url(url, name="url", trusted_hosts=settings.OUTGOING_HOSTS)

    def refuses(self, payout: Payout) -> str:
        """Return nothing: whoever has an account in the product can be credited."""
        return ""

    def masked(self, credentials: Mapping[str, str]) -> str:
        """Return the endpoint's host."""
        return place_of(credentials["url"])[:120]

    # Calls ------------------------------------------------------------------------------------

    def check(self, rail: Rail) -> str:
        """Send a test, which credits nobody; return the endpoint's host."""
        at = rail.check_due_at or rail.created_at
        body = _message("endpoint.tested", at, {})
        try:
            answer = _post(rail, id=f"test_{rail.id}", body=body, at=at)
        except (Refused, Failed) as problem:
            raise NoAnswer(str(problem)) from problem
        if answer.status in (401, 403):
            raise BadCredentials(_("The endpoint does not accept the signature."))
        if not answer.is_ok:
            raise NoAnswer(_("The endpoint answers with HTTP %d.") % answer.status)
        return place_of(rail.reveal()["url"])

    def compose(self, rail: Rail, payouts: Sequence[Payout], *, key: UUID) -> bytes:
        """Return the message that asks for the credit."""
        (payout,) = payouts
        data = {
            "payout": str(payout.id),
            "reference": payout.reference,
            "affiliate": {"id": str(payout.affiliate_id), "email": payout.affiliate.email},
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
        }
        return _message("payout.requested", payout.status_changed_at, data)

    def submit(self, rail: Rail, call: Call) -> Outcome:
        """Ask for the credit; the answer says what became of it."""
        try:
            answer = _post(rail, id=str(call.key), body=call.body, at=call.at)
        except Refused as refused:
            return NotNow(str(refused))
        except Failed as failed:
            outcome = Unclear if failed.sent else NotNow
            return outcome(str(failed))
        if answer.status == 429:
            return NotNow("HTTP 429")
        if not answer.is_ok:
            return Unclear(f"HTTP {answer.status}")
        return _outcome_of(answer.data, call)

    def look_up(self, rail: Rail, call: Call) -> Trace:
        """There is no question but the call itself, once more."""
        return Unclear("only the same call tells")

    def poll(self, rail: Rail, call: Call) -> list[News]:
        """The endpoint tells by itself, by a notice or the API."""
        return []

    def listing(
        self, rail: Rail, *, since: datetime, until: datetime, known: Sequence[str]
    ) -> Iterator[Listed]:
        """There is no list: the product's books are the merchant's own."""
        raise NoAnswer("There is no list.")

    # Notices ----------------------------------------------------------------------------------

    def verify_notice(
        self, rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> str:
        """Check the signature of Standard Webhooks; return the message's id."""
        return require_standard(headers, body, secret=rail.reveal()["secret"], at=at)

    def read_notice(self, rail: Rail, body: bytes) -> list[News]:
        """Return what the product says became of a payout."""
        message = read_json(body)
        data = message.get("data") if isinstance(message, dict) else None
        news = _news_of(data, payout_id=_uuid(data.get("payout"))) if data else None
        return [news] if news and news.payout_id else []


def _message(type: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"type": type, "timestamp": moment, "data": data}
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def _post(rail: Rail, *, id: str, body: bytes, at: datetime) -> Answer:
    credentials = rail.reveal()
    seconds = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": standard_signature(
            credentials["secret"], id=id, seconds=seconds, body=body
        ),
    }
    return ask("POST", credentials["url"], headers=headers, body=body, max_bytes=65_536)


def _outcome_of(data: Any, call: Call) -> Outcome:
    """Return what a 2xx means; without words it means that they have it."""
    if data is None or data == {}:
        return Accepted()
    news = _news_of(data, payout_id=call.payout_ids[0], proof=str(call.key))
    if news is None:
        return Unclear("the answer names no status that we know")
    if news.fate is Fate.FAILED:
        return Rejected(news.reason or "The product refused it.", of_any_send=True)
    return Accepted(news.provider_ref, (news,))


def _news_of(data: Any, *, payout_id: UUID | None, proof: str = "") -> News | None:
    if not isinstance(data, dict) or data.get("status") not in FATES:
        return None
    reference = str(data.get("reference") or proof or f"balance:{payout_id}")
    return News(
        fate=FATES[data["status"]],
        payout_id=payout_id,
        provider_ref=reference[:REFERENCE_MAX],
        reason=str(data.get("reason") or "")[:REASON_MAX],
    )


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
