"""find_proof: a page is read where its own site leads, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from affiliates.proofs import ProofFinding, find_proof
from common.pages import REDIRECTS_MAX

SECRET = "fairlead-secret"
PAGE = f'<head><meta name="fairlead-proof" content="{SECRET}"></head>'.encode()


class Site(BaseHTTPRequestHandler):
    """Leads /3 to /2 to /1 to the page; /away to another host, /odd to no address."""

    def do_GET(self) -> None:
        here = self.path.strip("/")
        if here == "page":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PAGE)
            return
        self.send_response(301)
        port = self.server.server_address[1]
        self.send_header("Location", self.leads(here, port))
        self.send_header("Content-Length", "0")
        self.end_headers()

    @staticmethod
    def leads(here: str, port: int) -> str:
        """Return where a page leads."""
        if here == "away":
            return f"http://localhost:{port}/page"
        if here == "odd":
            return "http://[1"
        number = int(here) - 1
        return f"/{number}#top" if number else f"http://127.0.0.1:{port}/page"

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[int]:
    """Run the site; yield its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "finding"),
    [
        ("page", ProofFinding.FOUND),
        ("3", ProofFinding.FOUND),
        (str(REDIRECTS_MAX), ProofFinding.FOUND),
        (str(REDIRECTS_MAX + 1), ProofFinding.UNREACHABLE),
        ("away", ProofFinding.UNREACHABLE),
        ("odd", ProofFinding.UNREACHABLE),
    ],
)
def test_a_site_may_lead_on_within_itself(path: str, finding: ProofFinding, settings: Any) -> None:
    settings.DNS_SERVERS = ["127.0.0.1:9"]
    with serving() as port:
        settings.OUTGOING_HOSTS = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})

        assert find_proof(url=f"http://127.0.0.1:{port}/{path}", proof=SECRET) == finding
