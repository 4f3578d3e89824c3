"""The RSGI application: what is answered where, and what runs beside the answering."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from interfaces.edge.beacon import Beacon
from interfaces.edge.caps import Door
from interfaces.edge.counters import CounterStore
from interfaces.edge.countries import Countries
from interfaces.edge.database import Away, Session, conninfo_from_settings
from interfaces.edge.desk import Desk
from interfaces.edge.domains import Certificates
from interfaces.edge.follow import PATH, Follower
from interfaces.edge.http import (
    Exchange,
    Request,
    Response,
    Scope,
    json_response,
    problem,
    read_request,
)
from interfaces.edge.impression import PATH as IMPRESSION_PATH
from interfaces.edge.impression import Impressions
from interfaces.edge.journal import Journal
from interfaces.edge.judge import Judge
from interfaces.edge.keys import PublishableKeys
from interfaces.edge.links import Links
from interfaces.edge.loader import Loader, ask_by_code
from interfaces.edge.missed import MissedCodes
from interfaces.edge.not_found import not_found, stylesheet
from interfaces.edge.pixel import Pixel
from interfaces.edge.postback import Postbacks
from interfaces.edge.recorder import Recorder
from interfaces.edge.replay import Replayer
from interfaces.edge.salts import SaltKeeper
from interfaces.edge.snippet import Snippet
from interfaces.edge.store import ClickStore
from tracking.postbacks import BY_PATH
from tracking.token import KeyRing

log = structlog.get_logger()

START_SECONDS = 3.0  # How long the first answer waits for PostgreSQL before the snapshot serves.
STOP_SECONDS = 2.0
WRITERS = 2
GARBAGE_THRESHOLDS = (10_000, 50, 50)

Handler = Callable[[Request], Awaitable[Response]]


class EdgeApp:
    """Answers requests; between the server's start and its end helpers run beside that."""

    def __init__(
        self,
        *,
        conninfo: str,
        data: Path,
        keys: KeyRing,
        trusted: tuple[str, ...] = (),
        geoip: Path | None = None,
    ) -> None:
        self._trusted = trusted
        questions, key_questions, replayed, counted, aside, *stored = self._sessions = [
            Session(conninfo) for _ in range(5 + WRITERS)
        ]
        self._journal = Journal(data / "journal")
        self._links: Links = Links(
            partial(ask_by_code, questions, lambda: self._links.map.programs)
        )
        self._loader = Loader(self._links, conninfo, data / "edge" / "links.jsonl")
        set_aside = self._journal.set_aside
        stores = [ClickStore(session, set_aside) for session in stored]
        self._recorder = Recorder(stores, self._journal)
        self._replayer = Replayer(self._journal, ClickStore(replayed, set_aside))
        self._tasks: list[asyncio.Task[None]] = []
        self._desk = Desk()
        self._salts, self._countries = SaltKeeper(aside), Countries(geoip)
        self._missed, self._door = MissedCodes(aside), Door(CounterStore(counted))
        self._impressions = Impressions(self._links, aside)
        judge = Judge(self._links, keys, self._salts, self._countries, self._door)
        self._follower = Follower(self._links, self._recorder, judge, self._missed)
        beacon = Beacon(self._links, self._recorder, PublishableKeys(key_questions), judge)
        self.routes: dict[str, Handler] = {
            "/click": self._follower.by_affise_names,
            "/aff_c": self._follower.by_tune_names,
            "/fl.js": Snippet.from_file(lambda name: self._links.map.programs.get(name)).serve,
            "/t": beacon.take,
            "/px.gif": Pixel(self._desk).take,
            **dict.fromkeys(BY_PATH, Postbacks(self._desk).take),
            "/tls-allowed": Certificates(self._links).answer,
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/not-found.css": stylesheet,
        }

    @classmethod
    def from_settings(cls) -> "EdgeApp":
        """Return the application as the environment configures it.

        :raises ImproperlyConfigured: if no key can sign clicks.
        """
        if not settings.CLICK_KEYS:
            raise ImproperlyConfigured("Set FAIRLEAD_CLICK_KEYS: without a key no click counts.")
        return cls(
            conninfo=conninfo_from_settings(),
            data=settings.DATA_DIR,
            keys=settings.CLICK_KEYS,
            trusted=tuple(str(ip_network(proxy)) for proxy in settings.TRUSTED_PROXIES),
            geoip=settings.GEOIP_FILE,
        )

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take part in the server's start."""
        loop.run_until_complete(self.start())
        collect_garbage_rarely()

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        response = await self._answer(read_request(scope, exchange, self._trusted))
        response.send(exchange)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take part in the server's end."""
        loop.run_until_complete(self.stop())

    async def _answer(self, request: Request) -> Response:
        path = request.path
        if path.startswith(PATH):
            handler: Handler | None = self._follower.by_code
        elif path.startswith(IMPRESSION_PATH):
            handler = self._impressions.take
        else:
            handler = self.routes.get(path)
        try:
            return await (handler or not_found)(request)
        except Exception:
            log.exception("edge.failed", path=path)
            return problem(500, "internal_error", "Our fault; logged.")

    async def _healthz(self, _request: Request) -> Response:
        """Answer 200 while this process can answer at all."""
        return json_response(200, {"status": "ok"})

    async def _readyz(self, _request: Request) -> Response:
        """Answer 200 while clicks can be answered: with links in memory, PostgreSQL or not."""
        loaded, routes = self._loader.is_loaded, len(self._links.map.routes)
        ready = loaded or routes > 0
        return json_response(
            200 if ready else 503,
            {
                "status": "ok" if ready else "unavailable",
                "database": "away" if self._recorder.on_detour or not loaded else "ok",
                "links": routes,
            },
        )

    # Start and end -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the helpers; return when links are known, from PostgreSQL or from the snapshot."""
        helpers = (
            self._loader.run(),
            self._recorder.run(),
            self._replayer.run(),
            self._salts.run(),
            self._countries.run(),
            self._missed.run(),
            self._impressions.run(),
            self._door.run(),
        )
        self._tasks = [asyncio.create_task(helper) for helper in helpers]
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await self._loader.has_tried.wait()
        if self._loader.is_loaded:
            await self._recorder.warm_up()
        else:
            await self._loader.read_snapshot()

    async def stop(self) -> None:
        """Stop the helpers; what is not in PostgreSQL stays in the journal."""
        self._desk.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=STOP_SECONDS)  # PostgreSQL may hang.
        await self._recorder.close()
        await self._journal.close()
        await self._loader.save()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                for say in (self._door.meet, self._missed.store, self._impressions.store):
                    with suppress(Away):
                        await say()
                for session in self._sessions:
                    await session.close()


def collect_garbage_rarely() -> None:
    """Take what is loaded now for permanent, and look for garbage less often.

    Every click makes short-lived objects that need no collector; by default it runs so often, over
    all that Django has loaded, that it costs a tenth of the time and the slowest answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
