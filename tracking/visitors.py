"""Telling one visitor from another for a day, without keeping who it was. Pure.

A visitor's name is a keyed hash of address and user agent. The key is the day's salt, which
PostgreSQL makes at random and forgets after 48 hours; from then on nobody can tell whose the
hashes were, or which hashes of two days are one person's.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

HASH_BYTES = 12  # 24 characters: enough for billions of visitors a day.
DRAW_BYTES = 8
DAY = timedelta(days=1)

Salts = Mapping[date, bytes]


class Names(NamedTuple):
    """What one visitor is called; empty where the day's salt is not known."""

    today: str
    yesterday: str


NOBODY = Names("", "")


def names_of(address: str, user_agent: str, *, at: datetime, salts: Salts) -> Names:
    """Return the visitor's names of this day and of the day before, by the UTC clock."""
    today = at.date()
    text = f"{address}\0{user_agent}".encode(errors="replace")
    return Names(_name(text, salts.get(today)), _name(text, salts.get(today - DAY)))


def _name(text: bytes, salt: bytes | None) -> str:
    if salt is None:
        return ""
    return blake2b(text, digest_size=HASH_BYTES, key=salt).hexdigest()


def draw_of(*parts: str) -> int:
    """Return a number that is the same for the same parts, and evenly spread otherwise."""
    text = "\0".join(parts).encode(errors="replace")
    return int.from_bytes(blake2b(text, digest_size=DRAW_BYTES).digest(), "big")
