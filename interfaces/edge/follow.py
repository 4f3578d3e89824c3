"""Clicks: whoever comes through a link is counted and sent on, whatever happens here."""

import structlog
from django.conf import settings

from interfaces.edge.http import Request, Response, method_not_allowed
from interfaces.edge.judge import Judge
from interfaces.edge.links import Links
from interfaces.edge.missed import UNKNOWN_CODE, UNKNOWN_PAIR, MissedCodes
from interfaces.edge.not_found import not_found
from interfaces.edge.recorder import Recorder
from interfaces.edge.store import line_of
from tracking.clicks import Decision, keeps_cookie
from tracking.destinations import address_of, read_stored
from tracking.parameters import AFFISE, CLICK_PARAMETER, NATIVE, TUNE, Vocabulary
from tracking.routes import DomainRoute, Route
from tracking.visits import Visit

log = structlog.get_logger()

PATH = "/c/"
OFFER = "offer_id"
REDIRECT_HEADERS = [
    ("cache-control", "no-store"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
]
DAY_SECONDS = 86_400


class Follower:
    """Answers the addresses that affiliates share."""

    def __init__(self, links: Links, recorder: Recorder, judge: Judge, missed: MissedCodes) -> None:
        self._links = links
        self._recorder = recorder
        self._judge = judge
        self._missed = missed

    async def by_code(self, request: Request) -> Response:
        """Answer /c/{code}."""
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET")
        code = request.path.removeprefix(PATH).rstrip("/")
        route, domain = await self._links.find(code), self._domain_of(request)
        if route is None or (domain and route.merchant_id != domain.merchant_id):
            merchant_id = domain.merchant_id if domain else ""
            return await self._lose(request, domain, code, UNKNOWN_CODE, merchant_id)
        return await self._send_on(request, route, NATIVE)

    async def by_affise_names(self, request: Request) -> Response:
        """Answer /click?pid=&offer_id=."""
        return await self._by_pair(request, "pid", AFFISE)

    async def by_tune_names(self, request: Request) -> Response:
        """Answer /aff_c?offer_id=&aff_id=."""
        return await self._by_pair(request, "aff_id", TUNE)

    async def _by_pair(self, request: Request, name: str, vocabulary: Vocabulary) -> Response:
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET")
        named, domain = dict(request.query), self._domain_of(request)
        affiliate, offer = named.get(name, ""), named.get(OFFER, "")
        known, merchant_id = self._links.map, domain.merchant_id if domain else ""
        route = known.of_enrollment(affiliate, program=offer, merchant_id=merchant_id)
        if route is None:
            merchant_id = merchant_id or known.merchant_of_program(offer)
            pair = f"{offer}/{affiliate}"
            return await self._lose(request, domain, pair, UNKNOWN_PAIR, merchant_id)
        return await self._send_on(request, route, vocabulary)

    def _domain_of(self, request: Request) -> DomainRoute | None:
        domains = self._links.map.domains
        return domains.get(request.host) if domains else None

    async def _lose(
        self, request: Request, domain: DomainRoute | None, code: str, reason: str, merchant_id: str
    ) -> Response:
        """Note that a code leads nowhere; the domain may have a page for that."""
        self._missed.note(
            code,
            host=domain.host if domain else "",
            reason=reason,
            referrer=request.headers.get("referer", ""),
            merchant_id=merchant_id,
        )
        fallback = read_stored(domain.fallback_url) if domain else None
        return redirect(address_of(fallback)) if fallback else await not_found(request)

    async def _send_on(self, request: Request, route: Route, vocabulary: Vocabulary) -> Response:
        visit = request.visit()
        try:
            decision = await self._judge.follow(route, visit, vocabulary)
            await self._recorder.record(line_of(decision.row))
        except Exception:  # Our mistake must not be the visitor's.
            log.exception("click.failed", link=route.link_id)
            return await self._without_a_click(request, route)
        if not decision.location:
            return await not_found(request)
        return redirect(decision.location, cookie_of(visit, decision))

    async def _without_a_click(self, request: Request, route: Route) -> Response:
        destination = read_stored(route.program.landing_url)
        return redirect(address_of(destination)) if destination else await not_found(request)


def redirect(location: str, cookie: str = "") -> Response:
    """Return a 302 that nobody keeps."""
    headers = [*REDIRECT_HEADERS, ("location", location)]
    if cookie:
        headers.append(("set-cookie", cookie))
    return Response(302, headers)


def cookie_of(visit: Visit, decision: Decision) -> str:
    """Return the cookie that remembers a credited click on the visitor's device, if it may."""
    route = decision.route
    if not decision.token or not keeps_cookie(route, visit):
        return ""
    seconds = route.program.window_days * DAY_SECONDS
    secure = "; Secure" if settings.EDGE_URL.startswith("https://") else ""
    name = f"{CLICK_PARAMETER}={decision.token}"
    return f"{name}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
