"""An edge that runs in this process, and a gate between it and PostgreSQL."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from interfaces.edge.app import EdgeApp
from interfaces.edge.database import conninfo_from_settings

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"
CALL_SECONDS = 20

T = TypeVar("T")


class Answer(NamedTuple):
    """What the edge answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str:
        """Return where it redirects to."""
        return self.headers.get("location", "")

    @property
    def json(self) -> Any:
        """Return the body, read as JSON."""
        return json.loads(self.body)


class Loop:
    """An event loop on a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Gate:
    """A port before PostgreSQL. Closed, it cuts and refuses connections, as a stopped server does.

    Hanging, it keeps them and lets nothing through.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        known = conninfo_to_dict(conninfo_from_settings())
        self._host, self._port = str(known["host"]), int(known["port"] or 5432)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self.port = 0
        self.open()

    @property
    def conninfo(self) -> str:
        """Return how to reach PostgreSQL through the gate."""
        return make_conninfo(conninfo_from_settings(), host="127.0.0.1", port=self.port)

    def open(self) -> None:
        """Let connections in, and bytes through."""
        self._loop.run(self._open())

    def close(self) -> None:
        """Cut every connection and refuse new ones."""
        self._loop.run(self._close())

    def hang(self) -> None:
        """Let nothing through any more."""
        self._loop.run(self._hang())

    async def _open(self) -> None:
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _hang(self) -> None:
        self._flows.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


class RunningEdge:
    """An edge and its callers."""

    def __init__(self, loop: Loop, data: Path, *, conninfo: str = "", **options: Any) -> None:
        self._loop = loop
        self._is_stopped = False
        self._visitors = count(1)
        self.app = self.run(self._make(data, conninfo or conninfo_from_settings(), options))

    @staticmethod
    async def _make(data: Path, conninfo: str, options: dict[str, Any]) -> EdgeApp:
        app = EdgeApp(conninfo=conninfo, data=data, keys=settings.CLICK_KEYS, **options)
        await app.start()
        return app

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the edge's loop."""
        return self._loop.run(work)

    def stop(self) -> None:
        """Stop the edge in good order; safe to repeat."""
        if not self._is_stopped:
            self._is_stopped = True
            self.run(self.app.stop())

    def address(self) -> str:
        """Return another visitor's address: of 192.0.2.0/24, then of 10.0.0.0/8."""
        number = next(self._visitors)
        if number < 255:
            return f"192.0.2.{number}"
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    def get(self, url: str, **options: Any) -> Answer:
        """Ask for an address and return the answer."""
        return self.run(self.ask("GET", url, **options))

    def get_many(self, urls: list[str]) -> list[Answer]:
        """Ask for many addresses at once."""

        async def all_of_them() -> list[Answer]:
            return await asyncio.gather(*(self.ask("GET", url) for url in urls))

        return self.run(all_of_them())

    def post(self, url: str, body: bytes = b"", **options: Any) -> Answer:
        """Send a body and return the answer."""
        return self.run(self.ask("POST", url, body=body, **options))

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        client: str = "",
    ) -> Answer:
        """Make one request as the server does; each by another visitor, unless one is named."""
        parts = urlsplit(url)
        named = {"user-agent": CHROME, **(headers or {})}
        scope = SimpleNamespace(
            method=method,
            path=unquote(parts.path),
            query_string=parts.query,
            headers={name: value for name, value in named.items() if value.isascii()},
            client=f"{client or self.address()}:50000",
        )
        exchange = RecordedExchange(body)
        await self.app.__rsgi__(scope, exchange)
        return Answer(exchange.status, exchange.headers, exchange.body)


class RecordedExchange:
    """The server's end of one request: gives its body, and keeps the answer."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body in two pieces."""
        middle = len(self._sent) // 2
        yield self._sent[:middle]
        yield self._sent[middle:]

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Keep an answer without a body."""
        self.response_bytes(status, headers, b"")

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Keep an answer."""
        self.status, self.headers, self.body = status, dict(headers), body
