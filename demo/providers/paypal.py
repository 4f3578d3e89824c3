"""A stand-in for PayPal Payouts: batches of items, known for 30 days by their sender's id."""

import base64
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from common.money import minor_of
from demo.providers.base import Fake, Payment, Reply, Request

KNOWN_SECONDS = 30 * 24 * 3600
ITEMS_MAX = 15_000
PAGE_MAX = 1_000
CERTIFICATES = "/v1/notifications/certs/"
SIGNER = "messageverificationcerts.paypal.com"
EVENTS = {"SUCCESS": "SUCCEEDED", "ONHOLD": "HELD"}  # Of the states whose event has another name.


class FakePayPal(Fake):
    """Pays whoever has an account. What a receiver's address begins with decides otherwise:

    unclaimed… has none, failed… cannot be paid, held… waits for a person at PayPal.
    """

    name = "PayPal"

    def __init__(
        self,
        *,
        port: int = 0,
        store: Path | None = None,
        client_id: str = "paypal-client-fairlead",
        client_secret: str = "paypal-secret-fairlead",
        webhook_id: str = "1JE4291016473214C",
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.webhook_id = webhook_id
        # Another key at each start, so another address: what signed is remembered by it.
        self.certificate_path = f"{CERTIFICATES}CERT-{uuid4().hex[:12]}"
        self.tokens: set[str] = set()
        self.batches: dict[str, dict[str, Any]] = {}  # By their id, in the order they came.
        self.balance: Decimal | None = None  # None: there is always enough.
        super().__init__(port=port, store=store)

    def state(self) -> dict[str, Any]:
        """Return the batches."""
        return {"batches": self.batches}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the batches back."""
        self.batches = state["batches"]

    def answer(self, request: Request) -> Reply:
        """Answer one call."""
        if request.path == self.certificate_path:
            return Reply(200, content=self.certificate, headers={"Content-Type": "text/plain"})
        if request.path == "/v1/oauth2/token":
            return self._grant(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "AUTHENTICATION_FAILURE")
        if (request.method, request.path) == ("POST", "/v1/payments/payouts"):
            return self._create(request.json())
        if request.path.startswith("/v1/payments/payouts/"):
            return self._show(request.path.rsplit("/", 1)[-1], request.query)
        if request.path == "/v1/reporting/transactions":
            return self._search(request.query)
        return _error(404, "RESOURCE_NOT_FOUND")

    def now(self) -> float:
        """Return this stand-in's time."""
        return time.time() + self.clock_offset

    # Tokens ----------------------------------------------------------------------------------

    def _grant(self, request: Request) -> Reply:
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return Reply(401, {"error": "invalid_client"})
        token = f"A21AA{uuid4().hex}"
        with self.lock:
            self.tokens.add(token)
        return Reply(
            200,
            {
                "scope": "https://uri.paypal.com/payments/payouts"
                " https://uri.paypal.com/services/reporting/search/read",
                "access_token": token,
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": 32_400,
            },
        )

    # Batches ---------------------------------------------------------------------------------

    def _create(self, asked: dict[str, Any]) -> Reply:
        items = asked["items"]
        if not 0 < len(items) <= ITEMS_MAX:
            return _error(400, "VALIDATION_ERROR", field="items", issue="Too many items")
        sender_id = asked["sender_batch_header"]["sender_batch_id"]
        with self.lock:
            for batch in self.batches.values():
                is_known = self.now() - batch["at"] < KNOWN_SECONDS
                if batch["sender_batch_id"] == sender_id and is_known:
                    return self._known(batch["id"])
            total = sum(Decimal(item["amount"]["value"]) for item in items)
            if self.balance is not None:
                if self.balance < total:
                    return _error(422, "INSUFFICIENT_FUNDS")
                self.balance -= total
            batch_id = uuid4().hex[:13].upper()
            self.batches[batch_id] = {
                "id": batch_id,
                "sender_batch_id": sender_id,
                "at": self.now(),
                "status": "SUCCESS",
                "items": [self._pay(item, batch_id) for item in items],
            }
            header = {
                "payout_batch_id": batch_id,
                "batch_status": "PENDING",
                "sender_batch_header": asked["sender_batch_header"],
            }
        return Reply(201, {"batch_header": header, "links": [self._link(batch_id)]})

    def _known(self, batch_id: str) -> Reply:
        reply = _error(
            400,
            "USER_BUSINESS_ERROR",
            field="SENDER_BATCH_ID",
            issue="Batch with given sender_batch_id already exists",
        )
        reply.data["details"][0]["link"] = [self._link(batch_id)]
        return reply

    def _link(self, batch_id: str) -> dict[str, str]:
        return {
            "href": f"{self.url}/v1/payments/payouts/{batch_id}",
            "rel": "self",
            "method": "GET",
        }

    def _pay(self, asked: dict[str, Any], batch_id: str) -> dict[str, Any]:
        receiver = asked["receiver"]
        status = next(
            (
                status
                for start, status in (
                    ("unclaimed", "UNCLAIMED"),
                    ("failed", "FAILED"),
                    ("held", "ONHOLD"),
                )
                if receiver.startswith(start)
            ),
            "SUCCESS",
        )
        item: dict[str, Any] = {
            "payout_item_id": uuid4().hex[:13].upper(),
            "transaction_id": uuid4().hex[:17].upper(),
            "transaction_status": status,
            "payout_batch_id": batch_id,
            "payout_item": asked,
            "time_processed": _time_text(self.now()),
        }
        if status == "FAILED":
            item["errors"] = {"name": "RECEIVER_UNREGISTERED", "message": "No such receiver"}
        else:
            amount = asked["amount"]
            self.pay(
                Payment(
                    ours=asked["sender_item_id"],
                    theirs=item["payout_item_id"],
                    payee=receiver,
                    amount_minor=minor_of(Decimal(amount["value"]), currency=amount["currency"]),
                    currency=amount["currency"],
                    status="paid" if status == "SUCCESS" else "unclaimed",
                )
            )
        self._tell(item)
        return item

    def _show(self, batch_id: str, query: dict[str, str]) -> Reply:
        size = min(int(query.get("page_size", PAGE_MAX)), PAGE_MAX)
        page = int(query.get("page", "1"))
        with self.lock:
            batch = self.batches.get(batch_id)
            if batch is None:
                return _error(404, "RESOURCE_NOT_FOUND")
            items = [dict(item) for item in batch["items"][size * (page - 1) : size * page]]
            total = len(batch["items"])
            header = {"payout_batch_id": batch_id, "batch_status": batch["status"]}
        pages = -(-total // size)
        data = {"batch_header": header, "items": items, "total_items": total, "total_pages": pages}
        return Reply(200, data)

    def move_item(self, ours: str, status: str) -> None:
        """Let an item become something else, as people and time do."""
        with self.lock:
            self.find(ours).status = "paid" if status == "SUCCESS" else "returned"
            for batch in self.batches.values():
                for item in batch["items"]:
                    if item["payout_item"]["sender_item_id"] == ours:
                        item["transaction_status"] = status
                        self._tell(item)

    def let_days_pass(self, days: int) -> None:
        """Move this stand-in's clock; what nobody claimed in 30 days goes back."""
        self.clock_offset += timedelta(days=days).total_seconds()
        with self.lock:
            waiting = [
                item["payout_item"]["sender_item_id"]
                for batch in self.batches.values()
                if self.now() - batch["at"] >= KNOWN_SECONDS
                for item in batch["items"]
                if item["transaction_status"] == "UNCLAIMED"
            ]
        for ours in waiting:
            self.move_item(ours, "RETURNED")

    # Search ----------------------------------------------------------------------------------

    def _search(self, query: dict[str, str]) -> Reply:
        since, until = _read_time(query["start_date"]), _read_time(query["end_date"])
        with self.lock:
            found = [
                {"transaction_info": _transaction(item)}
                for batch in self.batches.values()
                for item in batch["items"]
                if since <= _read_time(item["time_processed"]) < until
                and item["transaction_status"] != "FAILED"
            ]
        size, page = int(query["page_size"]), int(query["page"])
        return Reply(
            200,
            {
                "transaction_details": found[size * (page - 1) : size * page],
                "page": page,
                "total_pages": max(1, -(-len(found) // size)),
            },
        )

    # Notices ---------------------------------------------------------------------------------

    def _tell(self, item: dict[str, Any]) -> None:
        status = item["transaction_status"]
        event = {
            "id": f"WH-{uuid4().hex[:17].upper()}",
            "event_type": f"PAYMENT.PAYOUTS-ITEM.{EVENTS.get(status, status)}",
            "resource_type": "payouts_item",
            "resource": item,
        }
        body = json.dumps(event).encode()
        self.notice(self.sign(body) if self.notices_to else {}, body)

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers of a notice."""
        id, at = str(uuid4()), _time_text(self.now())
        signed = f"{id}|{at}|{self.webhook_id}|{zlib.crc32(body)}".encode()
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Content-Type": "application/json",
            "Paypal-Transmission-Id": id,
            "Paypal-Transmission-Time": at,
            "Paypal-Transmission-Sig": base64.b64encode(signature).decode(),
            "Paypal-Cert-Url": self.url + self.certificate_path,
            "Paypal-Auth-Algo": "SHA256withRSA",
        }

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def certificate(self) -> bytes:
        """The certificate that notices are signed with, as PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SIGNER)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)


def _transaction(item: dict[str, Any]) -> dict[str, Any]:
    amount = item["payout_item"]["amount"]
    status = {"SUCCESS": "S", "RETURNED": "V"}.get(item["transaction_status"], "P")
    return {
        "transaction_id": item["transaction_id"],
        "transaction_event_code": "T0001",
        "transaction_initiation_date": item["time_processed"],
        "transaction_amount": {"currency_code": amount["currency"], "value": f"-{amount['value']}"},
        "transaction_status": status,
    }


def _time_text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _error(status: int, name: str, *, field: str = "", issue: str = "") -> Reply:
    details = [{"field": field, "issue": issue}] if field else []
    return Reply(status, {"name": name, "message": name, "details": details})
