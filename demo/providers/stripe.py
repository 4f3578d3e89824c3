"""A stand-in for Stripe Connect: transfers, their groups, keys that are remembered for a day."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from demo.providers.base import Fake, Payment, Reply, Request

KEY_SECONDS = 24 * 3600


@dataclass
class Kept:
    """What a key was answered, and for what request."""

    at: float
    sha256: str
    status: int
    data: Any


class FakeStripe(Fake):
    """Remembers each key's answer for 24 hours and gives it again, as Stripe does."""

    name = "Stripe"

    def __init__(
        self,
        *,
        port: int = 0,
        store: Path | None = None,
        account: str = "acct_platform",
        secret_key: str = "sk_test_fairlead",
        notice_secret: str = "whsec_stripe",
    ) -> None:
        self.account = account
        self.secret_key = secret_key
        self.notice_secret = notice_secret
        self.transfers: list[dict[str, Any]] = []  # The oldest first.
        self.keys: dict[str, Kept] = {}
        self.in_progress: set[str] = set()
        self.balance_minor: int | None = None  # None: there is always enough.
        super().__init__(port=port, store=store)

    def state(self) -> dict[str, Any]:
        """Return the transfers; keys are forgotten by a restart."""
        return {"transfers": self.transfers}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the transfers back."""
        self.transfers = state["transfers"]

    def answer(self, request: Request) -> Reply:
        """Answer one call."""
        if request.headers.get("authorization") != f"Bearer {self.secret_key}":
            return _error(401, "invalid_request_error", "api_key_invalid")
        route = (request.method, request.path)
        if route == ("GET", "/v1/account"):
            return Reply(200, {"id": self.account, "object": "account"})
        if route == ("POST", "/v1/transfers"):
            return self._once(request)
        if route == ("GET", "/v1/transfers"):
            return self._list(request.query)
        if request.method == "GET" and request.path.startswith("/v1/transfers/"):
            return self._show(request.path.rsplit("/", 1)[-1])
        return _error(404, "invalid_request_error", "resource_missing")

    def now(self) -> float:
        """Return this stand-in's time."""
        return time.time() + self.clock_offset

    # Keys ------------------------------------------------------------------------------------

    def _once(self, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        sha256 = hashlib.sha256(request.body).hexdigest()
        with self.lock:
            kept = self.keys.get(key)
            if kept and self.now() - kept.at > KEY_SECONDS:
                kept = None
            if kept and kept.sha256 != sha256:
                return _error(400, "idempotency_error", "")
            if kept:
                return Reply(kept.status, kept.data, {"Idempotent-Replayed": "true"})
            if key in self.in_progress:
                return _error(409, "idempotency_error", "idempotency_key_in_use")
            self.in_progress.add(key)
        try:
            reply = self._transfer(dict(parse_qsl(request.body.decode())))
            with self.lock:
                if key:
                    self.keys[key] = Kept(self.now(), sha256, reply.status, reply.data)
        finally:
            with self.lock:
                self.in_progress.discard(key)
        return reply

    # Transfers -------------------------------------------------------------------------------

    def _transfer(self, form: dict[str, str]) -> Reply:
        amount_minor, currency = int(form["amount"]), form["currency"].upper()
        if not form["destination"].startswith("acct_") or form["destination"] == "acct_missing":
            return _error(400, "invalid_request_error", "resource_missing")
        with self.lock:
            if self.balance_minor is not None:
                if self.balance_minor < amount_minor:
                    return _error(400, "invalid_request_error", "balance_insufficient")
                self.balance_minor -= amount_minor
            transfer: dict[str, Any] = {
                "id": f"tr_{uuid4().hex[:24]}",
                "object": "transfer",
                "amount": amount_minor,
                "amount_reversed": 0,
                "currency": currency.lower(),
                "created": int(self.now()),
                "description": form.get("description"),
                "destination": form["destination"],
                "livemode": False,
                "metadata": {
                    name[len("metadata[") : -1]: value
                    for name, value in form.items()
                    if name.startswith("metadata[")
                },
                "reversed": False,
                "transfer_group": form.get("transfer_group"),
            }
            self.transfers.append(transfer)
            self.pay(
                Payment(
                    ours=transfer["metadata"].get("payout", ""),
                    theirs=transfer["id"],
                    payee=form["destination"],
                    amount_minor=amount_minor,
                    currency=currency,
                )
            )
            reply = Reply(200, dict(transfer))
        self._tell("transfer.created", transfer)
        return reply

    def pay_by_hand(self, destination: str, *, amount_minor: int, currency: str) -> None:
        """Make a transfer that nobody asked for by a call, as the platform's own people can."""
        form = {"amount": str(amount_minor), "currency": currency.lower()}
        self._transfer({**form, "destination": destination, "description": "By hand"})
        self.save()

    def reverse(self, transfer_id: str) -> None:
        """Take a transfer back, as the platform's own people can."""
        with self.lock:
            transfer = next(row for row in self.transfers if row["id"] == transfer_id)
            transfer |= {"reversed": True, "amount_reversed": transfer["amount"]}
            for row in self.book:
                if row.theirs == transfer_id:
                    row.status = "returned"
        self._tell("transfer.reversed", transfer)

    def _show(self, transfer_id: str) -> Reply:
        with self.lock:
            for transfer in self.transfers:
                if transfer["id"] == transfer_id:
                    return Reply(200, dict(transfer))
        return _error(404, "invalid_request_error", "resource_missing")

    def _list(self, query: dict[str, str]) -> Reply:
        with self.lock:
            rows = [dict(transfer) for transfer in reversed(self.transfers)]  # The newest first.
        if "transfer_group" in query:
            rows = [row for row in rows if row["transfer_group"] == query["transfer_group"]]
        if "created[gte]" in query:
            rows = [row for row in rows if row["created"] >= int(query["created[gte]"])]
        if "created[lt]" in query:
            rows = [row for row in rows if row["created"] < int(query["created[lt]"])]
        if "starting_after" in query:
            ids = [row["id"] for row in rows]
            rows = rows[ids.index(query["starting_after"]) + 1 :]
        limit = int(query.get("limit", "10"))
        return Reply(200, {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit})

    # Notices ---------------------------------------------------------------------------------

    def _tell(self, type: str, transfer: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{uuid4().hex[:24]}",
            "object": "event",
            "created": int(self.now()),
            "livemode": False,
            "type": type,
            "data": {"object": transfer},
        }
        body = json.dumps(event).encode()
        self.notice(self.sign(body), body)

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers of a notice."""
        at = str(int(self.now()))
        mac = hmac.new(self.notice_secret.encode(), at.encode() + b"." + body, hashlib.sha256)
        signature = f"t={at},v1={mac.hexdigest()}"
        return {"Stripe-Signature": signature, "Content-Type": "application/json"}


def _error(status: int, type: str, code: str) -> Reply:
    return Reply(status, {"error": {"type": type, "code": code}})
