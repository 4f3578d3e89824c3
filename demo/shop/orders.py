"""The shop's orders, in SQLite. An order is not reported until the program's server said so."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NUMBER_SIGNS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
DELAY_SECONDS_MAX = 60
TABLE = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    page_key TEXT NOT NULL UNIQUE,      -- In the address of the thank-you page.
    placed_at TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    report TEXT NOT NULL,               -- What is to be posted, as JSON.
    reported INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at REAL NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''     -- The last one, or why there was none.
)
"""
COLUMNS = "number, page_key, placed_at, name, total_minor, report, reported, attempts, answer"


@dataclass(frozen=True, slots=True)
class Order:
    """One order, with how far its report has got."""

    number: str
    page_key: str
    placed_at: str
    name: str
    total_minor: int
    report: dict[str, Any]
    reported: bool
    attempts: int
    answer: str


def new_number() -> str:
    """Return an order number that nobody can guess the next of."""
    return "AC-" + "".join(secrets.choice(NUMBER_SIGNS) for _ in range(7))


class OrderBook:
    """Keeps orders. Safe to use from many threads; each call is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.changed = threading.Condition()  # Notified when an order comes or its report gets on.
        with self._open() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(TABLE)

    def place(
        self, *, name: str, email: str, total_minor: int, report: dict[str, Any], placed_at: str
    ) -> Order:
        """Store a new order and return it; its number is the report's external id."""
        order = Order(
            number=report["external_id"],
            page_key=secrets.token_urlsafe(16),
            placed_at=placed_at,
            name=name,
            total_minor=total_minor,
            report=report,
            reported=False,
            attempts=0,
            answer="",
        )
        with self._open() as database:
            database.execute(
                "INSERT INTO orders (number, page_key, placed_at, name, email, total_minor, report)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    order.number,
                    order.page_key,
                    placed_at,
                    name,
                    email,
                    total_minor,
                    json.dumps(report),
                ),
            )
        self._notify()
        return order

    def find(self, page_key: str) -> Order | None:
        """Return the order of a thank-you page."""
        return next(self._select("WHERE page_key = ?", page_key), None)

    def latest(self, limit: int = 200) -> list[Order]:
        """Return the newest orders, newest first."""
        return list(self._select("ORDER BY placed_at DESC, number LIMIT ?", limit))

    def due(self) -> list[Order]:
        """Return orders whose report may be tried now, the longest waiting first."""
        condition = "WHERE reported = 0 AND next_try_at <= ? ORDER BY next_try_at LIMIT 20"
        return list(self._select(condition, time.time()))

    def note_answer(self, order: Order, *, accepted: bool, answer: str) -> None:
        """Note what came of trying: done, or to be tried again after 1, 2, 4 … 60 seconds."""
        delay = min(2**order.attempts, DELAY_SECONDS_MAX)
        with self._open() as database:
            database.execute(
                "UPDATE orders SET reported = ?, attempts = attempts + 1, next_try_at = ?,"
                " answer = ? WHERE number = ?",
                (accepted, time.time() + delay, answer[:4_000], order.number),
            )
        self._notify()

    def wait_until_reported(self, order: Order, *, timeout_seconds: float) -> None:
        """Return when the order is reported, or after that time."""
        deadline = time.monotonic() + timeout_seconds
        with self.changed:
            while (left := deadline - time.monotonic()) > 0:
                found = self.find(order.page_key)
                if found is None or found.reported or found.attempts:
                    return
                self.changed.wait(left)

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _select(self, condition: str, value: object) -> Iterator[Order]:
        with self._open() as database:
            rows = database.execute(
                f"SELECT {COLUMNS} FROM orders {condition}",  # noqa: S608 (all ours)
                (value,),
            ).fetchall()
        for number, page_key, placed_at, name, total, report, reported, attempts, answer in rows:
            yield Order(
                number,
                page_key,
                placed_at,
                name,
                total,
                json.loads(report),
                bool(reported),
                attempts,
                answer,
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=5)
        try:
            with database:
                yield database
        finally:
            database.close()
