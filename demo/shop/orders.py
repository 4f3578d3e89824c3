"""The shop's orders, in SQLite. An order is not reported until the program's server said so."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demo.shop.outbox import Outbox

NUMBER_SIGNS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
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


class OrderBook(Outbox):
    """Keeps orders."""

    table = "orders"
    kind = "order"
    path = "/api/v1/conversions"
    columns = """
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
    """

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
        self.notify()
        return order

    def find(self, page_key: str) -> Order | None:
        """Return the order of a thank-you page."""
        return next(self._select("WHERE page_key = ?", page_key), None)

    def latest(self, limit: int = 200) -> list[Order]:
        """Return the newest orders, newest first."""
        return list(self._select("ORDER BY placed_at DESC, number LIMIT ?", limit))

    def wait_until_reported(self, order: Order, *, timeout_seconds: float) -> None:
        """Return when the order is reported, or after that time."""
        deadline = time.monotonic() + timeout_seconds
        with self.changed:
            while (left := deadline - time.monotonic()) > 0:
                found = self.find(order.page_key)
                if found is None or found.reported or found.attempts:
                    return
                self.changed.wait(left)

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
