"""Many rows in one statement, without an object for each: for what goes by the thousand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import connection, models
from django.db.models.expressions import RawSQL

WRITTEN_AT = "created_at"
MANY = 500


def insert_rows(
    model: type[models.Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    shared: Mapping[str, Any] | None = None,
    on_conflict: str = "",
) -> int:
    """Insert rows, given by column; return how many were written.

    Values are what JSON knows; ids and moments go as text. All rows have the same columns, and
    those that the database has no default for must be there; `created_at` is the transaction's.
    `shared` columns have the same value in each. `on_conflict` is what follows ON CONFLICT.
    """
    if not rows:
        return 0
    shared = shared or {}
    statement = _statement(model, tuple(shared), tuple(rows[0]), on_conflict)
    with values_apart() as cursor:
        cursor.execute(statement, [*shared.values(), json_text(rows)])
        return cursor.rowcount


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as PostgreSQL's json_to_recordset reads them: ids and moments go as text."""
    return orjson.dumps(rows, default=str).decode()


def any_of(ids: Collection[UUID]) -> RawSQL:
    """Return ids for a lookup `__in`: one value, where a list would be one for each."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])


@contextmanager
def values_apart() -> Iterator[psycopg.Cursor]:
    """Open a cursor whose values travel beside the statement.

    Django's own writes them into it, and PostgreSQL reads them out again: a quarter of what a
    thousand rows cost.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


@contextmanager
def planned(**settings: str) -> Iterator[None]:
    """Set what PostgreSQL plans by, for the statements inside; callers are in a transaction.

    Nothing is compiled: a plan that goes against the settings looks dear beyond measure, and
    compiling it costs more than it takes.
    """
    settings = {"jit": "off", **settings}
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET LOCAL {name} = '{value}'")
        yield
        for name in settings:
            cursor.execute(f"SET LOCAL {name} TO DEFAULT")


@contextmanager
def hashing(count: int) -> Iterator[None]:
    """Let PostgreSQL join many rows by hashing them, in memory.

    Of rows written a moment ago it has no statistics: it takes them for a handful, and would
    compare each with each.
    """
    if count < MANY:
        yield
        return
    with planned(enable_nestloop="off", work_mem="64MB"):
        yield


@lru_cache(maxsize=64)
def _statement(
    model: type[models.Model], shared: tuple[str, ...], columns: tuple[str, ...], on_conflict: str
) -> str:
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    names = [f'"{column}"' for column in (*shared, *columns)]
    given = [f"%s::{types[column]}" for column in shared] + [f'"{column}"' for column in columns]
    typed = ", ".join(f'"{column}" {types[column]}' for column in columns)
    if WRITTEN_AT in types and WRITTEN_AT not in (*shared, *columns):
        names, given = [*names, f'"{WRITTEN_AT}"'], [*given, "now()"]
    conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    # Names of tables, columns and types alone: they come from the model.
    return (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)})'  # noqa: S608
        f" SELECT {', '.join(given)} FROM json_to_recordset(%s::json) AS new ({typed}){conflict}"
    )
