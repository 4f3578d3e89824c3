"""A stand-in for a merchant's product that credits balances when it is asked by a signed call."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from demo.providers.base import Fake, Payment, Reply, Request

SECRET = "whsec_" + base64.b64encode(b"a balance secret of 32 bytes ...").decode()


class FakeMerchant(Fake):
    """Remembers every message by its id, and answers a repeat as it answered the first."""

    name = "Product"

    def __init__(self, *, port: int = 0, store: Path | None = None, secret: str = SECRET) -> None:
        self.secret = secret
        self.answers: dict[str, Any] = {}
        self.says = "paid"  # Or "pending", "failed": what new requests are answered.
        super().__init__(port=port, store=store)

    @property
    def endpoint(self) -> str:
        """Return the address that is called."""
        return f"{self.url}/credits"

    def state(self) -> dict[str, Any]:
        """Return the answers."""
        return {"answers": self.answers}

    def restore(self, state: dict[str, Any]) -> None:
        """Take them back."""
        self.answers = state["answers"]

    def answer(self, request: Request) -> Reply:
        """Credit a balance, once for each message."""
        id = request.headers.get("webhook-id", "")
        at = request.headers.get("webhook-timestamp", "0")
        expected = self._signature(id, at, request.body)
        if not hmac.compare_digest(request.headers.get("webhook-signature", ""), expected):
            return Reply(401, {"error": "signature"})
        if abs(time.time() + self.clock_offset - int(at)) > 300:
            return Reply(400, {"error": "timestamp"})
        message = request.json()
        if message["type"] != "payout.requested":
            return Reply(200, {})
        with self.lock:
            if id not in self.answers:
                self.answers[id] = self._credit(message["data"])
            return Reply(200, self.answers[id])

    def _credit(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.says == "failed":
            return {"status": "failed", "reason": "The account is closed."}
        reference = f"credit-{len(self.answers) + 1}"
        if self.says == "paid":
            self._pay(data["payout"], reference, data)
        return {"status": self.says, "reference": reference}

    def _pay(self, payout: str, reference: str, data: dict[str, Any]) -> None:
        self.pay(
            Payment(
                ours=payout,
                theirs=reference,
                payee=data["affiliate"]["email"],
                amount_minor=data["amount_minor"],
                currency=data["currency"],
            )
        )

    def tell(self, payout: str, status: str, **more: str) -> None:
        """Tell by a notice what became of a payout."""
        data = {"payout": payout, "status": status, **more}
        body = json.dumps({"type": "payout.answered", "data": data}).encode()
        self.notice(self.sign(body), body)

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers of a notice."""
        id, at = f"msg_{uuid4().hex}", str(int(time.time()))
        return {
            "webhook-id": id,
            "webhook-timestamp": at,
            "webhook-signature": self._signature(id, at, body),
            "Content-Type": "application/json",
        }

    def _signature(self, id: str, at: str, body: bytes) -> str:
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256)
        return "v1," + base64.b64encode(mac.digest()).decode()
