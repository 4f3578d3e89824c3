"""Wise: a group of transfers, funded once from the merchant's balance there."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from common.money import major_of
from common.refusals import BadValue
from payouts.models import MethodKind, Mode, Payout, Rail
from payouts.providers.base import (
    ApiProvider,
    BadCredentials,
    Call,
    Credential,
    Listed,
    News,
    NoAnswer,
    NotGenuine,
    Outcome,
    Trace,
)
from payouts.providers.calling import read_json
from payouts.providers.signatures import require_rsa_sha256, rsa_key
from payouts.providers.wise.client import Client, Pause
from payouts.providers.wise.group import Group
from payouts.providers.wise.keys import PUBLIC_KEYS
from payouts.providers.wise.states import as_time, fate_of, is_ours, listed, news_of, time_of

PEM = r"[A-Za-z0-9+/=\s-]{100,8000}"


class Wise(ApiProvider):
    """Pays to IBANs in euro, and to people by e-mail, whom Wise asks for their account."""

    kinds = frozenset({MethodKind.WISE, MethodKind.BANK})
    chunk = 100  # Of the 1,000 that a group may hold: each transfer takes three calls.
    lot = 2
    remembers = timedelta(days=14)  # A transfer that is not funded lives that long.
    may_return_for = timedelta(days=60)
    credentials = (
        Credential("profile", lazy("Profile id"), is_secret=False, pattern=r"[0-9]{1,18}"),
        Credential(
            "source_currency",
            lazy("Pay from the balance in"),
            is_secret=False,
            is_required=False,
            pattern=r"[A-Z]{3}",
            help=lazy("A currency code. Empty: the currency of each batch."),
        ),
        Credential("token", lazy("API token"), pattern=r"[\x21-\x7e]{16,500}"),
        Credential(
            "signing_key",
            lazy("Private key for strong customer authentication"),
            is_required=False,
            pattern=PEM,
            help=lazy("PEM. Accounts in the EEA and the United Kingdom need it to fund transfers."),
        ),
    )

    def pays(self, *, kind: MethodKind, currency: str) -> bool:
        """Return whether it can pay such a method in such a currency."""
        return kind == MethodKind.WISE or (kind == MethodKind.BANK and currency == "EUR")

    def require_whole(self, credentials: Mapping[str, str]) -> None:
        """Return quietly if the signing key is one.

        :raises BadValue: if it is none.
        """
        pem = credentials.get("signing_key", "")
        if not pem:
            return
        try:
            key = serialization.load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError) as error:
            raise BadValue("signing_key", "invalid", _("This is no private key.")) from error
        if not isinstance(key, RSAPrivateKey):
            raise BadValue("signing_key", "invalid", _("Wise takes RSA keys."))

    # Calls ------------------------------------------------------------------------------------

    def check(self, rail: Rail) -> str:
        """Read the profile; return the name that it is in."""
        client = Client(rail)
        try:
            answer = client.step("GET", "/v2/profiles")
        except Pause as pause:
            if "HTTP 401" in pause.reason or "HTTP 403" in pause.reason:
                raise BadCredentials(_("Wise does not accept the token.")) from pause
            raise NoAnswer(pause.reason) from pause
        for profile in answer.data if isinstance(answer.data, list) else []:
            if str(profile.get("id")) == client.profile:
                return _name_of(profile)
        raise BadCredentials(_("The token does not reach profile %s.") % client.profile)

    def compose(self, rail: Rail, payouts: Sequence[Payout], *, key: UUID) -> bytes:
        """Return the plan of a group: what is paid to whom."""
        currency = payouts[0].currency
        plan = {
            "currency": currency,
            "source_currency": rail.reveal().get("source_currency") or currency,
            "transfers": [
                {
                    "payout": str(payout.id),
                    "amount": str(major_of(payout.amount_minor, currency=currency)),
                    "reference": payout.reference,
                    "recipient": _recipient(payout, int(rail.reveal()["profile"])),
                }
                for payout in payouts
            ],
        }
        return json.dumps(plan, separators=(",", ":"), ensure_ascii=False).encode()

    def submit(self, rail: Rail, call: Call) -> Outcome:
        """Make the group and fund it, from where that was left."""
        return Group(Client(rail), call).pay()

    def look_up(self, rail: Rail, call: Call) -> Trace:
        """Ask whether the group was funded."""
        return Group(Client(rail), call).trace()

    def poll(self, rail: Rail, call: Call) -> list[News]:
        """Return the states of the group's transfers."""
        try:
            return [news_of(transfer) for transfer in Group(Client(rail), call).transfers()]
        except Pause as pause:
            raise NoAnswer(pause.reason) from pause

    def listing(
        self, rail: Rail, *, since: datetime, until: datetime, known: Sequence[str]
    ) -> Iterator[Listed]:
        """Return the profile's transfers that name us as their maker."""
        try:
            found = Client(rail).transfers(since=as_time(since), until=as_time(until))
            yield from [listed(transfer) for transfer in found if is_ours(transfer)]
        except Pause as pause:
            raise NoAnswer(pause.reason) from pause
        except (KeyError, TypeError, ArithmeticError) as error:
            raise NoAnswer("Wise: a transfer of the list cannot be read") from error

    # Notices ----------------------------------------------------------------------------------

    def verify_notice(
        self, rail: Rail, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> str:
        """Check Wise's signature and that the notice is for this profile; return its hash."""
        pem = settings.WISE_PUBLIC_KEY or PUBLIC_KEYS[Mode(rail.mode)]
        require_rsa_sha256(headers.get("x-signature-sha256", ""), body, key=rsa_key(pem))
        # They sign for all their customers with one key: another's notices are none of ours.
        profile = _resource(read_json(body)).get("profile_id")
        if str(profile) != rail.reveal()["profile"]:
            raise NotGenuine("it is for another profile")
        return hashlib.sha256(body).hexdigest()

    def read_notice(self, rail: Rail, body: bytes) -> list[News]:
        """Return the state that a transfer got; other notices say nothing that polls do not."""
        notice = read_json(body)
        resource = _resource(notice)
        if notice.get("event_type") != "transfers#state-change" or not resource.get("id"):
            return []
        state = notice["data"].get("current_state")
        news = news_of({"id": resource["id"], "status": state})
        return [
            News(
                fate=fate_of(state),
                provider_ref=news.provider_ref,
                reason=news.reason,
                at=time_of(notice["data"].get("occurred_at")),
            )
        ]


def _resource(notice: Any) -> dict[str, Any]:
    data = notice.get("data") if isinstance(notice, dict) else None
    resource = data.get("resource") if isinstance(data, dict) else None
    return resource if isinstance(resource, dict) else {}


def _name_of(profile: Mapping[str, Any]) -> str:
    details = profile.get("details") or profile
    names = (details.get("firstName"), details.get("lastName"))
    business = details.get("businessName") or details.get("name") or profile.get("fullName")
    return str(business or " ".join(str(name) for name in names if name) or profile["id"])


def _recipient(payout: Payout, profile: int) -> dict[str, Any]:
    method = payout.method
    assert method is not None  # `refuses` has seen it.
    details = method.reveal()
    recipient = {
        "currency": payout.currency,
        "profile": profile,
        "accountHolderName": details["holder"],
        "ownedByCustomer": False,
    }
    if method.kind == MethodKind.WISE:
        return recipient | {"type": "email", "details": {"email": details["email"]}}
    account = {"legalType": "PRIVATE", "IBAN": details["iban"]}
    if details.get("country"):
        account["address"] = {"country": details["country"], "city": details.get("town", "")}
    return recipient | {"type": "iban", "details": account}
