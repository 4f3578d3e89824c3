"""What a measurement runs on: PostgreSQL that writes durably, an edge, nginx, each on its core."""

import os
import shutil
import signal
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
from stack.processes import Child
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


class Stage(NamedTuple):
    """Servers that run, the environment that names them, and PostgreSQL's own process."""

    environment: dict[str, str]
    postgresql: Child


@contextmanager
def servers(directory: Path) -> Iterator[Stage]:
    """Run PostgreSQL and Valkey, both of our own."""
    with ExitStack() as ends:
        data = DataDirectory(directory)
        ends.callback(data.release)
        guard = data.take_over(nap)
        ends.callback(guard.close)
        (directory / "logs").mkdir()
        secrets = load_secrets(data)
        assert "DATABASE_URL" not in os.environ, "A measurement runs its own PostgreSQL."
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
        environment |= {
            "DATABASE_ADMIN_URL": both.admin_url,
            "FAIRLEAD_TRUSTED_PROXIES": f"{HOST}/32",  # The load names its visitors' addresses.
        }
        yield Stage(environment, both.embedded[0].child)


class Running(NamedTuple):
    """A program that runs: where it listens, and who it is."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that it and its workers have used."""
        ticks = sum(int(stat[11]) + int(stat[12]) for _pid, stat in self._processes())
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Return the memory that it and its workers hold."""
        return sum(int(stat[21]) for _pid, stat in self._processes()) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """Kill it and its workers, the hard way."""
        for pid, _stat in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _processes(self) -> list[tuple[int, list[str]]]:
        """Return it and its workers, each with the fields of its stat from the third on."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                pid, rest = path.parent.name, path.read_text().rpartition(")")[2].split()
                if str(self.pid) in (pid, rest[1]):
                    found.append((int(pid), rest))
        return found


@contextmanager
def edge(environment: dict[str, str], port: int = 0) -> Iterator[Running]:
    """Run one edge on the server's core, on a free port unless one is given."""
    port = port or find_free()
    granian = [sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws"]
    address = ["--host", HOST, "--port", str(port), "config.rsgi:application"]
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
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(pinned, env=environment, cwd=ROOT, **quiet) as process:
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
