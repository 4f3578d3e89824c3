"""The map from codes to routes, in memory: a click asks nobody.

Programs are in it once, however many links they have, and so are the merchants' own hosts.

A code that is not on it is asked for in PostgreSQL once, so that a link made a moment ago works.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog

from interfaces.edge.database import Away
from tracking.models import CODE_PATTERN
from tracking.routes import DomainRoute, ProgramRoute, Route

log = structlog.get_logger()

ROUTES_MAX = 200_000  # Some 200 MB. What is beyond is asked for when it is clicked.
LOOKUP_SECONDS = 0.25
LOOKUPS_MAX = 1_000  # Codes waiting for an answer at the same time.
UNKNOWN_SECONDS = 5.0
UNKNOWN_MAX = 10_000
CHUNK = 2_000  # So many routes are renewed before clicks have their turn.
CODE = re.compile(CODE_PATTERN, re.ASCII)

Ask = Callable[[Sequence[str]], Awaitable[list[Route]]]


class RouteMap:
    """Routes by code, and the codes of each enrollment for addresses that name none."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.programs: dict[str, ProgramRoute] = {}
        self.domains: dict[str, DomainRoute] = {}  # By host.
        self._merchants: dict[str, set[str]] = {}  # A program's slug → who have such a one.
        self._codes: dict[str, list[str]] = {}  # An enrollment's referral code or id → codes.

    def add(self, route: Route) -> None:
        """Learn a route, or what is new about it; beyond the limit the oldest is forgotten."""
        known = self.routes.get(route.code)
        if known is None or names_of(known) != names_of(route):
            self.forget(route.code)
            for name in names_of(route):
                self._codes.setdefault(name, []).append(route.code)
        self.routes[route.code] = route
        if route.program.id not in self.programs:
            self.add_program(route.program)
        if len(self.routes) > ROUTES_MAX:
            self.forget(next(iter(self.routes)))

    def forget(self, code: str) -> None:
        """Drop what is known about a code."""
        route = self.routes.pop(code, None)
        for name in names_of(route) if route else ():
            self._codes[name].remove(code)
            if not self._codes[name]:
                del self._codes[name]

    def of_enrollment(self, name: str, *, program: str, merchant_id: str = "") -> Route | None:
        """Return the first link of an enrollment, by the codes or ids of it and its program.

        Codes are unique within a merchant only: if two merchants have such a pair, it says nothing.
        """
        found = [self.routes[code] for code in self._codes.get(name, ())]
        fitting = [
            route
            for route in found
            if program in (route.program.slug, route.program.id)
            and merchant_id in ("", route.merchant_id)
        ]
        if len({route.merchant_id for route in fitting}) != 1:
            return None
        return min(fitting, key=lambda route: (route.is_archived, route.link_number))

    def add_program(self, program: ProgramRoute) -> None:
        """Learn a program, or what is new about it."""
        self.programs[program.id] = program
        self._merchants.setdefault(program.slug, set()).add(program.merchant_id)

    def merchant_of_program(self, name: str) -> str:
        """Return the merchant of a program's id or slug; empty unless there is exactly one."""
        known = self.programs.get(name)
        if known is not None:
            return known.merchant_id
        merchants = self._merchants.get(name, set())
        return next(iter(merchants)) if len(merchants) == 1 else ""

    def take_domains(self, domains: Iterable[DomainRoute]) -> None:
        """Take these for all hosts of merchants' own."""
        self.domains = {domain.host: domain for domain in domains}


def names_of(route: Route) -> tuple[str, str]:
    """Return what an enrollment may be called by."""
    return route.via, route.enrollment_id


class Links:
    """The map in force, and the questions about codes that are not on it."""

    def __init__(self, ask: Ask) -> None:
        self.map = RouteMap()
        self._ask = ask
        self._unknown: dict[str, float] = {}  # Code → until when we take that for granted.
        self._wanted: dict[str, asyncio.Future[Route | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    def replace(self, fresh: RouteMap) -> None:
        """Take a map for the whole truth."""
        self.map, self._unknown = fresh, {}

    def learn(self, routes: Iterable[Route], *, gone: Iterable[str] = ()) -> None:
        """Take in changes: these routes, and the codes that nobody has any more."""
        for code in gone:
            self.map.forget(code)
        for route in routes:
            self._unknown.pop(route.code, None)
            self.map.add(route)

    async def renew(self, programs: Iterable[ProgramRoute]) -> None:
        """Take in what is new about programs, for all of their links."""
        known = self.map.programs
        fresh = {program.id: program for program in programs if program.id in known}
        for program in fresh.values():
            self.map.add_program(program)
        routes = self.map.routes
        for number, code in enumerate(list(routes) if fresh else ()):
            route = routes.get(code)
            if route is not None and route.program.id in fresh:
                routes[code] = route._replace(program=fresh[route.program.id])
            if number % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)

    async def find(self, code: str) -> Route | None:
        """Return the route of a code. PostgreSQL is given a quarter of a second to know it."""
        route = self.map.routes.get(code)
        if route is not None or not CODE.fullmatch(code):
            return route
        if self._unknown.get(code, 0.0) > time.monotonic():
            return None
        if len(self._wanted) >= LOOKUPS_MAX:
            return None
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                return await asyncio.shield(self._look_up(code))
        except TimeoutError:
            return None

    def _look_up(self, code: str) -> asyncio.Future[Route | None]:
        waiting = self._wanted.get(code)
        if waiting is None:
            waiting = self._wanted[code] = asyncio.get_running_loop().create_future()
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask_for_wanted())
        return waiting

    async def _ask_for_wanted(self) -> None:
        """Ask for all wanted codes in one statement, while others gather for the next."""
        while self._wanted:
            asked, self._wanted = self._wanted, {}
            found: dict[str, Route] = {}
            try:
                found = {route.code: route for route in await self._ask(list(asked))}
            except Away as error:
                log.warning("links.lookup_failed", error=str(error))
            else:
                self._note_unknown(asked.keys() - found.keys())
            self.learn(found.values())
            for code, waiting in asked.items():
                waiting.set_result(found.get(code))

    def _note_unknown(self, codes: Iterable[str]) -> None:
        if len(self._unknown) > UNKNOWN_MAX:
            self._unknown.clear()
        self._unknown.update(dict.fromkeys(codes, time.monotonic() + UNKNOWN_SECONDS))
