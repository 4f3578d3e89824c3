"""Clicks: whoever comes through a link is counted and sent on, whatever happens here."""

import structlog
from django.conf import settings

from common import clock
from interfaces.edge.http import Request, Response, method_not_allowed
from interfaces.edge.links import Links
from interfaces.edge.not_found import not_found
from interfaces.edge.recorder import Recorder
from interfaces.edge.store import line_of
from tracking.clicks import Decision, Route, follow, keeps_cookie
from tracking.destinations import address_of, read_stored_destination
from tracking.parameters import AFFISE, CLICK_PARAMETER, NATIVE, TUNE, Vocabulary
from tracking.token import KeyRing
from tracking.visits import Visit

log = structlog.get_logger()

PATH = "/c/"
REDIRECT_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
DAY_SECONDS = 86_400


class Follower:
    """Answers the addresses that affiliates share."""

    def __init__(self, links: Links, recorder: Recorder, keys: KeyRing) -> None:
        self._links = links
        self._recorder = recorder
        self._keys = keys

    async def by_code(self, request: Request) -> Response:
        """Answer /c/{code}."""
        code = request.path.removeprefix(PATH).rstrip("/")
        return await self._send_on(request, await self._links.find(code), NATIVE)

    async def by_affise_names(self, request: Request) -> Response:
        """Answer /click?pid=&offer_id=."""
        return await self._send_on(request, self._by_pair(request, "pid"), AFFISE)

    async def by_tune_names(self, request: Request) -> Response:
        """Answer /aff_c?offer_id=&aff_id=."""
        return await self._send_on(request, self._by_pair(request, "aff_id"), TUNE)

    def _by_pair(self, request: Request, affiliate: str) -> Route | None:
        named = dict(request.query)
        return self._links.map.of_enrollment(
            named.get(affiliate, ""), program=named.get("offer_id", "")
        )

    async def _send_on(
        self, request: Request, route: Route | None, vocabulary: Vocabulary
    ) -> Response:
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET")
        if route is None:
            return await not_found(request)
        visit = request.visit()
        try:
            decision = follow(
                route=route, visit=visit, at=clock.now(), keys=self._keys, vocabulary=vocabulary
            )
            await self._recorder.record(line_of(decision.row))
        except Exception:  # Our mistake must not be the visitor's.
            log.exception("click.failed", link=route.link_id)
            return await self._without_a_click(request, route)
        if not decision.location:
            return await not_found(request)
        return redirect(decision.location, cookie_of(route, visit, decision))

    async def _without_a_click(self, request: Request, route: Route) -> Response:
        destination = read_stored_destination(route.landing_url)
        return redirect(address_of(destination)) if destination else await not_found(request)


def redirect(location: str, cookie: str = "") -> Response:
    """Return a 302 that nobody keeps."""
    headers = [*REDIRECT_HEADERS, (b"location", location.encode("ascii"))]
    if cookie:
        headers.append((b"set-cookie", cookie.encode("ascii")))
    return Response(302, headers)


def cookie_of(route: Route, visit: Visit, decision: Decision) -> str:
    """Return the cookie that remembers a credited click on the visitor's device, if it may."""
    if not decision.token or not keeps_cookie(route, visit):
        return ""
    seconds = route.window_days * DAY_SECONDS
    secure = "; Secure" if settings.EDGE_URL.startswith("https://") else ""
    name = f"{CLICK_PARAMETER}={decision.token}"
    return f"{name}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
