"""Tells the affiliate program about orders: now if its server answers, else until it does."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from typing import Any

from demo.shop.orders import Order, OrderBook
from demo.shop.settings import Settings

TIMEOUT_SECONDS = 5
PAUSE_SECONDS = 0.5
ANSWER_BYTES_MAX = 64 * 1024


class Reporter:
    """A thread that posts what is due. An order that was posted twice is one conversion."""

    def __init__(self, settings: Settings, book: OrderBook) -> None:
        self._settings = settings
        self._book = book
        # The two talk directly: a proxy of this machine is for the world outside.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the call that is under way."""
        self._stopping.set()
        with self._book.changed:
            self._book.changed.notify_all()
        self._thread.join(TIMEOUT_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for order in self._book.due():
                accepted, answer = self._post(order)
                self._book.note_answer(order, accepted=accepted, answer=answer)
            with self._book.changed:
                if not self._stopping.is_set():
                    self._book.changed.wait(PAUSE_SECONDS)

    def _post(self, order: Order) -> tuple[bool, str]:
        """Return whether the server took the report, and what it answered."""
        request = urllib.request.Request(  # noqa: S310 (the settings say http or https)
            f"{self._settings.app_url}/api/v1/conversions",
            data=json.dumps(order.report).encode(),
            headers={
                "Authorization": f"Bearer {self._settings.api_key}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Idempotency-Key": f"order-{order.number}",
            },
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                text = answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
                return 200 <= answer.status < 300, text
        except urllib.error.HTTPError as error:
            with error:
                text = error.read(ANSWER_BYTES_MAX).decode(errors="replace")
            return False, f"HTTP {error.code}: {text}"
        except (OSError, http.client.HTTPException) as error:
            return False, f"No answer: {error}"


def make_report(
    settings: Settings,
    *,
    number: str,
    placed_at: str,
    customer: str,
    amounts: dict[str, int],
    items: list[dict[str, Any]],
    click_id: str,
    coupon: str,
) -> dict[str, Any]:
    """Return the body of `POST /api/v1/conversions` for an order."""
    return {
        "program": settings.program_id,
        "goal": "sale",
        "external_id": number,
        "currency": settings.currency,
        "occurred_at": placed_at,
        **amounts,
        "items": items,
        "customer": {"external_id": customer},
        **({"click_id": click_id} if click_id else {}),
        **({"coupon": coupon} if coupon else {}),
    }
