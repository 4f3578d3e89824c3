"""What an outsider has: HTTP, the file that `bin/up` writes, and patience."""

import base64
import http.client
import json
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def id_of_click(token: str) -> str:
    """Return the id that a click token begins with (docs/tracking.md)."""
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(token + "==")[:16]))


BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0 Safari/537.36",
    "Accept": "text/html",
    "Accept-Language": "en",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def call(
    method: str,
    url: str,
    body: Any = None,
    *,
    key: str = "",
    headers: dict[str, str] | None = None,
    timeout_seconds: float = 20,
) -> Answer:
    """Send one request; redirects are not followed. `body` is sent as JSON unless it is bytes."""
    parts = urllib.parse.urlsplit(url)
    sent = dict(headers or {})
    data = body
    if body is not None and not isinstance(body, bytes):
        data = json.dumps(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    if key:
        sent["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=timeout_seconds
    )
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        answered = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, answered, response.read())
    finally:
        connection.close()


def wait_for(question: Callable[[], T | None], *, seconds: float = 30) -> T:
    """Return the first answer that is not empty.

    :raises AssertionError: if there is none in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"nothing within {seconds} s")


class Outsider:
    """A merchant's program and an affiliate's visitor, knowing only the demo file."""

    def __init__(self, demo: dict[str, Any]) -> None:
        self.demo = demo
        self.key: str = demo["merchant"]["api_key"]

    def click(self, code: str, query: str = "", **headers: str) -> tuple[Answer, str]:
        """Follow a link as a browser; return the answer and the click id it leads on."""
        answer = call("GET", f"{self.demo['edge_url']}/c/{code}?{query}", headers=BROWSER | headers)
        location = urllib.parse.urlsplit(answer.headers.get("location", ""))
        return answer, urllib.parse.parse_qs(location.query).get("fl_click", [""])[0]

    def api(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """Call the API with the merchant's key, or another."""
        url = f"{self.demo['app_url']}/api/v1/{path}"
        return call(method, url, body, key=self.key if key is None else key)

    def convert(self, **facts: Any) -> Answer:
        """Report a sale of 100.00, with other facts as given."""
        body = {
            "program": self.demo["program"]["id"],
            "goal": "sale",
            "external_id": uuid.uuid4().hex,
            "amount_minor": 10_000,
            "currency": self.demo["program"]["currency"],
        }
        return self.api("POST", "conversions", body | facts)

    def settled(self, conversion_id: str) -> Any:
        """Return the conversion once the worker has attributed it."""

        def ask() -> Any:
            conversion = self.api("GET", f"conversions/{conversion_id}").json
            return conversion if conversion["status"] != "received" else None

        return wait_for(ask)
