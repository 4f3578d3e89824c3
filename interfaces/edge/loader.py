"""Keeps the map of links fresh: all of it at the start, then what PostgreSQL says has changed."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import structlog

from interfaces.edge.database import Row, Session
from interfaces.edge.links import ROUTES_MAX, Links, RouteMap
from interfaces.edge.routes import SELECT_ROUTES, read_snapshot, route_of, write_snapshot
from tracking.clicks import Route

log = structlog.get_logger()

RELOAD_SECONDS = 120.0  # A safety net: every change is announced, but a pooler may swallow it.
RETRY_SECONDS = 1.0
SAVE_SECONDS = 10.0  # Quiet for so long after a change: the snapshot is written.
GATHER_SECONDS = 0.02  # Changes that come together are read together.
CHUNK = 1_000

BY_CODE: Final[LiteralString] = SELECT_ROUTES + "WHERE link.code = ANY(%s)"
CHANGES: Final[dict[str, LiteralString]] = {
    "link": BY_CODE,
    "enrollment": SELECT_ROUTES + "WHERE enrollment.id = ANY(%s::uuid[])",
    "program": SELECT_ROUTES + "WHERE program.id = ANY(%s::uuid[])",
}
# The newest, and of these the oldest first: they are forgotten first.
NEWEST_ONLY: Final[LiteralString] = """
WHERE link.number IN (SELECT number FROM tracking_link ORDER BY number DESC LIMIT %s)
ORDER BY link.number
"""
NEWEST: Final[LiteralString] = SELECT_ROUTES + NEWEST_ONLY

Connection = psycopg.AsyncConnection[Row]


async def ask_by_code(session: Session, codes: Sequence[str]) -> list[Route]:
    """Return the routes of these codes, as PostgreSQL knows them.

    :raises Away: if it cannot be asked.
    """
    return [route_of(row) for row in await session.run(BY_CODE, [list(codes)])]


class Loader:
    """Loads and follows over a connection of its own; keeps a snapshot for a start without it."""

    def __init__(self, links: Links, conninfo: str, snapshot: Path) -> None:
        self._links = links
        self._conninfo = conninfo
        self._snapshot = snapshot
        self._is_saved = False
        self.is_loaded = False  # From PostgreSQL, not from the snapshot.
        self.has_tried = asyncio.Event()

    async def read_snapshot(self) -> None:
        """Start with what the last edge knew."""
        routes = await asyncio.to_thread(read_snapshot, self._snapshot)
        self._links.learn(routes)
        log.info("links.snapshot_read", routes=len(routes))

    async def run(self) -> None:
        """Load, follow, and begin again whenever the connection is lost, for ever."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
                async with connection:
                    await connection.execute("LISTEN fairlead_links")  # First, to miss nothing.
                    while True:
                        await self._load(connection)
                        await self._save()
                        await self._follow(connection)
            except psycopg.Error as error:
                log.warning("links.connection_lost", error=str(error))
            except Exception:
                log.exception("links.loader_failed")
            self.has_tried.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _load(self, connection: Connection) -> None:
        """Read every route into a new map, in small pieces: clicks go first."""
        before, fresh = self._links.map.routes, RouteMap()
        async with connection.transaction(), connection.cursor(name="routes") as cursor:
            await cursor.execute(NEWEST, [ROUTES_MAX])
            while rows := await cursor.fetchmany(CHUNK):
                for route in map(route_of, rows):
                    if before.get(route.code) != route:
                        self._is_saved = False
                    fresh.add(route)
                await asyncio.sleep(0)
        if len(before) != len(fresh.routes):
            self._is_saved = False
        self._links.replace(fresh)
        if not self.is_loaded:
            log.info("links.loaded", routes=len(fresh.routes))
        self.is_loaded = True
        self.has_tried.set()

    async def _follow(self, connection: Connection) -> None:
        """Apply changes as they are announced, until it is time to load everything again."""
        loop = asyncio.get_running_loop()
        end = loop.time() + RELOAD_SECONDS
        while (left := end - loop.time()) > 0:
            payloads = await _hear(connection, seconds=min(left, SAVE_SECONDS), enough=1)
            if payloads:
                payloads += await _hear(connection, seconds=GATHER_SECONDS)
                await self._apply(connection, payloads)
            else:
                await self._save()

    async def _apply(self, connection: Connection, payloads: list[str]) -> None:
        changed: dict[str, set[str]] = defaultdict(set)
        for payload in payloads:
            kind, _, name = payload.partition(" ")
            changed[kind].add(name)
        for kind, names in changed.items():
            cursor = await connection.execute(CHANGES[kind], [list(names)])
            routes = [route_of(row) for row in await cursor.fetchall()]
            gone = names - {route.code for route in routes} if kind == "link" else ()
            self._links.learn(routes, gone=gone)
        self._is_saved = False

    async def _save(self) -> None:
        if self._is_saved:
            return
        routes = list(self._links.map.routes.values())
        try:
            await asyncio.to_thread(write_snapshot, self._snapshot, routes)
            self._is_saved = True
        except OSError as error:
            log.warning("links.snapshot_failed", error=str(error))


async def _hear(connection: Connection, *, seconds: float, enough: int | None = None) -> list[str]:
    """Return what was announced: all of this time, or as soon as it is enough."""
    heard = connection.notifies(timeout=seconds, stop_after=enough)
    return [notification.payload async for notification in heard]
