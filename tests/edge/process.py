"""An edge as in life: a process of its own, spoken to over HTTP."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from stack.options import ROOT
from stack.ports import HOST, find_free
from tests.edge.running import CHROME

START_SECONDS = 60.0


class Answered(NamedTuple):
    """Status and address of an answer."""

    status: int
    location: str


class EdgeProcess:
    """A running edge."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, *, address: str = "192.0.2.7", **headers: str) -> Answered:
        """Ask for a path, as the visitor with this address, through a proxy that says so."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(
                "GET", path, headers={"user-agent": CHROME, "x-forwarded-for": address, **named}
            )
            answer = connection.getresponse()
            answer.read()
            return Answered(answer.status, answer.getheader("location", ""))
        finally:
            connection.close()


@contextmanager
def edge_process(data: Path, **settings: str) -> Iterator[EdgeProcess]:
    """Run an edge until the end of the block."""
    port = find_free()
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws"]
    address = ["--host", HOST, "--port", str(port), "config.rsgi:application"]
    environment = {
        **os.environ,
        "FAIRLEAD_DATA_DIR": str(data),
        "FAIRLEAD_TRUSTED_PROXIES": "127.0.0.0/8",
        **settings,
    }
    with subprocess.Popen(
        [*command, *address], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        try:
            edge = EdgeProcess(port)
            _wait_until_ready(edge)
            yield edge
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_ready(edge: EdgeProcess) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with suppress(OSError):
            if edge.get("/readyz").status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the edge did not get ready")
