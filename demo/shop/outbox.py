"""What is to be told to the program's server, in SQLite until the server said that it took it."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DELAY_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Report:
    """One call that is to be made."""

    kind: str
    number: str  # With the kind the name of the call, so that a repeat is known as one.
    path: str
    body: dict[str, Any]
    attempts: int


class Outbox:
    """A table of reports. Safe to use from many threads; each call is a transaction of its own.

    Its table has at least the columns number, report, reported, attempts, next_try_at, answer.
    """

    table: str
    kind: str
    columns: str  # The whole of CREATE TABLE's list.
    path: str  # Of the API: where the reports go.

    changed = threading.Condition()  # Of all of them: notified when a report comes or gets on.

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._open() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(f"CREATE TABLE IF NOT EXISTS {self.table} ({self.columns})")

    def due(self) -> list[Report]:
        """Return reports that may be tried now, the longest waiting first."""
        with self._open() as database:
            rows = database.execute(
                f"SELECT number, report, attempts FROM {self.table}"  # noqa: S608 (all ours)
                " WHERE reported = 0 AND next_try_at <= ? ORDER BY next_try_at LIMIT 20",
                (time.time(),),
            ).fetchall()
        return [
            Report(self.kind, number, self.path, json.loads(body), attempts)
            for number, body, attempts in rows
        ]

    def note_answer(self, report: Report, *, accepted: bool, answer: str) -> None:
        """Note what came of trying: done, or to be tried again after 1, 2, 4 … 60 seconds."""
        delay = min(2**report.attempts, DELAY_SECONDS_MAX)
        with self._open() as database:
            database.execute(
                f"UPDATE {self.table} SET reported = ?, attempts = attempts + 1,"  # noqa: S608
                " next_try_at = ?, answer = ? WHERE number = ?",
                (accepted, time.time() + delay, answer[:4_000], report.number),
            )
        self.notify()

    def notify(self) -> None:
        """Wake whoever waits for a change."""
        with self.changed:
            self.changed.notify_all()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=5)
        try:
            with database:
                yield database
        finally:
            database.close()
