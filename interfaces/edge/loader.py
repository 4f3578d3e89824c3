"""Keeps the map of links fresh: all of it at the start, then what PostgreSQL says has changed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
import structlog

from interfaces.edge.database import Row, Session
from interfaces.edge.links import ROUTES_MAX, Links, RouteMap
from interfaces.edge.routes import (
    PROGRAM,
    SELECT_DOMAINS,
    SELECT_PROGRAMS,
    SELECT_ROUTES,
    Snapshot,
    program_of,
    read_snapshot,
    routes_of,
    write_snapshot,
)
from tracking.routes import DomainRoute, ProgramRoute, Route

log = structlog.get_logger()

RELOAD_SECONDS = 120.0  # A safety net: every change is announced, but a pooler may swallow it.
RETRY_SECONDS = 1.0
SAVE_SECONDS = 10.0  # Quiet for so long after a change: the snapshot is written.
GATHER_SECONDS = 0.02  # Changes that come together are read together.
CHUNK = 1_000

BY_CODE: Final[LiteralString] = SELECT_ROUTES + "WHERE link.code = ANY(%s)"
PROGRAMS_BY_ID: Final[LiteralString] = SELECT_PROGRAMS + "WHERE program.id = ANY(%s::uuid[])"
OF_ENROLLMENTS: Final[LiteralString] = """
WHERE enrollment.id IN (
    WITH changed AS (SELECT unnest(%s::uuid[]) AS id)
    SELECT id FROM changed
    UNION
    SELECT merged.id FROM affiliates_enrollment AS merged
    JOIN changed ON merged.merged_into_id = changed.id
)
"""
CHANGES: Final[dict[str, LiteralString]] = {  # What is announced → which routes it is about,
    "link": BY_CODE,
    "branches": SELECT_ROUTES + "WHERE link.id = ANY(%s::uuid[])",
    "enrollment": SELECT_ROUTES + OF_ENROLLMENTS,
}
PROGRAM_CHANGES: Final[dict[str, LiteralString]] = {  # or which programs.
    "program": PROGRAMS_BY_ID,
    "merchant": SELECT_PROGRAMS + "WHERE program.merchant_id = ANY(%s::uuid[])",
}
# The newest, and of these the oldest first: they are forgotten first.
NEWEST_ONLY: Final[LiteralString] = """
WHERE link.number IN (SELECT number FROM tracking_link ORDER BY number DESC LIMIT %s)
ORDER BY link.number
"""
NEWEST: Final[LiteralString] = SELECT_ROUTES + NEWEST_ONLY
OF_NEWEST: Final[LiteralString] = """
WHERE program.id IN (
    SELECT newest.program_id
    FROM (SELECT program_id FROM tracking_link ORDER BY number DESC LIMIT %s) AS newest
)
"""
PROGRAMS_OF_NEWEST: Final[LiteralString] = SELECT_PROGRAMS + OF_NEWEST

Connection = psycopg.AsyncConnection[Row]
Rows = Sequence[Sequence[Any]]


async def ask_by_code(
    session: Session, known: Callable[[], Mapping[str, ProgramRoute]], codes: Sequence[str]
) -> list[Route]:
    """Return the routes of these codes, as PostgreSQL knows them; of programs, what is unknown.

    :raises Away: if it cannot be asked.
    """
    rows = await session.run(BY_CODE, [list(codes)])
    missing = missing_programs(rows, known())
    if not missing:
        return routes_of(rows, known())
    found = map(program_of, await session.run(PROGRAMS_BY_ID, [missing]))
    return routes_of(rows, {**{program.id: program for program in found}, **known()})


def missing_programs(rows: Rows, programs: Mapping[str, ProgramRoute]) -> list[str]:
    """Return the ids of the rows' programs that are not known."""
    return list({row[PROGRAM] for row in rows} - programs.keys())


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
        snapshot = await asyncio.to_thread(read_snapshot, self._snapshot)
        self._links.learn(snapshot.routes)
        self._links.map.take_domains(snapshot.domains)
        log.info("links.snapshot_read", routes=len(snapshot.routes))

    async def run(self) -> None:
        """Load, follow, and begin again whenever the connection is lost, for ever."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
                async with connection:
                    await connection.execute("LISTEN fairlead_links")  # First, to miss nothing.
                    while True:
                        await self._load(connection)
                        await self.save()
                        await self._follow(connection)
            except psycopg.Error as error:
                log.warning("links.connection_lost", error=str(error))
            except Exception:
                log.exception("links.loader_failed")
            self.has_tried.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _load(self, connection: Connection) -> None:
        """Read every route into a new map, in small pieces: clicks go first."""
        known, fresh = self._links.map, RouteMap()
        fresh.take_domains(await self._domains(connection))
        async with connection.transaction(), connection.cursor(name="programs") as cursor:
            await cursor.execute(PROGRAMS_OF_NEWEST, [ROUTES_MAX])
            while rows := await cursor.fetchmany(CHUNK):
                for program in map(program_of, rows):
                    before = known.programs.get(program.id)
                    fresh.add_program(before if before and before == program else program)
                await asyncio.sleep(0)
        async with connection.transaction(), connection.cursor(name="routes") as cursor:
            await cursor.execute(NEWEST, [ROUTES_MAX])
            while rows := await cursor.fetchmany(CHUNK):
                for route in routes_of(rows, fresh.programs):
                    if known.routes.get(route.code) != route:
                        self._is_saved = False
                    fresh.add(route)
                await asyncio.sleep(0)
        if len(known.routes) != len(fresh.routes) or known.domains != fresh.domains:
            self._is_saved = False
        self._links.replace(fresh)
        if not self.is_loaded:
            log.info("links.loaded", routes=len(fresh.routes))
        self.is_loaded = True
        self.has_tried.set()

    @staticmethod
    async def _domains(connection: Connection) -> list[DomainRoute]:
        cursor = await connection.execute(SELECT_DOMAINS)
        return [DomainRoute(*row) for row in await cursor.fetchall()]

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
                await self.save()

    async def _apply(self, connection: Connection, payloads: list[str]) -> None:
        changed: dict[str, set[str]] = defaultdict(set)
        for payload in payloads:
            kind, _, name = payload.partition(" ")
            changed[kind].add(name)
        for kind, names in changed.items():
            if kind == "domains":
                self._links.map.take_domains(await self._domains(connection))
            elif kind in PROGRAM_CHANGES:
                cursor = await connection.execute(PROGRAM_CHANGES[kind], [list(names)])
                await self._links.renew(map(program_of, await cursor.fetchall()))
            elif kind in CHANGES:
                cursor = await connection.execute(CHANGES[kind], [list(names)])
                rows = await cursor.fetchall()
                routes = routes_of(rows, await self._programs_of(connection, rows))
                gone = names - {row[0] for row in rows} if kind == "link" else ()
                self._links.learn(routes, gone=gone)
        self._is_saved = False

    async def _programs_of(self, connection: Connection, rows: Rows) -> Mapping[str, ProgramRoute]:
        """Return the programs that are known, those of the rows now among them."""
        programs = self._links.map.programs
        if missing := missing_programs(rows, programs):
            cursor = await connection.execute(PROGRAMS_BY_ID, [missing])
            for program in map(program_of, await cursor.fetchall()):
                if program.id not in programs:
                    self._links.map.add_program(program)
        return programs

    async def save(self) -> None:
        """Write the snapshot, unless the last one says the same or nothing was ever loaded."""
        if self._is_saved or not self.is_loaded:
            return
        known = self._links.map
        snapshot = Snapshot(
            list(known.domains.values()), list(known.programs.values()), list(known.routes.values())
        )
        try:
            await asyncio.to_thread(write_snapshot, self._snapshot, snapshot)
            self._is_saved = True
        except OSError as error:
            log.warning("links.snapshot_failed", error=str(error))


async def _hear(connection: Connection, *, seconds: float, enough: int | None = None) -> list[str]:
    """Return what was announced: all of this time, or as soon as it is enough."""
    heard = connection.notifies(timeout=seconds, stop_after=enough)
    return [notification.payload async for notification in heard]
