"""What a click is worth and where it leads: the rules of the redirect. Pure; never raises.

A click is either credited, and then carries a token, or refused for a named reason. A refused one
is kept and redirected like any other, but gets no token and no referral code on its way: what
cannot be credited must not look like evidence later. The one exception repeats a click of seconds
ago: it is not counted again, but the browser follows it instead of the first, so it carries the
first one's token.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import uuid_utils

from affiliates.models import Status as EnrollmentStatus
from common.addresses import Address, places_of
from programs.models import ConsentMode
from programs.models import Status as ProgramStatus
from programs.targeting import Visitor, choose, matching
from tracking.destinations import (
    HOST_MAX,
    NO_MACROS,
    address_of,
    fill_template,
    host_of,
    quote_stored,
    read_allowed,
    read_deep_link,
    read_stored,
    read_template,
)
from tracking.models import ClickClass
from tracking.parameters import (
    CLICK_PARAMETER,
    DEEP_LINK,
    EXT_CLICK_ID,
    NATIVE,
    SOURCE,
    SUB_NAMES,
    VIA_PARAMETER,
    Vocabulary,
    read_parameters,
    tidy,
)
from tracking.routes import ProgramRoute, Route, is_within
from tracking.token import KeyRing, make_token
from tracking.visitors import NOBODY, Names, Salts, draw_of, names_of
from tracking.visits import (
    SIGNS,
    Agent,
    Sign,
    Visit,
    classify_agent,
    language_of,
    network_of,
    read_agent,
)

# Looking a member up in its enumeration costs a microsecond, and this is done for every click.
ACTIVE: Final[str] = ProgramStatus.ACTIVE.value
APPROVED: Final[str] = EnrollmentStatus.APPROVED.value
LEGACY: Final[str] = ConsentMode.LEGACY.value
HUMAN: Final = ClickClass.HUMAN
STAFF: Final = ClickClass.STAFF
DUPLICATE: Final = ClickClass.DUPLICATE
CAP_REACHED: Final = "cap_reached"


# Who asks ----------------------------------------------------------------------------------------


class Sight(NamedTuple):
    """What a request shows of who made it, and when."""

    kind: ClickClass
    agent: Agent
    visitor: Visitor
    names: Names
    at: datetime


def look(
    visit: Visit,
    *,
    at: datetime,
    salts: Salts,
    country: str = "",
    staff_networks: tuple[str, ...] = (),
    signs: tuple[Sign, ...] = SIGNS,
) -> Sight:
    """Return what made the request, and as much of whom as may be known for a day."""
    headers = visit.headers
    user_agent = headers.get("user-agent", "")
    agent = read_agent(user_agent)
    kind = classify_agent(visit, agent, signs)
    if staff_networks and kind is HUMAN and is_within(visit.address, staff_networks):
        kind = STAFF
    language = language_of(headers.get("accept-language", ""))
    names = names_of(visit.address, user_agent, at=at, salts=salts) if salts else NOBODY
    return Sight(kind, agent, Visitor(country, agent.device, agent.os, language), names, at)


# Credited or not ---------------------------------------------------------------------------------

MADE_BY: Final[Mapping[ClickClass, str]] = {  # What is no person's click is refused for it.
    ClickClass.HEAD: "head_request",
    ClickClass.PREFETCH: "prefetch",
    ClickClass.STUFFING: "stuffing",
    ClickClass.PREVIEW: "link_preview",
    ClickClass.BOT: "bot",
    STAFF: "staff",
    DUPLICATE: "duplicate",
}

Holds = Callable[[Route, float], bool]


def _program_closed(route: Route, _now: float) -> bool:
    return route.program.status != ACTIVE


def _enrollment_not_approved(route: Route, _now: float) -> bool:
    return route.enrollment_status != APPROVED


def _link_archived(route: Route, _now: float) -> bool:
    return route.is_archived


def _link_not_started(route: Route, now: float) -> bool:
    return now < route.starts_at


def _link_ended(route: Route, now: float) -> bool:
    return now >= route.ends_at


STEPS: Final[tuple[tuple[str, Holds], ...]] = (  # The first that holds has closed the link.
    ("program_not_active", _program_closed),
    ("enrollment_suspended", _enrollment_not_approved),
    ("link_archived", _link_archived),
    ("link_not_started", _link_not_started),
    ("link_ended", _link_ended),
)
CLOSED: Final = frozenset(reason for reason, _holds in STEPS)


def closing_of(route: Route, at: datetime) -> str:
    """Return why nobody's click through this link is credited, or nothing if it is open."""
    now = at.timestamp()
    for reason, holds in STEPS:
        if holds(route, now):
            return reason
    return ""


def refusal_of(route: Route, kind: ClickClass, at: datetime) -> str:
    """Return why such a click is not credited, or nothing if it is."""
    return MADE_BY.get(kind) or closing_of(route, at)


def new_click_id(at: datetime) -> UUID:
    """Return a UUIDv7 of the moment given, which a moved clock moves too.

    It is of the library's own type, which does what a UUID does at a tenth of the cost.
    """
    return cast(UUID, uuid_utils.uuid7(nanoseconds=int(at.timestamp() * 1_000) * 1_000_000))


# Where to ----------------------------------------------------------------------------------------


class Aim(NamedTuple):
    """Where a visitor goes. Without a destination there is nowhere to go."""

    destination: Address | None
    page_id: str  # Of the program's destinations, if it is one.
    is_detour: bool  # The fallback page, because the link works no longer.


def aim_at_page(route: Route, visit: Visit, sight: Sight, *, deep_link: str) -> Aim:
    """Return where an open link leads.

    The visitor's deep link > the link's own page > the program's destinations > its landing page.
    What is not an allowed place, or cannot be read, is passed over.
    """
    program = route.program
    if deep_link or route.destination_url or program.pages:
        places = places_of(program.landing_url, program.allowed_hosts)
        own = read_deep_link(deep_link, places) or read_allowed(route.destination_url, places)
        if own:
            return Aim(own, "", False)
        if program.pages and (aim := _aim_at_destinations(program, visit, sight, places)):
            return aim
    return Aim(read_stored(program.landing_url), "", False)


def _aim_at_destinations(
    program: ProgramRoute, visit: Visit, sight: Sight, places: frozenset[str]
) -> Aim | None:
    """Return the destination for this visitor: one person keeps seeing the same one."""
    usable = [page for page in program.pages if read_allowed(page.url, places)]
    found = matching(usable, sight.visitor, sight.at)
    if not found:
        return None
    user_agent = visit.headers.get("user-agent", "")
    draw = draw_of(visit.address, user_agent, program.id) if len(found) > 1 else 0
    page = choose(found, draw)
    return Aim(read_stored(page.url), page.id, False)


def aim_at_fallback(route: Route) -> Aim | None:
    """Return the fallback page: the link's, if it is an allowed place, else the program's."""
    program = route.program
    if route.fallback_url:
        places = places_of(program.landing_url, program.allowed_hosts)
        own = read_allowed(route.fallback_url, places)
        if own or route.fallback_url == program.fallback_url:
            return Aim(own or read_stored(route.fallback_url), "", True)
    page = read_stored(program.fallback_url) if program.fallback_url else None
    return Aim(page, "", True) if page else None


# One click ---------------------------------------------------------------------------------------


class Earlier(NamedTuple):
    """The click of seconds ago that this one repeats."""

    route: Route
    token: str
    is_detour: bool


class Attempt(NamedTuple):
    """A click being judged: through which link, by whom, where to, and why not credited."""

    route: Route
    sight: Sight
    aim: Aim
    refusal: str = ""
    token: str = ""  # Of the click that it repeats.


def attempt(route: Route, visit: Visit, sight: Sight, *, deep_link: str = "") -> Attempt:
    """Return what the rules say of a click, caps excepted."""
    refusal = refusal_of(route, sight.kind, sight.at)
    aim = aim_at_page(route, visit, sight, deep_link=deep_link)
    if refusal in CLOSED:
        aim = aim_at_fallback(route) or aim
    return Attempt(route, sight, aim, refusal)


def refuse_for_cap(tried: Attempt, *, detours: bool) -> Attempt:
    """Return the attempt, refused because a cap is reached."""
    aim = aim_at_fallback(tried.route) if detours else None
    return tried._replace(refusal=CAP_REACHED, aim=aim or tried.aim)


def repeat(earlier: Earlier, visit: Visit, sight: Sight, *, deep_link: str = "") -> Attempt:
    """Return the attempt that repeats an earlier one: it leads to the same place."""
    sight = Sight(DUPLICATE, *sight[1:])
    aim = aim_at_fallback(earlier.route) if earlier.is_detour else None
    aim = aim or aim_at_page(earlier.route, visit, sight, deep_link=deep_link)
    return Attempt(earlier.route, sight, aim, MADE_BY[DUPLICATE], earlier.token)


class Decision(NamedTuple):
    """What to store, what to tell, and where to send the visitor."""

    route: Route  # The link that the click is recorded for.
    row: dict[str, Any]  # The columns of tracking_click, ready for JSON.
    token: str  # Empty when there is no credited click.
    location: str  # Empty if nobody is to be sent anywhere.
    is_detour: bool = False


def conclude(
    tried: Attempt,
    visit: Visit,
    *,
    keys: KeyRing,
    ours: Mapping[str, str],
    passed: list[tuple[str, str]],
) -> Decision:
    """Return the decision about a request for a link."""
    click_id = new_click_id(tried.sight.at)
    token = tried.token or _token_of(tried, click_id, keys)
    destination = tried.aim.destination
    host = destination.host if destination else ""
    referrer = visit.headers.get("referer", "")
    return Decision(
        route=tried.route,
        row=row_of(tried, click_id, visit, ours, page=host, referrer=referrer),
        token=token,
        location=location_of(tried, token, ours, passed),
        is_detour=tried.aim.is_detour,
    )


def conclude_report(
    tried: Attempt,
    visit: Visit,
    *,
    keys: KeyRing,
    url: str,
    referrer: str,
    subs: Mapping[str, str],
) -> Decision:
    """Return the decision about a visit that the snippet reports: nobody is sent anywhere."""
    click_id = new_click_id(tried.sight.at)
    token = tried.token or _token_of(tried, click_id, keys)
    tried = tried._replace(aim=tried.aim._replace(page_id=""))
    row = row_of(tried, click_id, visit, subs, page=host_of(url), referrer=referrer)
    return Decision(tried.route, row, token, "")


def _token_of(tried: Attempt, click_id: UUID, keys: KeyRing) -> str:
    return "" if tried.refusal else make_token(click_id, tried.route.link_number, keys)


def location_of(
    tried: Attempt, token: str, said: Mapping[str, str], passed: list[tuple[str, str]]
) -> str:
    """Return the address to redirect to."""
    route, destination = tried.route, tried.aim.destination
    if destination is None:
        return ""
    own = ((CLICK_PARAMETER, token), (VIA_PARAMETER, quote_stored(route.via))) if token else ()
    template = "" if tried.aim.is_detour else route.program.utm_template
    if not (template or destination.may_hold_macros):
        return address_of(destination, passed=passed, own=own)
    macros = macros_of(route, token, said)
    return address_of(
        destination,
        macros=macros if destination.may_hold_macros else NO_MACROS,
        passed=passed,
        added=fill_template(read_template(template), macros) if template else (),
        own=own,
    )


def macros_of(route: Route, token: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the macros that a destination may carry."""
    return {
        **{name: said.get(name, "") for name in (*SUB_NAMES, SOURCE, EXT_CLICK_ID)},
        "click_id": token,
        "affiliate_id": route.affiliate_id,
        "enrollment_id": route.enrollment_id,
        "program_id": route.program.id,
        "program": route.program.slug,
        "link": route.code,
        "via": route.via,
    }


def row_of(
    tried: Attempt,
    click_id: UUID,
    visit: Visit,
    said: Mapping[str, str],
    *,
    page: str,
    referrer: str,
) -> dict[str, Any]:
    """Return the click as its table's columns, and the visitor's name of the day before."""
    route, sight = tried.route, tried.sight
    agent, (country, _device, _system, language) = sight.agent, sight.visitor
    return {
        "merchant_id": route.program.merchant_id,
        "id": str(click_id),
        "program_id": route.program.id,
        "enrollment_id": route.enrollment_id,
        "affiliate_id": route.affiliate_id,
        "link_id": route.link_id,
        "class": sight.kind,
        "refusal": tried.refusal,
        "destination_host": page[:HOST_MAX],
        "destination_id": tried.aim.page_id or None,
        "referrer_host": host_of(referrer) if referrer else "",
        "device": agent.device,
        "os": agent.os,
        "browser": agent.browser,
        "ip_net": network_of(visit.address),
        "country": country,
        "language": language,
        "visitor": sight.names.today,
        "visitor_before": sight.names.yesterday,
        "source": tidy(said.get(SOURCE, "")),
        "ext_click_id": tidy(said.get(EXT_CLICK_ID, "")),
        "subs": {name: tidy(said[name]) for name in SUB_NAMES if said.get(name)} if said else {},
    }


def keeps_cookie(route: Route, visit: Visit) -> bool:
    """Whether the visitor's device may keep the click: the program says so, nobody objects."""
    return route.program.consent_mode == LEGACY and visit.headers.get("sec-gpc") != "1"


# All of it at once -------------------------------------------------------------------------------


def follow(
    *,
    route: Route,
    visit: Visit,
    at: datetime,
    keys: KeyRing,
    vocabulary: Vocabulary = NATIVE,
    salts: Salts | None = None,
    country: str = "",
) -> Decision:
    """Decide about a request for a link that has no caps, branches or earlier clicks."""
    networks = route.program.staff_networks
    sight = look(visit, at=at, salts=salts or {}, country=country, staff_networks=networks)
    ours, passed = read_parameters(visit.query, vocabulary)
    tried = attempt(route, visit, sight, deep_link=ours.get(DEEP_LINK, ""))
    return conclude(tried, visit, keys=keys, ours=ours, passed=passed)
