"""The journal: clicks on the local disk that PostgreSQL has not taken yet.

Segments are files of lines, named by the time they were begun. A process locks the segments it
holds, so that several edges may share a directory and any of them brings in what a dead one left.
"""

import asyncio
import fcntl
import io
import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

log = structlog.get_logger()

SEGMENT_BYTES = 16 * 1024 * 1024
SUFFIX = ".clicks"
REFUSED = "refused.jsonl"  # What PostgreSQL will never take, with the reason, for people to read.

T = TypeVar("T")


class Segment:
    """A sealed file of the journal, locked by us until it is closed."""

    def __init__(self, path: Path, file: io.BufferedRandom) -> None:
        self.path = path
        self._file = file

    def read(self, count: int) -> list[str]:
        """Return the next lines, none at the end; the last may be torn."""
        lines: list[str] = []
        while len(lines) < count and (line := self._file.readline()):
            lines.append(line.decode(errors="replace").removesuffix("\n"))
        return lines

    def delete(self) -> None:
        """Remove the file: its lines are stored."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go; whoever comes next finds it as it was."""
        self._file.close()


class Journal:
    """Appends that are on the disk when they return, off the event loop, many per fsync."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._file: io.FileIO | None = None  # Touched in the thread only, as all files are.
        self._pending: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, lines: Sequence[str]) -> None:
        """Return when the lines are on the disk. What arrives meanwhile shares the next fsync.

        :raises OSError: if the disk does not take them.
        """
        on_disk = asyncio.get_running_loop().create_future()
        self._pending.append(("".join(f"{line}\n" for line in lines).encode(), on_disk))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_pending())
        await on_disk

    async def claim(self) -> list[Segment]:
        """Seal what we write; return the segments that no other process holds, oldest first."""
        return await self.in_thread(self._claim)

    async def set_aside(self, line: str, reason: str) -> None:
        """Keep a line that can never be stored where people find it."""
        log.error("journal.line_refused", reason=reason, path=str(self.directory / REFUSED))
        entry = json.dumps({"reason": reason, "line": line}) + "\n"
        await self.in_thread(partial(self._keep_refused, entry))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do file work in the journal's one thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Finish writing and let the segment go."""
        if self._writer is not None:
            await self._writer
        await self.in_thread(self._seal)
        self._thread.shutdown()

    async def _write_pending(self) -> None:
        while self._pending:
            group, self._pending = self._pending, []
            failure: OSError | None = None
            try:
                await self.in_thread(partial(self._append, b"".join(data for data, _ in group)))
            except OSError as error:
                failure = error
            for _data, on_disk in group:
                if on_disk.done():  # Whoever waited was cancelled.
                    continue
                if failure is None:
                    on_disk.set_result(None)
                else:
                    on_disk.set_exception(failure)

    def _append(self, data: bytes) -> None:
        file = self._file or self._begin()
        left = memoryview(data)
        try:
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            self._seal()  # So that a torn line is the last of its segment.
            raise
        if file.tell() >= SEGMENT_BYTES:
            self._seal()

    def _begin(self) -> io.FileIO:
        # Locked before it gets its name, or another edge could take and delete it in between.
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.directory / f"{time.time_ns():020d}-{os.getpid()}{SUFFIX}"
        draft = path.with_suffix(".new")
        file = io.FileIO(draft, "a", opener=partial(os.open, mode=0o600))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(path)
        folder = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._file = file
        return file

    def _seal(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()

    def _claim(self) -> list[Segment]:
        self._seal()
        found = sorted(self.directory.glob(f"*{SUFFIX}"))
        return [segment for path in found if (segment := self._lock(path)) is not None]

    @staticmethod
    def _lock(path: Path) -> Segment | None:
        try:
            file = path.open("r+b")
        except FileNotFoundError:  # Another edge was done with it first.
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return Segment(path, file)

    def _keep_refused(self, entry: str) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.directory / REFUSED).open("a", encoding="utf-8") as file:
            file.write(entry)
            file.flush()
            os.fsync(file.fileno())
