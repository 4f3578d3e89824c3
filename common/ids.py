"""Ids: UUIDv7 (RFC 9562), time-ordered, the same inside and outside."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils
import uuid_utils.compat

# No 0/o, 1/l/i, u/v: what people read out or type must not be mistaken.
READABLE = "23456789abcdefghjkmnpqrstwxyz"


def new_id() -> UUID:
    """Return a UUIDv7 of this moment."""
    return uuid_utils.compat.uuid7()


def new_id_text() -> str:
    """Return a UUIDv7 of this moment as text: for rows that no object stands for.

    Making a UUID of Python's own costs twenty times as much.
    """
    return str(uuid_utils.uuid7())


# The ids of many rows are a run: they count on from a UUIDv7 of now, in the order of `number`.
# In SQL; `run` names the parameter that has what `id_run` returned.
RUN_ID = "(%({run})s || lpad(to_hex({number}), 12, '0'))::uuid"


def id_run() -> str:
    """Return what the ids of a new run begin with."""
    return new_id().hex[:20]


def id_at(at: datetime) -> UUID:
    """Return a new UUIDv7 of the moment given, which a moved clock moves, too."""
    return UUID(int=id_floor(at).int | secrets.randbits(12) << 64 | secrets.randbits(62))


def id_floor(at: datetime) -> UUID:
    """Return the smallest UUIDv7 of the millisecond of `at`: a bound for range queries."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


def partition_bound(at: datetime) -> UUID:
    """Return the smallest UUID whatsoever with the millisecond of `at`, for range partitions."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def time_of(record_id: UUID) -> datetime:
    """Return the moment, to the millisecond, that a UUIDv7 was made."""
    return datetime.fromtimestamp((record_id.int >> 80) / 1000, tz=UTC)


def new_code(length: int = 8) -> str:
    """Return a random readable code; 8 characters are 38 bits."""
    return "".join(secrets.choice(READABLE) for _ in range(length))
