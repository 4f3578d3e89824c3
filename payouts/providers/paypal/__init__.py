"""PayPal Payouts: up to 15,000 payees in one call, each known by an e-mail address."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from common.money import exponent_of, major_of
from common.outgoing import Failed, Refused
from payouts.models import MethodKind, Payout, Rail
from payouts.providers.base import (
    ApiProvider,
    BadCredentials,
    Call,
    Credential,
    Listed,
    News,
    NoAnswer,
    NotNow,
    Outcome,
    Trace,
    Unclear,
)
from payouts.providers.calling import read_json
from payouts.providers.paypal import client, items, notices
from payouts.providers.paypal.answers import outcome_of

SEARCH = "https://uri.paypal.com/services/reporting/search/read"
CURRENCIES = frozenset(
    "AUD CAD CHF CZK DKK EUR GBP HKD HUF ILS JPY MXN NOK NZD PHP PLN SEK SGD THB TWD USD".split()
)
WHOLE_UNITS = frozenset({"HUF", "TWD"})  # Two decimals by ISO 4217, and none at PayPal.


class PayPal(ApiProvider):
    """Pays from the merchant's PayPal balance; whoever has no account has 30 days to open one."""

    kinds = frozenset({MethodKind.PAYPAL})
    currencies = CURRENCIES
    chunk = 15_000
    remembers = timedelta(days=30)
    asks_by_sending = True  # Calls cannot be found by our id; a repeat is refused with their id.
    credentials = (
        Credential(
            "client_id", lazy("Client id"), is_secret=False, pattern=r"[A-Za-z0-9_-]{10,120}"
        ),
        Credential("client_secret", lazy("Secret"), pattern=r"[A-Za-z0-9_-]{10,120}"),
        Credential(
            "webhook_id",
            lazy("Webhook id"),
            is_secret=True,
            is_required=False,
            pattern=r"[A-Za-z0-9]{5,60}",
            help=lazy("Of the webhook that leads here; without it, notices are not believed."),
        ),
    )

    def check(self, rail: Rail) -> str:
        """Ask for an access token; return the name of the app."""
        grant = client.grant(rail)
        if SEARCH not in str(grant.get("scope", SEARCH)).split():
            raise BadCredentials(_("The app lacks the right “Transaction search”."))
        return str(grant.get("app_id") or rail.masked)

    def refuses(self, payout: Payout) -> str:
        """Refuse fractions that PayPal does not know."""
        if payout.currency in WHOLE_UNITS and payout.amount_minor % (
            10 ** exponent_of(payout.currency)
        ):
            return f"PayPal pays {payout.currency} in whole units only."
        return super().refuses(payout)

    def compose(self, rail: Rail, payouts: Sequence[Payout], *, key: UUID) -> bytes:
        """Return the JSON of one batch of theirs."""
        header = {
            "sender_batch_id": str(key),
            "recipient_type": "EMAIL",
            "email_subject": _("You have a payment from %s") % rail.merchant.name[:200],
        }
        body = {"sender_batch_header": header, "items": [_item(payout) for payout in payouts]}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def submit(self, rail: Rail, call: Call) -> Outcome:
        """Make their batch, or learn that they have it."""
        try:
            answer = client.ask_as(
                rail,
                "POST",
                "/v1/payments/payouts",
                headers={"PayPal-Request-Id": str(call.key), "Content-Type": "application/json"},
                body=call.body,
            )
        except (NoAnswer, BadCredentials, Refused) as problem:  # There was no token to send with.
            return NotNow(str(problem))
        except Failed as problem:
            return Unclear(str(problem)) if problem.sent else NotNow(str(problem))
        return outcome_of(answer)

    def look_up(self, rail: Rail, call: Call) -> Trace:
        """Nothing but the call itself finds it."""
        return Unclear("only the same call once more would tell")

    def poll(self, rail: Rail, call: Call) -> list[News]:
        """Read all items of their batch."""
        pages = list(items.pages_of(rail, call.provider_ref))
        news = [items.news_of(item) for page in pages for item in page.items]
        if pages[0].status in items.REFUSED_WHOLE:
            named = {each.payout_id for each in news}
            news += [
                items.refused(payout_id, pages[0].status)
                for payout_id in call.payout_ids
                if payout_id not in named
            ]
        return news

    def listing(
        self, rail: Rail, *, since: datetime, until: datetime, known: Sequence[str]
    ) -> Iterator[Listed]:
        """Read the batches that we know, then every payout of the account that is in none."""
        ours = set()
        for batch_ref in known:
            for page in items.pages_of(rail, batch_ref):
                for item in page.items:
                    ours.add(item.get("transaction_id"))
                    yield items.listed_of(item)
        for transaction in items.transactions(rail, since=since, until=until):
            if transaction.provider_ref not in ours:
                yield transaction

    def verify_notice(
        self, rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> str:
        """Check the RSA signature with the certificate that PayPal shows."""
        return notices.require_genuine(rail, headers=headers, body=body, at=at)

    def read_notice(self, rail: Rail, body: bytes) -> list[News]:
        """Read events about items; those about batches carry none."""
        event = read_json(body)
        if not isinstance(event, dict):
            return []
        resource = event.get("resource")
        if not str(event.get("event_type", "")).startswith("PAYMENT.PAYOUTS-ITEM."):
            return []
        return [items.news_of(resource)] if items.is_item(resource) else []


def _item(payout: Payout) -> dict[str, object]:
    amount = major_of(payout.amount_minor, currency=payout.currency)
    value = amount.to_integral_value() if payout.currency in WHOLE_UNITS else amount
    return {
        "recipient_type": "EMAIL",
        "amount": {"value": str(value), "currency": payout.currency},
        "receiver": payout.method.reveal()["email"],
        "sender_item_id": str(payout.id),
        "note": payout.reference,
        "recipient_wallet": "PAYPAL",
    }
