"""A whole stack of its own, started and stopped by the command that people use."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from stack.environment import outer_environment

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240


class RunningStack:
    """`bin/up` on free ports and a data directory of its own."""

    def __init__(self, data: Path, *, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.ports = free_ports(3)
        self.environment = outer_environment() | (environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> dict[str, Any]:
        """Start the stack and return what its demo file says once it is ready."""
        web, edge, shop = (str(port) for port in self.ports)
        command = [
            sys.executable,
            str(ROOT / "bin" / "up"),
            *("--port", web, "--edge-port", edge, "--shop-port", shop),
            *("--data", str(self.data)),
        ]
        log = (self.data.parent / "up.log").open("ab")
        self.process = subprocess.Popen(
            command, env=self.environment | environment, stdout=log, stderr=log, cwd=ROOT
        )
        deadline = time.monotonic() + READY_SECONDS
        ready = self.data / "demo.json"
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.data.parent / "up.log").read_text()[-4000:])
            time.sleep(0.2)
        demo: dict[str, Any] = json.loads(ready.read_text())
        return demo

    def stop(self) -> int:
        """Stop the stack as Ctrl-C does; return its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def pid_of(self, name: str) -> int:
        """Return the process id of a part: `postgresql`, `valkey`, `web`, `edge`, …"""
        processes = json.loads((self.data / "run.json").read_text())["processes"]
        return int(processes[name])

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command against the stack, as an operator would."""
        return subprocess.run(
            [sys.executable, str(ROOT / "bin" / "manage"), "--data", str(self.data), *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def is_alive(pid: int) -> bool:
    """Return whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
