"""Wise's API: where it is, how we are let in, and what an answer means for the next step."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from common.outgoing import Failed, Refused
from payouts.models import Mode, Provider, Rail
from payouts.providers.calling import Answer, ask, base_url

ADDRESSES = {
    Mode.SANDBOX: "https://api.wise-sandbox.com",
    Mode.LIVE: "https://api.wise.com",
}
PAGE = 100
LISTING_MAX = 2 * 1024 * 1024


class Pause(Exception):
    """A step brought nothing, and nothing is paid by it: it may be taken again later."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Client:
    """Calls in the name of one rail."""

    def __init__(self, rail: Rail) -> None:
        self._credentials: dict[str, str] = rail.reveal()
        self._base = base_url(Provider.WISE, rail.mode, ADDRESSES)
        self.profile = self._credentials["profile"]

    def ask(self, method: str, path: str, body: Any = None, *, max_bytes: int = 65_536) -> Answer:
        """Make one call; where Wise wants a second factor, the signing key gives it.

        :raises Refused: if nothing was sent because nothing may be.
        :raises Failed: if no whole answer came.
        """
        answer = self._once(method, path, body, {}, max_bytes)
        token = answer.headers.get("x-2fa-approval", "")
        key = self._credentials.get("signing_key")
        if answer.status == 403 and token and key:
            proof = {"x-2fa-approval": token, "X-Signature": _signed(key, token)}
            answer = self._once(method, path, body, proof, max_bytes)
        return answer

    def step(self, method: str, path: str, body: Any = None, *, max_bytes: int = 65_536) -> Answer:
        """Make a call that moves no money; return what was done, or refused for what it says.

        :raises Pause: if it may be made again: no answer, no access, too many calls, their fault.
        """
        try:
            answer = self.ask(method, path, body, max_bytes=max_bytes)
        except (Refused, Failed) as problem:
            raise Pause(f"Wise: {problem}") from problem
        if answer.status == 429 or answer.status in (401, 403) or answer.status >= 500:
            raise Pause(said_by(answer), retry_after(answer))
        return answer

    def transfers(self, *, since: str, until: str) -> list[Any]:
        """Return the profile's transfers made in a time.

        :raises Pause: if the list cannot be had whole.
        """
        found: list[Any] = []
        while True:
            query = {
                "profile": self.profile,
                "createdDateStart": since,
                "createdDateEnd": until,
                "limit": PAGE,
                "offset": len(found),
            }
            answer = self.step("GET", f"/v1/transfers?{urlencode(query)}", max_bytes=LISTING_MAX)
            if not answer.is_ok or not isinstance(answer.data, list):
                raise Pause(said_by(answer))
            found += answer.data
            if len(answer.data) < PAGE:
                return found

    def _once(
        self, method: str, path: str, body: Any, headers: dict[str, str], max_bytes: int
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._credentials['token']}", **headers}
        return ask(method, self._base + path, headers=headers, json_body=body, max_bytes=max_bytes)


def said_by(answer: Answer) -> str:
    """Return what Wise gives as the reason, shortened; no body of theirs goes further."""
    code = answer.get("errors", 0, "code") or answer.get("errorCode") or answer.get("code")
    message = answer.get("errors", 0, "message") or answer.get("message")
    said = ": ".join(str(part) for part in (code, message) if part)
    return f"Wise: HTTP {answer.status} {said}"[:300].strip()


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long they ask us to wait."""
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(text), 3_600)) if text.isascii() and text.isdigit() else None


def _signed(pem: str, token: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return base64.b64encode(key.sign(token.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
