"""What a measurement runs on: PostgreSQL that writes durably, an edge, nginx, each on its core."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from stack.data import DataDirectory, load_secrets
from stack.environment import make_environment
from stack.options import ROOT
from stack.ports import HOST, find_free
from stack.postgresql import remove_home
from stack.servers import Servers

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]  # The edge and nginx, in turns.
LOAD_CORE = CORES[1 % len(CORES)]
DATABASE_CORE = CORES[2 % len(CORES)] if len(CORES) > 2 else LOAD_CORE

NGINX = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log {directory}/access.log combined;
    keepalive_requests 1000000000;
    server {{
        listen {host}:{port};
        location / {{ return 302 https://shop.example/; }}
    }}
}}
"""


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Give a directory that PostgreSQL's own user may walk through, and delete it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="fairlead-bench-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        remove_home(directory)
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def servers(directory: Path) -> Iterator[dict[str, str]]:
    """Run PostgreSQL and Valkey; give the environment that names them."""
    with ExitStack() as ends:
        data = DataDirectory(directory)
        ends.callback(data.release)
        guard = data.take_over(nap)
        ends.callback(guard.close)
        (directory / "logs").mkdir()
        secrets = load_secrets(data)
        both = Servers(data, guard, secrets=secrets)
        ends.callback(both.stop)
        both.start(nap)
        for server in both.embedded:
            os.sched_setaffinity(server.child.pid, {DATABASE_CORE})
        environment = make_environment(
            data=directory,
            secrets=secrets,
            admin_url=both.admin_url,
            redis_url=both.redis_url,
            ports=(find_free(), find_free(), find_free()),
        )
        yield environment | {"DATABASE_ADMIN_URL": both.admin_url}


class Running(NamedTuple):
    """A program that runs: where it listens, and who it is."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that it and its workers have used."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                pid, rest = path.parent.name, path.read_text().rpartition(")")[2].split()
                if str(self.pid) in (pid, rest[1]):
                    ticks += int(rest[11]) + int(rest[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def edge(environment: dict[str, str]) -> Iterator[Running]:
    """Run one edge on the server's core."""
    port = find_free()
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--http", "1", "--no-ws"]
    address = ["--host", HOST, "--port", str(port), "config.asgi:application"]
    with running([*granian, *address], environment) as pid:
        wait_for_answer(f"http://{HOST}:{port}/readyz")
        yield Running(port, pid)


@contextmanager
def nginx(directory: Path) -> Iterator[Running]:
    """Run nginx, which redirects and writes its access log, on the server's core."""
    port = find_free()
    configuration = directory / "nginx.conf"
    configuration.write_text(NGINX.format(directory=directory, host=HOST, port=port))
    with running(["nginx", "-c", str(configuration), "-e", str(directory / "error.log")]) as pid:
        time.sleep(0.5)
        yield Running(port, pid)


@contextmanager
def running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[int]:
    """Run a program on the server's core and stop it in good order; give its process."""
    pinned = ["taskset", "-c", str(SERVER_CORE), *command]
    with subprocess.Popen(pinned, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def wait_for_answer(url: str, *, seconds: float = 30) -> None:
    """Return once the address answers 200.

    :raises TimeoutError: if it does not in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (OSError, urllib.error.URLError):
            nap()
    raise TimeoutError(url)


def nap() -> None:
    """Wait a little."""
    time.sleep(0.1)
