"""What all stand-ins share: a server, a book of payments, and faults on demand."""

import json
import socket
import struct
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Event, RLock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset.


@dataclass
class Payment:
    """Money that has "really" moved."""

    ours: str  # What the sender calls it.
    theirs: str  # What the provider calls it.
    payee: str
    amount_minor: int
    currency: str
    status: str = "paid"  # Or "unclaimed", "returned".
    at: int = field(default_factory=lambda: int(time.time()))


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass
class Reply:
    """What is answered."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""  # In place of data, as text.


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls of a method to a path.

    refuse        answer `status`, and do nothing
    reset_before  hang up, and do nothing
    fail_after    do it, and answer 500
    reset_after   do it, and hang up
    hang          do it, and do not answer for `seconds`
    late          do nothing for `seconds`, by when nobody waits any more; then do it
    """

    kind: str
    method: str = "POST"
    path: str = "/"  # What it begins with.
    times: int = 1
    seconds: float = 0.0
    status: int = 503

    def fits(self, request: Request) -> bool:
        """Whether the fault is for this call."""
        return request.method == self.method and request.path.startswith(self.path)


class Fake:
    """A provider's stand-in. Use it as a context manager, or `start` and `stop` it."""

    name = "provider"

    def __init__(self, *, port: int = 0, store: Path | None = None) -> None:
        self.lock = RLock()
        self.book: list[Payment] = []
        self.calls: Counter[str] = Counter()  # How often "POST /v1/transfers" was read.
        self.faults: list[Fault] = []
        self.notices: list[tuple[dict[str, str], bytes]] = []  # Headers and bodies, as made.
        self.notices_to = ""  # Where they are posted, at once.
        self.clock_offset = 0.0  # Seconds by which this stand-in's time differs.
        self.store = store
        self.stopping = Event()
        self.load()
        self.server = _Server((HOST, port), _Handler)
        self.server.fake = self

    # What every stand-in fills ---------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Do what is asked."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what is stored beside the book."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` returned."""

    # Running ---------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://{HOST}:{self.server.server_port}"

    def start(self) -> None:
        """Serve from threads of this process."""
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop, and let go of whoever hangs."""
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # The book --------------------------------------------------------------------------------

    def pay(self, payment: Payment) -> Payment:
        """Move money."""
        with self.lock:
            self.book.append(payment)
        return payment

    def paid(self) -> Counter[str]:
        """Return how often each payout was paid, by our name for it."""
        with self.lock:
            return Counter(row.ours for row in self.book if row.status == "paid")

    def find(self, ours: str) -> Payment:
        """Return the payment of a payout."""
        with self.lock:
            return next(row for row in self.book if row.ours == ours)

    def load(self) -> None:
        """Read what an earlier run stored."""
        if self.store and self.store.exists():
            stored = json.loads(self.store.read_text())
            self.book = [Payment(**row) for row in stored["book"]]
            self.restore(stored["state"])

    def save(self) -> None:
        """Store everything, if there is a place for it."""
        if self.store:
            with self.lock:
                text = json.dumps({"book": list(map(asdict, self.book)), "state": self.state()})
                fresh = self.store.with_suffix(".new")
                fresh.write_text(text)
                fresh.replace(self.store)

    # Notices ---------------------------------------------------------------------------------

    def notice(self, headers: dict[str, str], body: bytes) -> None:
        """Make a notice, and post it if somebody listens."""
        with self.lock:
            self.notices.append((headers, body))
        if self.notices_to:
            Thread(target=self.post, args=([(headers, body)],), daemon=True).start()

    def repeat_notices(self, *, times: int = 1, seed: int | None = None) -> None:
        """Post all notices again, each so many times; with a seed, in disorder."""
        pile = self.notices * times
        if seed is not None:
            Random(seed).shuffle(pile)
        self.post(pile)

    def post(self, notices: Iterable[tuple[dict[str, str], bytes]]) -> None:
        """Post notices one after the other; an answer that is no success is nobody's matter."""
        for headers, body in notices:
            request = urllib.request.Request(self.notices_to, body, headers, method="POST")
            with suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(request, timeout=5).close()

    # Faults ----------------------------------------------------------------------------------

    def fail(self, kind: str, **details: Any) -> None:
        """Let something go wrong."""
        with self.lock:
            self.faults.append(Fault(kind, **details))

    def take_fault(self, request: Request) -> Fault | None:
        """Return what goes wrong with this call."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.fits(request):
                    fault.times -= 1
                    return fault
        return None

    def page(self) -> Reply:
        """Return the book as a page for people."""
        with self.lock:
            rows = "".join(
                f"<tr><td>{escape(row.ours)}<td>{escape(row.theirs)}<td>{escape(row.payee)}"
                f"<td>{row.amount_minor}<td>{row.currency}<td>{row.status}</tr>"
                for row in reversed(self.book)
            )
        text = (
            f"<!doctype html><meta charset=utf-8><title>{self.name}</title><h1>{self.name}</h1>"
            "<p>A stand-in: no money moves. This is what it would have paid, the newest first."
            f"<table><tr><th>Ours<th>Theirs<th>Payee<th>Minor units<th>Currency<th>Status{rows}"
            "</table>"
        )
        return Reply(200, content=text.encode(), headers={"Content-Type": "text/html"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    fake: Fake

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that were killed."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve()

    def do_PATCH(self) -> None:
        """Answer a PATCH."""
        self._serve()

    def _serve(self) -> None:
        fake = self.server.fake
        request = self._read()
        if request.path == "/" and request.method == "GET":
            self._write(fake.page())
            return
        with fake.lock:
            fake.calls[f"{request.method} {request.path}"] += 1
        fault = fake.take_fault(request)
        if fault is None:
            self._write(self._do(request))
        else:
            self._go_wrong(fault, request)

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)

    def _do(self, request: Request) -> Reply:
        reply = self.server.fake.answer(request)
        if request.method != "GET":
            self.server.fake.save()
        return reply

    def _go_wrong(self, fault: Fault, request: Request) -> None:
        fake = self.server.fake
        if fault.kind == "refuse":
            self._write(Reply(fault.status, {"error": {"type": "fault"}, "name": "FAULT"}))
        elif fault.kind == "reset_before":
            self._reset()
        elif fault.kind == "fail_after":
            self._do(request)
            self._write(Reply(500, {"error": {"type": "api_error"}, "name": "INTERNAL"}))
        elif fault.kind == "reset_after":
            self._do(request)
            self._reset()
        elif fault.kind == "hang":
            self._do(request)
            fake.stopping.wait(fault.seconds)
            self._reset()
        else:
            fake.stopping.wait(fault.seconds)
            self._do(request)
            self._reset()

    def _write(self, reply: Reply) -> None:
        content = reply.content or (b"" if reply.data is None else json.dumps(reply.data).encode())
        with suppress(OSError):  # Whoever asked may be dead.
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def _reset(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
