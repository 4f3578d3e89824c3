"""The edge's own connections to PostgreSQL: as the ops role, because a click names no merchant."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

CONNECT_SECONDS = 3
SILENCE_SECONDS = 10  # A network that swallows packets counts as away after this.

Row = tuple[Any, ...]


class Away(Exception):
    """PostgreSQL cannot be reached or cannot work now. Asking again later is right."""


def conninfo_from_settings() -> str:
    """Return how to reach PostgreSQL as the ops role."""
    database: dict[str, Any] = settings.DATABASES["ops"]
    return make_conninfo(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
        application_name="fairlead edge",
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=SILENCE_SECONDS,
        tcp_user_timeout=SILENCE_SECONDS * 1_000,
    )


class Session:
    """One connection, made when it is needed and thrown away on any doubt.

    Statements run one after the other and each commits for itself; each must be safe to repeat.
    Nothing here is ever cancelled in flight: who cannot wait leaves the statement to its end.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._turn = asyncio.Lock()

    async def run(self, statement: LiteralString, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement; return its rows, if it has any.

        :raises Away: if PostgreSQL did not do it.
        :raises psycopg.DataError, psycopg.IntegrityError: if it refuses the values.
        """
        async with self._turn:
            if self._connection is not None:
                with suppress(Away):  # It may only have been cut while nobody looked.
                    return await self._attempt(statement, values)
            return await self._attempt(statement, values)

    async def run_once(self, statement: LiteralString, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement that must not be repeated; return its rows, if it has any.

        :raises Away: if PostgreSQL did not do it, or did and could not say so.
        """
        async with self._turn:
            return await self._attempt(statement, values)

    async def close(self) -> None:
        """Close the connection, after the statement in flight."""
        async with self._turn:
            await self._disconnect()

    async def _attempt(self, statement: LiteralString, values: Sequence[Any]) -> list[Row]:
        try:
            connection = await self._connect()
            cursor = await connection.execute(statement, values, prepare=True)
            return await cursor.fetchall() if cursor.description else []
        except (psycopg.DataError, psycopg.IntegrityError):
            raise
        except psycopg.Error as error:
            await self._disconnect()
            raise Away(str(error)) from error

    async def _connect(self) -> psycopg.AsyncConnection[Row]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True
            )
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
