"""Ends what is left when the supervisor is killed and cannot do it itself.

A process beside the supervisor, told through a pipe which children run. When the pipe closes,
the supervisor is gone: each child gets the signal that ends it in good order and, after a while,
whatever is left of its session is ended by force.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO

PATIENCE_SECONDS = 10


class Guard:
    """The supervisor's end of the pipe.

    `held` is a locked file that every child keeps open: once the lock is free, all have ended.
    """

    def __init__(self, held: IO[str]) -> None:
        self.descriptor = held.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, held.name],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def watch(self, pid: int, *, death_signal: int) -> None:
        """Have this child ended if we are killed."""
        self._tell(f"{pid} {int(death_signal)}\n")

    def forget(self, pid: int) -> None:
        """Say that this child is gone, so that its number may mean another process."""
        self._tell(f"{pid} 0\n")

    def close(self) -> None:
        """Let the guard go home. What is still watched is ended."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, text: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # Somebody killed the guard; the children are fine.
            self._process.stdin.write(text.encode())
            self._process.stdin.flush()


def _send(pid: int, number: int) -> bool:
    """Send a signal (0 only asks); return whether there was anybody to take it."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end_session(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses a group of zombies.
        os.killpg(pid, signal.SIGKILL)


def _take(held: IO[str]) -> bool:
    """Return whether the last child has let go; the file is ours until we end, then."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end(death_signals: dict[int, int], held: IO[str]) -> None:
    for pid, number in death_signals.items():
        _send(pid, number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Asking for the file and not for the children: a dead child that nobody has buried is there.
    while not _take(held) and time.monotonic() < deadline:
        for pid in death_signals:
            if not _send(pid, 0):
                _end_session(pid)  # Who could have ended the rest in good order is gone.
        time.sleep(0.1)
    for pid in death_signals:
        _end_session(pid)


def main() -> None:
    """Listen until the supervisor is gone, then end what it left."""
    death_signals: dict[int, int] = {}
    for line in sys.stdin:
        pid, number = map(int, line.split())
        if number:
            death_signals[pid] = number
        else:
            death_signals.pop(pid, None)
    if death_signals:
        with open(sys.argv[1]) as held:
            _end(death_signals, held)


if __name__ == "__main__":
    main()
