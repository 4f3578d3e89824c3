"""The data directory of one stack: whose it is, its lock, its secrets, its small JSON files."""

import base64
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from stack.console import Failure, say
from stack.guard import Guard

MARKER = ".fairlead"  # Says that the directory is ours; the running supervisor locks it.
CHILDREN = ".children"  # Held open by every child, so that we can tell when all have ended.
LOCK_WAIT_SECONDS = 20


class DataDirectory:
    """A directory of ours, locked for this process until it ends.

    :raises Failure: if it holds something else, cannot be written, or another stack runs on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _make(path)
        self._lock = _open(path / MARKER)
        if not _lock(self._lock):
            owner = self._lock.read().strip() or "unknown"
            raise Failure(
                f"Another bin/up (process {owner}) runs on {path}. Stop it, or give this one "
                "another directory with --data and other ports."
            )
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        self._children = _open(path / CHILDREN)

    def take_over(self, nap: Callable[[], None]) -> Guard:
        """Wait until the last process of an earlier run is gone; return the guard of this one's.

        :raises Failure: if they do not go away by themselves.
        """
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while not _lock(self._children):
            if time.monotonic() > deadline:
                raise Failure(
                    f"Processes of an earlier run still use {self.path}. End them (their numbers "
                    f"are in {self.path / 'run.json'}), then start again."
                )
            nap()
        return Guard(self._children)

    def wipe(self) -> None:
        """Delete everything in the directory. The caller has waited for the children."""
        for entry in self.path.iterdir():
            if entry.name in (MARKER, CHILDREN):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        say(f"Wiped {self.path}")

    def read(self, name: str) -> dict[str, Any]:
        """Return one of the small JSON files; empty if it is not there."""
        try:
            content: dict[str, Any] = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Replace one of the small JSON files at once, readable by its owner alone."""
        with replacing(self.path / name) as file:
            json.dump(content, file, indent=2)
            file.write("\n")

    def release(self) -> None:
        """Let others use the directory; the end of the process does it too."""
        self._children.close()
        self._lock.close()


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Give a new file, mode 0600, that takes the place of `path` when the block ends well."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load_secrets(data: DataDirectory) -> dict[str, str]:
    """Return the installation's secrets, made when first asked for and never changed."""
    found: dict[str, str] = data.read("secrets.json")
    made = {
        "django": secrets.token_urlsafe(48),
        "click_keys": f"1:{secrets.token_hex(32)}",
        "field_keys": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        **{
            f"{who}_password": secrets.token_hex(24)
            for who in ("owner", "app", "ops", "postgres", "valkey")
        },
    }
    if made.keys() - found.keys():
        found = made | found
        data.write("secrets.json", found)
    return found


def _make(path: Path) -> None:
    try:
        if not path.exists():
            path.mkdir(parents=True)
            # As root PostgreSQL runs as somebody else, who must be able to walk through.
            path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        strangers = [entry.name for entry in path.iterdir()]
    except OSError as error:
        text = f"{path} cannot be used: {error.strerror}. Choose another with --data."
        raise Failure(text) from error
    if strangers and MARKER not in strangers:
        raise Failure(
            f"{path} is not empty and was not made by bin/up, so it is left alone. "
            "Choose another directory with --data."
        )


def _open(path: Path) -> IO[str]:
    try:
        return open(path, "r+", opener=_private)
    except OSError as error:
        raise Failure(
            f"{path} cannot be opened: {error.strerror}. Does the directory belong to another "
            "user? Choose another with --data."
        ) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
