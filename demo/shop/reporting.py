"""Tells the affiliate program what happened: now if its server answers, else until it does."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from demo.shop.outbox import Outbox, Report
from demo.shop.settings import Settings

TIMEOUT_SECONDS = 5
PAUSE_SECONDS = 0.5
ANSWER_BYTES_MAX = 64 * 1024


class Reporter:
    """A thread that posts what is due. What was posted twice counts once."""

    def __init__(self, settings: Settings, outboxes: Sequence[Outbox]) -> None:
        self._settings = settings
        self._outboxes = outboxes
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
        with Outbox.changed:
            Outbox.changed.notify_all()
        self._thread.join(TIMEOUT_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for outbox in self._outboxes:
                for report in outbox.due():
                    accepted, answer = self._post(report)
                    outbox.note_answer(report, accepted=accepted, answer=answer)
            with Outbox.changed:
                if not self._stopping.is_set():
                    Outbox.changed.wait(PAUSE_SECONDS)

    def _post(self, report: Report) -> tuple[bool, str]:
        """Return whether the server took the report, and what it answered."""
        request = urllib.request.Request(
            f"{self._settings.app_url}{report.path}",
            data=json.dumps(report.body).encode(),
            headers={
                "Authorization": f"Bearer {self._settings.api_key}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Idempotency-Key": f"{report.kind}-{report.number}",
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


def make_customer_report(
    settings: Settings, *, customer: str, seen_at: str, click_id: str
) -> dict[str, Any]:
    """Return the body of `POST /api/v1/customers`; empty if there is nothing to tell."""
    if not click_id:
        return {}
    return {
        "program": settings.program_id,
        "external_id": customer,
        "click_id": click_id,
        "first_seen_at": seen_at,
    }


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
