"""Child processes that never outlive us, and the signal that asks us to stop."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from stack.console import Failure
from stack.guard import Guard

LOGS_KEPT = 3
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or the terminal was closed."""


class StopSignal:
    """Remembers that we were asked to stop; whoever waits learns it within a tenth of a second."""

    def __init__(self) -> None:
        self.received = False

    def listen(self) -> None:
        """Take over the signals. Comes before the first child."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True

    def nap(self) -> None:
        """Sleep a moment.

        :raises Stopped: if we were asked to stop.
        """
        time.sleep(0.1)
        if self.received:
            raise Stopped


@dataclass(frozen=True)
class Account:
    """Another user of this machine that a child runs as."""

    name: str
    uid: int
    gid: int


def account_for_servers() -> Account | None:
    """Return whom PostgreSQL runs as, because it refuses root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Failure(
        "PostgreSQL refuses to run as root and there is neither a user 'postgres' nor 'nobody' "
        "to run it as. Start bin/up as an ordinary user."
    )


def die_with_parent(death_signal: int) -> Callable[[], None]:
    """Return what a child calls before it becomes its program, so that it ends when we do.

    Linux sends the signal even when we are killed. Elsewhere a child outlives a killed parent.
    """
    parent = os.getpid()

    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # It happened before we could ask to be told.
                os._exit(1)

    return prepare


@dataclass(kw_only=True)
class Child:
    """One program that we start, watch and stop; its output goes to a log of its own."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    directory: Path
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGTERM
    account: Account | None = None
    guard: Guard
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """Start the program in a session of its own: a Ctrl-C is for us alone."""
        user = self.account
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                cwd=self.directory,
                start_new_session=True,
                preexec_fn=die_with_parent(self.death_signal),
                pass_fds=(self.guard.descriptor,),
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        self.guard.watch(self.process.pid, death_signal=self.death_signal)

    @property
    def pid(self) -> int:
        """Return the process's number, or 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def is_running(self) -> bool:
        """Return whether the program we started still runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> str:
        """Return in words how the program ended."""
        code = self.process.poll() if self.process else None
        if code is None:
            return "running"
        return f"status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def ask_to_stop(self) -> None:
        """Send the program the signal that ends it in good order."""
        if self.process is not None and self.is_running:
            self.process.send_signal(self.stop_signal)

    def wait_stopped(self, *, timeout_seconds: float) -> None:
        """Wait until the program is gone; end it and its own children by force after the time."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses a group of zombies.
            os.killpg(self.pid, signal.SIGKILL)  # Whatever it left behind in its session.
        self.guard.forget(self.pid)

    def last_words(self, *, lines: int = 15) -> str:
        """Return the end of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def run_to_end(child: Child, nap: Callable[[], None]) -> None:
    """Run a program that ends by itself.

    :raises Failure: with the end of its log, if it did not end well.
    :raises Stopped: if we were asked to stop meanwhile; the program is stopped first.
    """
    child.start()
    try:
        while child.is_running:
            nap()
    except Stopped:
        child.ask_to_stop()
        child.wait_stopped(timeout_seconds=10)
        raise
    child.wait_stopped(timeout_seconds=0)
    if child.status != "status 0":
        raise Failure(
            f"{child.name} ended with {child.status}:\n{child.last_words()}\n({child.log})"
        )


def rotate(log: Path) -> None:
    """Move the logs of earlier runs one place on, so that a run starts with an empty one."""
    for number in range(LOGS_KEPT - 1, -1, -1):
        older = log.with_name(f"{log.name}.{number}") if number else log
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
