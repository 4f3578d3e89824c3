"""What many tests begin with is stored by the real services once, and put back from then on.

A company and its affiliate take a tenth of a second to make, a world for the permission tables
more than a second; thousands of tests begin with one. The rows that the first of them stored are
kept beside the tables, and later tests get the same rows, ids and all, in milliseconds.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import TypeVar

import psycopg
import time_machine
from psycopg import sql

from tests.cast import NOON

Stored = TypeVar("Stored")
SHELF = "remembered"
ALL = sql.SQL("")
EARLY = NOON - timedelta(hours=1)  # Whatever a test stores is younger, by its id too.


class Memory:
    """The rows and the objects of each beginning, by its name; one for each test process."""

    def __init__(self, admin: psycopg.Connection, tables: Iterable[str]) -> None:
        self.admin = admin
        self.tables = sorted(tables)
        self.kept: dict[str, tuple[object, sql.Composable]] = {}
        admin.execute(f"CREATE SCHEMA IF NOT EXISTS {SHELF}")

    def recall(self, name: str, build: Callable[[], Stored], *, at: datetime = EARLY) -> Stored:
        """Return what `build` returns, with the rows that it adds; call it only the first time.

        It is called at one and the same moment, whatever the clock of the test says, and must
        build upon nothing but what is the same whenever the name is recalled.
        """
        if name not in self.kept:
            begun = self._row("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            before = self._counts()
            with time_machine.travel(at, tick=True):
                made = build()
            self.kept[name] = deepcopy(made), self._keep(len(self.kept), before, begun[0])
            return made
        made, put_back = self.kept[name]
        self.admin.execute(put_back)
        return deepcopy(made)  # type: ignore[return-value]

    def _keep(self, number: int, before: tuple[int, ...], begun: int) -> sql.Composable:
        """Copy the rows written since a transaction; return the statements that put them back."""
        written = sql.SQL("WHERE xmin::text::bigint >= {}").format(begun)
        statements: list[sql.Composable] = []
        counts = zip(self.tables, before, self._counts(), self._counts(written), strict=True)
        for table, count_before, count, count_written in counts:
            if count_written != count - count_before:
                raise ValueError(f"{table}: a beginning adds rows; this one changes or removes.")
            if count_written:
                names = {
                    "table": sql.Identifier(table),
                    "copy": sql.Identifier(SHELF, f"{number}_{table}"),
                    "columns": self._columns(table),
                }
                copy = "CREATE UNLOGGED TABLE {copy} AS SELECT {columns} FROM {table} {written}"
                self.admin.execute(sql.SQL(copy).format(written=written, **names))
                insert = "INSERT INTO {table} ({columns}) SELECT * FROM {copy};"
                statements.append(sql.SQL(insert).format(**names))
        # As a replica: triggers and foreign keys have seen these rows before.
        return sql.SQL(
            "SET session_replication_role = replica; {} RESET session_replication_role"
        ).format(sql.Composed(statements))

    def _columns(self, table: str) -> sql.Composable:
        """Return the columns that are not derived from others."""
        rows = self.admin.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [f'public."{table}"'],
        )
        return sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)

    def _counts(self, where: sql.Composable = ALL) -> tuple[int, ...]:
        """Return the number of rows of each table."""
        counts = sql.SQL(", ").join(
            sql.SQL("(SELECT count(*) FROM {} {})").format(sql.Identifier(table), where)
            for table in self.tables
        )
        return self._row(sql.SQL("SELECT {}").format(counts))

    def _row(self, statement: str | sql.Composable) -> tuple[int, ...]:
        found = self.admin.execute(statement).fetchone()
        assert found is not None
        return found
