"""A stand-in for Wise: quotes, recipients, groups of transfers, and funding, which alone pays."""

import base64
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from demo.providers.base import Fake, Payment, Reply, Request

QUOTE_SECONDS = 1800.0
WAITING = "incoming_payment_waiting"
ROUTES = [
    ("GET", r"/v2/profiles", "profiles"),
    ("POST", r"/v1/accounts", "add_recipient"),
    ("POST", r"/v3/profiles/(\d+)/quotes", "add_quote"),
    ("POST", r"/v3/profiles/(\d+)/batch-groups", "add_group"),
    ("GET", r"/v3/profiles/\d+/batch-groups/([^/]+)", "show_group"),
    ("PATCH", r"/v3/profiles/\d+/batch-groups/([^/]+)", "close_group"),
    ("POST", r"/v3/profiles/\d+/batch-groups/([^/]+)/transfers", "add_transfer"),
    ("POST", r"/v3/profiles/\d+/batch-payments/([^/]+)/payments", "fund"),
    ("GET", r"/v1/transfers/(\d+)", "show_transfer"),
    ("GET", r"/v1/transfers", "list_transfers"),
]


@dataclass
class State:
    """What it remembers beside the book."""

    recipients: dict[str, dict[str, Any]] = field(default_factory=dict)
    quotes: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    transfers: list[dict[str, Any]] = field(default_factory=list)
    fundings: dict[str, int] = field(default_factory=dict)  # How often each group was paid for.


class FakeWise(Fake):
    """The same `customerTransactionId` is the same transfer, and a group is funded once."""

    name = "Wise"

    def __init__(
        self,
        *,
        port: int = 0,
        store: Path | None = None,
        token: str = "wise-token-of-fairlead",
        profile: int = 12345678,
        key_file: Path | None = None,
    ) -> None:
        self.token = token
        self.profile = profile
        self.known = State()
        self.key = _key(key_file)
        self.sends_at_once = True  # Else transfers stay under way until `send` is called.
        self.balance_minor: int | None = None  # None: there is always enough.
        self.second_factor: RSAPublicKey | None = None  # Set: funding wants its signature.
        self.quote_seconds = QUOTE_SECONDS
        self._random = Random(7)
        super().__init__(port=port, store=store)

    @property
    def public_key(self) -> str:
        """Return the PEM that its notices are proved by."""
        return (
            self.key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def state(self) -> dict[str, Any]:
        """Return all that is known."""
        return vars(self.known)

    def restore(self, state: dict[str, Any]) -> None:
        """Take it back."""
        self.known = State(**state)

    def answer(self, request: Request) -> Reply:
        """Answer one call."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "invalid_token", "")
        for method, pattern, name in ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                with self.lock:
                    reply: Reply = getattr(self, f"_{name}")(request, *found.groups())
                return reply
        return _error(404, "NOT_FOUND", request.path)

    # Before the money ------------------------------------------------------------------------

    def _profiles(self, _request: Request) -> Reply:
        return Reply(200, [{"id": self.profile, "type": "BUSINESS", "businessName": "Acme Ltd"}])

    def _add_recipient(self, request: Request) -> Reply:
        body = request.json()
        if len(str(body["accountHolderName"]).split()) < 2:
            return _error(422, "NOT_VALID", "Please enter a full name.")
        id = 40_000_000 + len(self.known.recipients)
        self.known.recipients[str(id)] = body
        return Reply(200, {"id": id, **body})

    def _add_quote(self, request: Request, profile: str) -> Reply:
        if int(profile) != self.profile:
            return _error(403, "forbidden", "")
        id = str(uuid4())
        self.known.quotes[id] = {**request.json(), "at": time.time()}
        return Reply(200, {"id": id, "status": "PENDING"})

    def _add_group(self, request: Request, _profile: str) -> Reply:
        body, id = request.json(), str(uuid4())
        self.known.groups[id] = {
            "id": id,
            "version": self._version(),
            "name": body["name"],
            "sourceCurrency": body["sourceCurrency"],
            "status": "NEW",
            "transferIds": [],
        }
        return Reply(200, self.known.groups[id])

    def _show_group(self, _request: Request, id: str) -> Reply:
        group = self.known.groups.get(id)
        return Reply(200, dict(group)) if group else _error(404, "NOT_FOUND", id)

    def _add_transfer(self, request: Request, group_id: str) -> Reply:
        body, group = request.json(), self.known.groups[group_id]
        for transfer in self.known.transfers:
            if transfer["customerTransactionId"] == body["customerTransactionId"]:
                return Reply(200, dict(transfer))
        quote = self.known.quotes.get(body["quoteUuid"])
        if quote is None or quote.get("used"):
            return _error(422, "quote.used", "The quote belongs to another transfer.")
        if time.time() - quote["at"] > self.quote_seconds:
            return _error(422, "quote.expired", "The quote has expired.")
        if group["status"] != "NEW":
            return _error(409, "batch.closed", "The group is closed.")
        quote["used"] = True
        transfer = {
            "id": 16_000_000 + len(self.known.transfers),
            "targetAccount": body["targetAccount"],
            "quoteUuid": body["quoteUuid"],
            "status": WAITING,
            "created": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "details": body["details"],
            "sourceCurrency": quote["sourceCurrency"],
            "targetCurrency": quote["targetCurrency"],
            "targetValue": quote["targetAmount"],
            "customerTransactionId": body["customerTransactionId"],
        }
        self.known.transfers.append(transfer)
        group["transferIds"].append(transfer["id"])
        group["version"] = self._version()
        return Reply(200, dict(transfer))

    def _close_group(self, request: Request, id: str) -> Reply:
        body, group = request.json(), self.known.groups[id]
        if body["version"] != group["version"]:
            return _error(409, "batch.version", "The version is another by now.")
        group |= {"status": body["status"], "version": self._version()}
        return Reply(200, dict(group))

    # The money -------------------------------------------------------------------------------

    def _fund(self, request: Request, id: str) -> Reply:
        challenge = self._challenge(request)
        if challenge is not None:
            return challenge
        group = self.known.groups[id]
        transfers = [row for row in self.known.transfers if row["id"] in group["transferIds"]]
        if group["status"] != "COMPLETED":
            return _error(409, "batch.open", "The group is not complete.")
        if id in self.known.fundings:
            return _error(422, "batch.funded", "The group was funded.")
        due = sum(round(row["targetValue"] * 100) for row in transfers)
        if self.balance_minor is not None:
            if self.balance_minor < due:
                return _error(422, "balance.insufficient_funds", "There is too little money.")
            self.balance_minor -= due
        self.known.fundings[id] = self.known.fundings.get(id, 0) + 1
        for transfer in transfers:
            self._pay(transfer)
        done = {"id": id, "alreadyPaid": True, "status": "COMPLETED", "groupType": "API"}
        return Reply(200, done | {"transferIds": group["transferIds"]})

    def _challenge(self, request: Request) -> Reply | None:
        """Return what asks for the second factor, if one is wanted and was not given."""
        if self.second_factor is None:
            return None
        token, proof = "one-time-token", request.headers.get("x-signature", "")
        if request.headers.get("x-2fa-approval") == token and proof:
            try:
                self.second_factor.verify(
                    base64.b64decode(proof), token.encode(), padding.PKCS1v15(), hashes.SHA256()
                )
            except InvalidSignature:
                return Reply(403, headers={"x-2fa-approval-result": "REJECTED"})
            return None
        headers = {"x-2fa-approval": token, "x-2fa-approval-result": "REJECTED"}
        return Reply(403, headers=headers)

    def _pay(self, transfer: dict[str, Any]) -> None:
        recipient = self.known.recipients[str(transfer["targetAccount"])]
        details = recipient["details"]
        self.pay(
            Payment(
                ours=transfer["customerTransactionId"],
                theirs=str(transfer["id"]),
                payee=details.get("email") or details.get("IBAN", ""),
                amount_minor=round(transfer["targetValue"] * 100),
                currency=transfer["targetCurrency"],
            )
        )
        self._move(transfer, "processing")
        if self.sends_at_once:
            self._move(transfer, "outgoing_payment_sent")

    # What happens later ----------------------------------------------------------------------

    def move(self, transfer_id: int | str, *states: str) -> None:
        """Let a transfer go through states; one that is refunded is taken out of the book."""
        with self.lock:
            transfer = next(r for r in self.known.transfers if str(r["id"]) == str(transfer_id))
            for state in states:
                self._move(transfer, state)
                if state == "funds_refunded":
                    self.find(transfer["customerTransactionId"]).status = "returned"
        self.save()

    def send(self) -> None:
        """Let everything that is under way arrive."""
        with self.lock:
            for transfer in self.known.transfers:
                if transfer["status"] == "processing":
                    self._move(transfer, "outgoing_payment_sent")
        self.save()

    def _move(self, transfer: dict[str, Any], state: str) -> None:
        previous, transfer["status"] = transfer["status"], state
        moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        event = {
            "data": {
                "resource": {
                    "id": transfer["id"],
                    "profile_id": self.profile,
                    "account_id": transfer["targetAccount"],
                    "type": "transfer",
                },
                "current_state": state,
                "previous_state": previous,
                "occurred_at": moment,
            },
            "subscription_id": "01234567-89ab-cdef-0123-456789abcdef",
            "event_type": "transfers#state-change",
            "schema_version": "2.0.0",
            "sent_at": moment,
        }
        body = json.dumps(event).encode()
        self.notice(self.sign(body), body)

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers of a notice."""
        signature = self.key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "X-Signature-SHA256": base64.b64encode(signature).decode(),
            "X-Delivery-Id": str(uuid4()),
            "Content-Type": "application/json",
        }

    # Questions -------------------------------------------------------------------------------

    def _show_transfer(self, _request: Request, id: str) -> Reply:
        for transfer in self.known.transfers:
            if str(transfer["id"]) == id:
                return Reply(200, dict(transfer))
        return _error(404, "transfer.not-found", id)

    def _list_transfers(self, request: Request) -> Reply:
        query = request.query
        since, until = query["createdDateStart"], query["createdDateEnd"]
        rows = [
            dict(row)
            for row in self.known.transfers
            if since <= row["created"].replace(" ", "T") + ".000Z" <= until
        ]
        start = int(query.get("offset", "0"))
        return Reply(200, rows[start : start + int(query.get("limit", "10"))])

    def _version(self) -> int:
        return self._random.randint(-(2**31), 2**31)  # Opaque: not in any order.


def _key(file: Path | None) -> rsa.RSAPrivateKey:
    """Return the key in a file, which is made if there is none; without a file a new key."""
    if file is not None and file.exists():
        found = serialization.load_pem_private_key(file.read_bytes(), password=None)
        assert isinstance(found, rsa.RSAPrivateKey)
        return found
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if file is not None:
        file.touch(mode=0o600)
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return key


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"errors": [{"code": code, "message": message}]})
