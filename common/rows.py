"""Many rows in one statement, without an object for each: for what is written by the thousand."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models

WRITTEN_AT = "created_at"


def insert_rows(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, on_conflict: str = ""
) -> int:
    """Insert rows, given by column; return how many were written.

    Values are what JSON knows; ids and moments go as text. All rows have the same columns, and
    those that the database has no default for must be there; `created_at` is the transaction's.
    `on_conflict` is what follows ON CONFLICT.
    """
    if not rows:
        return 0
    statement = _statement(model, tuple(rows[0]), on_conflict)
    with connection.cursor() as cursor:
        cursor.execute(statement, [json_text(rows)])
        return int(cursor.rowcount)


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as PostgreSQL's json_to_recordset reads them: ids and moments go as text."""
    return orjson.dumps(rows, default=str).decode()


@lru_cache(maxsize=64)
def _statement(model: type[models.Model], columns: tuple[str, ...], on_conflict: str) -> str:
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    names = [f'"{column}"' for column in columns]
    typed = ", ".join(f'"{column}" {types[column]}' for column in columns)
    into, given = ", ".join(names), ", ".join(names)
    if WRITTEN_AT in types and WRITTEN_AT not in columns:
        into, given = f'{into}, "{WRITTEN_AT}"', f"{given}, now()"
    conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    # Names of tables, columns and types alone: they come from the model.
    return (
        f'INSERT INTO "{model._meta.db_table}" ({into})'  # noqa: S608
        f" SELECT {given} FROM json_to_recordset(%s) AS new ({typed}){conflict}"
    )
