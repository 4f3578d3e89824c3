"""A register of VAT ids: a real HTTP server that answers, errs or breaks as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CONSULTATION = "WAPIAAAAYx7J2"


class Register:
    """What the register knows, what it was asked, and what is wrong with it now."""

    def __init__(self) -> None:
        self.names = {"DE136695976": "Bob GmbH"}  # Ids in force.
        self.asked: list[dict[str, Any]] = []
        self.trouble: str = ""  # "MS_UNAVAILABLE", "500", "html", "hang up", "maybe".

    def answer(self, question: dict[str, Any]) -> tuple[int, bytes]:
        """Return status and body of an answer."""
        self.asked.append(question)
        if self.trouble == "html":
            return 200, b"<html>We are closed</html>"
        if self.trouble == "500":
            return 500, b"{}"
        if self.trouble == "maybe":
            return 200, b'{"valid": "perhaps"}'
        if self.trouble:
            error = {"actionSucceed": False, "errorWrappers": [{"error": self.trouble}]}
            return 200, json.dumps(error).encode()
        name = self.names.get(question["countryCode"] + question["vatNumber"])
        has_asker = "requesterNumber" in question
        said = {
            "valid": name is not None,
            "name": name or "---",
            "requestIdentifier": CONSULTATION if has_asker else "",
        }
        return 200, json.dumps(question | said).encode()


@contextmanager
def running(register: Register) -> Iterator[str]:
    """Serve the register on a free port; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/rest-api/check-vat-number"
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if register.trouble == "hang up":
                register.asked.append(question)
                self.connection.close()
                return
            status, body = register.answer(question)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/rest-api"
    finally:
        server.shutdown()
        server.server_close()
