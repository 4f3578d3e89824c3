"""The shop of a test, with somebody in it, and the server that it reports to."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo.shop.letters import LetterBook
from demo.shop.orders import OrderBook
from demo.shop.reporting import Reporter
from demo.shop.server import Shop
from demo.shop.settings import Settings
from tests.demo.shop import EDGE, Program, Visitor, serving


@pytest.fixture
def program() -> Iterator[Program]:
    """Serve `POST /api/v1/conversions` on a real socket."""

    class Recorder(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            recorded.calls.append((dict(self.headers) | {"path": self.path}, body))
            self.send_response(recorded.status)
            self.end_headers()
            self.wfile.write(b'{"id": "c-1"}')

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    recorded = Program(f"http://127.0.0.1:{server.server_port}")
    with serving(server):
        yield recorded


@pytest.fixture
def settings_of_shop(program: Program, tmp_path: Path) -> Settings:
    """Return the settings of a shop in a directory of its own."""
    return Settings(
        app_url=program.url,
        edge_url=EDGE,
        api_key="fl_sk_test",
        publishable_key="fl_pk_test",
        program_id="p-1",
        currency="EUR",
        orders_path=tmp_path / "shop.sqlite3",
        coupons={"BOB10": 10},
        friends={"bob": "Bob’s <knots>"},
    )


@pytest.fixture
def visitor(settings_of_shop: Settings) -> Iterator[Visitor]:
    """Open the shop on a real socket and send somebody in."""
    book = OrderBook(settings_of_shop.orders_path)
    letters = LetterBook(settings_of_shop.orders_path)
    reporter = Reporter(settings_of_shop, [book, letters])
    shop = Shop(("127.0.0.1", 0), settings_of_shop, book, letters)
    reporter.start()
    with serving(shop):
        yield Visitor(shop.server_port)
        reporter.stop()
