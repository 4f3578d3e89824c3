"""GET /i/{code}.gif: a picture was seen. Counted in memory and stored every second."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Final, LiteralString, NamedTuple

import structlog

from common import clock
from interfaces.edge.database import Away, Session
from interfaces.edge.http import Request, Response, headers_of
from interfaces.edge.links import Links
from interfaces.edge.meter import Meter, caller_of
from interfaces.edge.pixel import GIF
from tracking.clicks import closing_of
from tracking.models import ClickClass
from tracking.routes import Route, is_within
from tracking.visits import AGENT_SIGNS, classify, is_prefetch

log = structlog.get_logger()

PATH = "/i/"
SUFFIX = ".gif"
ROUND_SECONDS = 1.0
OF_ADDRESS_MAX = 30  # Of one link by one address in a minute: reloading earns nothing.
# Of every page's picture the browser must ask anew, or only the first would be seen.
HEADERS = headers_of(
    {
        "content-type": "image/gif",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
)
PICTURE = Response(200, HEADERS, GIF)

STORE_IMPRESSIONS: Final[LiteralString] = """
INSERT INTO reports_dailyimpressions AS known (
    merchant_id, day, link_id, program_id, enrollment_id, affiliate_id, impressions
)
SELECT merchant_id, day, link_id, program_id, enrollment_id, affiliate_id, impressions
FROM json_to_recordset(%s) AS arrived (
    merchant_id uuid, day date, link_id uuid, program_id uuid, enrollment_id uuid,
    affiliate_id uuid, impressions bigint
)
ORDER BY merchant_id, day, link_id
ON CONFLICT (merchant_id, day, link_id) DO UPDATE SET
    impressions = known.impressions + excluded.impressions
"""


class Key(NamedTuple):
    """What is counted together: as many as there are links, at the most."""

    merchant_id: str
    day: date
    link_id: str
    program_id: str
    enrollment_id: str
    affiliate_id: str


class Impressions:
    """Counts what is seen for a second, then adds it to PostgreSQL's counts."""

    def __init__(
        self, links: Links, session: Session, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._links = links
        self._session = session
        self._now = now
        self._seen: dict[Key, int] = {}
        self._addresses = Meter(limit=OF_ADDRESS_MAX)

    async def take(self, request: Request) -> Response:
        """Answer with the picture, whatever happens."""
        try:
            if request.method == "GET":
                await self._take(request)
        except Exception:
            log.exception("impression.failed")
        return PICTURE

    async def _take(self, request: Request) -> None:
        code = request.path.removeprefix(PATH).removesuffix(SUFFIX)
        route = await self._links.find(code) if code else None
        if route is not None and self._counts(request, route):
            key = Key(
                route.merchant_id,
                self._now().date(),
                route.link_id,
                route.program.id,
                route.enrollment_id,
                route.affiliate_id,
            )
            self._seen[key] = self._seen.get(key, 0) + 1

    def _counts(self, request: Request, route: Route) -> bool:
        """Return whether a person has seen it, where it may earn."""
        domain = self._links.map.domains.get(request.host)
        if domain is not None and domain.merchant_id != route.merchant_id:
            return False
        visit = request.visit()
        if is_prefetch(visit) or classify(visit, AGENT_SIGNS) is not ClickClass.HUMAN:
            return False
        if is_within(request.address, route.program.staff_networks):
            return False
        if closing_of(route, self._now()):
            return False
        # All whose address nobody knows are one: it is easily hidden, and each picture is money.
        return self._addresses.allows(f"{caller_of(request.address)} {route.link_id}")

    async def run(self) -> None:
        """Store again and again, for ever."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.store()
            except Away as error:
                log.warning("impressions.not_stored", error=str(error))
            except Exception:
                log.exception("impressions.not_stored")

    async def store(self) -> None:
        """Add what was counted to PostgreSQL.

        :raises Away: if it does not take it; it is kept for the next time.
        """
        if not self._seen:
            return
        seen, self._seen = self._seen, {}
        try:
            await self._session.run_once(STORE_IMPRESSIONS, [_said(seen)])
        except Away:
            for key, count in seen.items():
                self._seen[key] = self._seen.get(key, 0) + count
            raise


def _said(seen: dict[Key, int]) -> str:
    entries = [
        {**key._asdict(), "day": key.day.isoformat(), "impressions": count}
        for key, count in seen.items()
    ]
    return json.dumps(entries, separators=(",", ":"))
