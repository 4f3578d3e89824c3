"""Calls to PayPal, with an access token that is kept for as long as they say."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from common.outgoing import Failed, Refused
from payouts.models import Mode, Provider, Rail
from payouts.providers.base import BadCredentials, NoAnswer
from payouts.providers.calling import Answer, ask, base_url

ADDRESSES = {
    Mode.SANDBOX: "https://api-m.sandbox.paypal.com",
    Mode.LIVE: "https://api-m.paypal.com",
}
EARLY_SECONDS = 60  # Before a token ends, another one is asked for.
PAGE_BYTES_MAX = 8_000_000  # A page of 1,000 items is about 1 MB.


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    made_for: str  # Hash of the credentials: others need a token of their own.
    until: float  # By the monotonic clock.


_tokens: dict[UUID, _Token] = {}
_asking = Lock()


def address(rail: Rail) -> str:
    """Return where PayPal is for this rail."""
    return base_url(Provider.PAYPAL, rail.mode, ADDRESSES)


def ask_as(
    rail: Rail,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Make one call with a token; one that has become worthless is replaced once.

    :raises BadCredentials: if there is no token to be had: nothing was sent.
    :raises NoAnswer: if they could not be asked for one: nothing was sent.
    :raises outgoing.Refused: if nothing was sent because nothing may be.
    :raises outgoing.Failed: if no whole answer came.
    """
    answer = _ask_with(_token(rail), rail, method, path, headers or {}, body)
    if answer.status == 401:  # Read, and not even looked at.
        _tokens.pop(rail.id, None)
        answer = _ask_with(_token(rail), rail, method, path, headers or {}, body)
    return answer


def question(rail: Rail, path: str) -> Answer:
    """Return the answer to a GET.

    :raises NoAnswer: if there is none that could be used.
    """
    try:
        answer = ask_as(rail, "GET", path)
    except (BadCredentials, Refused, Failed) as problem:
        raise NoAnswer(str(problem)) from problem
    if not answer.is_ok or not isinstance(answer.data, dict):
        raise NoAnswer(f"PayPal: {answer.status} {str(answer.get('name') or '')[:80]}")
    return answer


def grant(rail: Rail) -> dict[str, Any]:
    """Ask for a token; return what they say with it.

    :raises BadCredentials: if they do not accept the credentials.
    :raises NoAnswer: if they cannot be asked now.
    """
    known = rail.reveal()
    pair = base64.b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        answer = ask(
            "POST",
            f"{address(rail)}/v1/oauth2/token",
            headers=headers,
            body=b"grant_type=client_credentials",
        )
    except (Refused, Failed) as problem:
        raise NoAnswer(str(problem)) from problem
    if answer.status in (400, 401, 403):
        raise BadCredentials(f"PayPal: {answer.status} {str(answer.get('error') or '')[:80]}")
    if not answer.is_ok or not isinstance(answer.get("access_token"), str):
        raise NoAnswer(f"PayPal: {answer.status}, and no token")
    return dict(answer.data)


def _token(rail: Rail) -> str:
    made_for = hashlib.sha256(bytes(rail.credentials)).hexdigest()
    with _asking:  # One of several threads asks; the others use what it got.
        kept = _tokens.get(rail.id)
        if kept and kept.made_for == made_for and kept.until > time.monotonic():
            return kept.text
        said = grant(rail)
        seconds = max(0, int(said.get("expires_in") or 0) - EARLY_SECONDS)
        token = _Token(said["access_token"], made_for, time.monotonic() + seconds)
        _tokens[rail.id] = token
        return token.text


def _ask_with(
    token: str, rail: Rail, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    return ask(
        method,
        address(rail) + path,
        headers={"Authorization": f"Bearer {token}", **headers},
        body=body,
        max_bytes=PAGE_BYTES_MAX,
    )
