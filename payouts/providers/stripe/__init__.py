"""Stripe Connect: a transfer to the affiliate's connected account for each payout."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from common.outgoing import Failed, Refused
from payouts.models import MethodKind, Mode, Payout, Provider, Rail
from payouts.providers.base import (
    Accepted,
    ApiProvider,
    BadCredentials,
    Call,
    Credential,
    Found,
    Listed,
    News,
    NoAnswer,
    NotFound,
    NotGenuine,
    NotNow,
    Outcome,
    Rejected,
    Trace,
    Unclear,
)
from payouts.providers.calling import Answer, ask, base_url, read_json
from payouts.providers.retrying import seconds_of
from payouts.providers.signatures import require_stripe
from payouts.providers.stripe.transfers import group_of, is_transfer, listed_of, news_of

ADDRESSES = dict.fromkeys(Mode, "https://api.stripe.com")
VERSION = "2024-06-20"  # Of their API: answers keep this shape until we change it.
PAGE = 100
PAGES_MAX = 10_000
# Those whose minor unit at Stripe is the one of ISO 4217.
CURRENCIES = frozenset(
    "AED AUD BRL CAD CHF CZK DKK EUR GBP HKD HUF INR JPY MXN MYR NOK NZD PLN RON SEK SGD THB USD"
    " ZAR".split()
)
# Statuses that mean that the request was read and refused; what they did is nothing.
REFUSALS = (400, 402, 404)


class Stripe(ApiProvider):
    """Transfers from the merchant's balance at Stripe; the bank leg is the affiliate's own."""

    kinds = frozenset({MethodKind.STRIPE})
    currencies = CURRENCIES
    lot = 64
    remembers = timedelta(hours=24)
    may_return_for = timedelta(0)  # Reversals are ours to make; notices and the list tell of them.
    credentials = (
        Credential(
            "account",
            lazy("Account id"),
            is_secret=False,
            pattern=r"acct_[A-Za-z0-9]{1,60}",
            help=lazy("Your platform's own account: acct_…"),
        ),
        Credential("secret_key", lazy("Secret key"), pattern=r"(sk|rk)_(test|live)_[A-Za-z0-9_]+"),
        Credential(
            "notice_secret",
            lazy("Signing secret of the webhook"),
            is_required=False,
            pattern=r"whsec_[A-Za-z0-9+/=_]{1,200}",
        ),
    )

    def check(self, rail: Rail) -> str:
        """Ask whose key it is; return the account's name."""
        if f"_{'live' if rail.mode == Mode.LIVE else 'test'}_" not in rail.reveal()["secret_key"]:
            raise BadCredentials(_("The key is not one for this mode."))
        answer = _question(rail, "/v1/account")
        if answer.get("id") != rail.reveal()["account"]:
            raise BadCredentials(_("The key belongs to another account."))
        name = answer.get("settings", "dashboard", "display_name") or answer.get("id")
        return str(name)

    def compose(self, rail: Rail, payouts: Sequence[Payout], *, key: UUID) -> bytes:
        """Return the form of one transfer."""
        (payout,) = payouts
        return urlencode(
            {
                "amount": payout.amount_minor,
                "currency": payout.currency.lower(),
                "destination": payout.method.reveal()["account"],
                "transfer_group": group_of(payout.id),
                "description": payout.reference,
                "metadata[payout]": payout.id,
                "metadata[reference]": payout.reference,
            }
        ).encode()

    def submit(self, rail: Rail, call: Call) -> Outcome:
        """Make the transfer."""
        headers = {
            **_headers(rail),
            "Idempotency-Key": str(call.key),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            answer = ask("POST", _url(rail, "/v1/transfers"), headers=headers, body=call.body)
        except Refused as problem:
            return NotNow(str(problem))
        except Failed as problem:
            return Unclear(str(problem)) if problem.sent else NotNow(str(problem))
        return _outcome_of(answer, call)

    def look_up(self, rail: Rail, call: Call) -> Trace:
        """Ask for the transfer by its group, which is the payout's alone."""
        (payout_id,) = call.payout_ids
        query = urlencode({"transfer_group": group_of(payout_id), "limit": PAGE})
        try:
            answer = _question(rail, f"/v1/transfers?{query}")
        except (NoAnswer, BadCredentials) as problem:
            return Unclear(str(problem))
        transfers = answer.get("data")
        if not isinstance(transfers, list):
            return Unclear("an answer without a list")
        ours = [transfer for transfer in transfers if is_transfer(transfer)]
        if not ours:
            return NotFound("no transfer in this group")
        first = ours[-1]  # The newest comes first.
        return Found(first["id"], (news_of(first, payout_id),))

    def poll(self, rail: Rail, call: Call) -> list[News]:
        """Ask for the transfer."""
        if not call.provider_ref:
            trace = self.look_up(rail, call)
            return list(trace.news) if isinstance(trace, Found) else []
        answer = _ask_again(rail, f"/v1/transfers/{call.provider_ref}")
        if not is_transfer(answer.data):
            raise NoAnswer("an answer that is no transfer")
        return [news_of(answer.data, call.payout_ids[0])]

    def listing(
        self, rail: Rail, *, since: datetime, until: datetime, known: Sequence[str]
    ) -> Iterator[Listed]:
        """Go through all transfers of the account, page by page."""
        query: dict[str, Any] = {
            "created[gte]": int(since.timestamp()),
            "created[lt]": int(until.timestamp()),
            "limit": PAGE,
        }
        for _page in range(PAGES_MAX):
            answer = _ask_again(rail, f"/v1/transfers?{urlencode(query)}")
            transfers = answer.get("data")
            if not isinstance(transfers, list):
                raise NoAnswer("an answer without a list")
            for transfer in transfers:
                if not is_transfer(transfer):
                    raise NoAnswer("a list of something else than transfers")
                yield listed_of(transfer)
            if not answer.get("has_more") or not transfers:
                return
            query["starting_after"] = transfers[-1]["id"]
        raise NoAnswer("a list without an end")

    def verify_notice(
        self, rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> str:
        """Check the HMAC; the event's id is the notice's."""
        secret = rail.reveal().get("notice_secret")
        if not secret:
            raise NotGenuine("the rail has no signing secret")
        require_stripe(headers.get("stripe-signature", ""), body, secrets=[secret], at=at)
        event = read_json(body)
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            raise NotGenuine("no event")
        return str(event["id"])[:140]

    def read_notice(self, rail: Rail, body: bytes) -> list[News]:
        """Read events about transfers of this mode."""
        event = read_json(body)
        if not isinstance(event, dict) or event.get("livemode") is not (rail.mode == Mode.LIVE):
            return []
        if not str(event.get("type", "")).startswith("transfer."):
            return []
        transfer = Answer(200, {}, event).get("data", "object")
        return [news_of(transfer, None)] if is_transfer(transfer) else []


def _url(rail: Rail, path: str) -> str:
    return base_url(Provider.STRIPE, rail.mode, ADDRESSES) + path


def _headers(rail: Rail) -> dict[str, str]:
    return {"Authorization": f"Bearer {rail.reveal()['secret_key']}", "Stripe-Version": VERSION}


def _question(rail: Rail, path: str) -> Answer:
    """Return the answer to a GET.

    :raises BadCredentials: if they do not let us in.
    :raises NoAnswer: if there is none that could be used.
    """
    try:
        answer = ask("GET", _url(rail, path), headers=_headers(rail), max_bytes=2_000_000)
    except (Refused, Failed) as problem:
        raise NoAnswer(str(problem)) from problem
    if answer.status in (401, 403):
        raise BadCredentials(_reason(answer))
    if not answer.is_ok or not isinstance(answer.data, dict):
        raise NoAnswer(_reason(answer))
    return answer


def _ask_again(rail: Rail, path: str) -> Answer:
    try:
        return _question(rail, path)
    except BadCredentials as problem:
        raise NoAnswer(str(problem)) from problem


def _outcome_of(answer: Answer, call: Call) -> Outcome:
    if answer.is_ok:
        if not is_transfer(answer.data):
            return Unclear("an answer that is no transfer")
        return Accepted(answer.data["id"], (news_of(answer.data, call.payout_ids[0]),))
    reason = _reason(answer)
    if answer.status == 429:
        return NotNow(reason, seconds_of(answer))
    if answer.status == 401:  # Somebody mends the key, and it goes on.
        return NotNow(reason)
    if answer.status == 403:
        return Rejected(reason)
    if answer.status in REFUSALS and answer.get("error", "type") != "idempotency_error":
        # Had an earlier sending of the key been carried out, they would have repeated its answer.
        return Rejected(reason, of_any_send=True)
    return Unclear(reason)


def _reason(answer: Answer) -> str:
    """Return what they said, without what we said."""
    code = answer.get("error", "code") or answer.get("error", "type") or "no reason"
    return f"Stripe: {answer.status} {str(code)[:80]}"
