"""A demo shop on a real socket, who visits it, and the server that it reports to."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

CLICK = "AZ1x2y3z4A5b6C7d8E9f0GhIjKlMnOpQrStUvW"
EDGE = "http://127.0.0.1:9"
CUSTOMER = {"name": "Mara", "email": "mara@example.com"}


@dataclass
class Program:
    """The affiliate program's server, as far as the shop can tell: it records what it is told."""

    url: str
    status: int = 201
    calls: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Run a server in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Page:
    """An answer of the shop."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """Somebody with a browser that follows nothing by itself."""

    port: int
    cookie: str = ""
    takes_cookies: bool = True

    def ask(self, method: str, path: str, **fields: str) -> Page:
        """Make one request, with a form if there are fields; keep the cookie."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        return self.send(method, path, urlencode(fields) if fields else None, headers)

    def send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Page:
        """Make one request exactly as given; keep the cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers | {"Cookie": self.cookie})
        answer = connection.getresponse()
        page = Page(answer.status, dict(answer.getheaders()), answer.read().decode())
        connection.close()
        if self.takes_cookies:
            self.cookie = page.headers.get("Set-Cookie", self.cookie).split(";")[0]
        return page

    def order(self, **fields: str) -> Page:
        """Buy an anchor lamp; return the thank-you page."""
        self.ask("POST", "/cart", slug="anchor-lamp", quantity="1")
        placed = self.ask("POST", "/checkout", **CUSTOMER, **fields)
        assert placed.status == 303
        return self.ask("GET", placed.headers["Location"])

    def orders(self) -> list[dict[str, Any]]:
        """Return what the shop says of its orders."""
        found: list[dict[str, Any]] = json.loads(self.ask("GET", "/orders").text)["data"]
        return found


def wait_for(condition: Callable[[], object]) -> None:
    """Return when the condition holds; fail if it does not within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
