"""Who wants the shop's letter. Through whom they came is told at once, so that it counts later."""

import json
from dataclasses import dataclass
from typing import Any

from demo.shop.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who wants the letter, with how far the report about them has got."""

    number: str
    report: dict[str, Any]
    reported: bool
    answer: str


class LetterBook(Outbox):
    """Keeps readers. Only those who came through somebody are told of."""

    table = "letters"
    kind = "letter"
    path = "/api/v1/customers"
    columns = """
        number TEXT PRIMARY KEY,            -- The customer's number.
        email TEXT NOT NULL,
        report TEXT NOT NULL,
        reported INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at REAL NOT NULL DEFAULT 0,
        answer TEXT NOT NULL DEFAULT ''
    """

    def add(self, *, number: str, email: str, report: dict[str, Any]) -> None:
        """Store a reader and what to tell, which may be nothing; who is known stays as they are."""
        with self._open() as database:
            database.execute(
                "INSERT INTO letters (number, email, report, reported) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (number, email, json.dumps(report), not report),
            )
        self.notify()

    def readers(self) -> list[Reader]:
        """Return everybody."""
        with self._open() as database:
            rows = database.execute(
                "SELECT number, report, reported, answer FROM letters ORDER BY rowid DESC"
            ).fetchall()
        return [
            Reader(number, json.loads(report), bool(reported), answer)
            for number, report, reported, answer in rows
        ]
