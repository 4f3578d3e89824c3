"""What a click is worth and where it leads: the rules of the redirect. Pure; never raises.

A click is either credited, and then carries a token, or refused for a named reason. A refused one
is kept and redirected like any other, but gets no token and no referral code on its way: what
cannot be credited must not look like evidence later.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import uuid_utils

from affiliates.models import Status as EnrollmentStatus
from programs.models import ConsentMode
from programs.models import Status as ProgramStatus
from tracking.destinations import (
    HOST_MAX,
    NO_MACROS,
    Destination,
    address_of,
    choose_destination,
    host_of,
    places_of,
    quote_stored,
    read_stored_destination,
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
from tracking.token import KeyRing, make_token
from tracking.visits import AGENT_SIGNS, Visit, classify, network_of, read_agent

# Looking a member up in its enumeration costs a microsecond, and this is done for every click.
ACTIVE: Final[str] = ProgramStatus.ACTIVE.value
APPROVED: Final[str] = EnrollmentStatus.APPROVED.value
LEGACY: Final[str] = ConsentMode.LEGACY.value


class Route(NamedTuple):
    """Everything that is known about a code: its link, enrollment and program, as plain values."""

    code: str
    link_id: str
    link_number: int
    is_archived: bool
    destination_url: str
    merchant_id: str
    enrollment_id: str
    affiliate_id: str
    via: str  # The enrollment's referral code.
    enrollment_status: str
    program_id: str
    program_slug: str
    program_status: str
    landing_url: str
    fallback_url: str
    allowed_hosts: tuple[str, ...]
    consent_mode: str
    window_days: int


# Credited or not ---------------------------------------------------------------------------------

Holds = Callable[[Route, ClickClass], bool]


def _made_by(kind: ClickClass) -> Holds:
    return lambda _route, found: found is kind


def _program_closed(route: Route, _kind: ClickClass) -> bool:
    return route.program_status != ACTIVE


def _enrollment_not_approved(route: Route, _kind: ClickClass) -> bool:
    return route.enrollment_status != APPROVED


def _link_archived(route: Route, _kind: ClickClass) -> bool:
    return route.is_archived


STEPS: Final[tuple[tuple[str, Holds], ...]] = (  # The first that holds refuses the click.
    ("head_request", _made_by(ClickClass.HEAD)),
    ("prefetch", _made_by(ClickClass.PREFETCH)),
    ("stuffing", _made_by(ClickClass.STUFFING)),
    ("link_preview", _made_by(ClickClass.PREVIEW)),
    ("bot", _made_by(ClickClass.BOT)),
    ("program_not_active", _program_closed),
    ("enrollment_suspended", _enrollment_not_approved),
    ("link_archived", _link_archived),
)
CLOSED: Final = frozenset({"program_not_active", "enrollment_suspended", "link_archived"})


class Verdict(NamedTuple):
    """A click's identity and what it is worth."""

    click_id: UUID
    kind: ClickClass
    refusal: str  # Why it is not credited; empty if it is.
    token: str  # Empty when refused.


def refusal_of(route: Route, kind: ClickClass) -> str:
    """Return why such a click is not credited, or nothing if it is."""
    for reason, holds in STEPS:
        if holds(route, kind):
            return reason
    return ""


def judge(route: Route, kind: ClickClass, *, at: datetime, keys: KeyRing) -> Verdict:
    """Return the verdict on a click of this moment."""
    refusal = refusal_of(route, kind)
    click_id = new_click_id(at)
    token = "" if refusal else make_token(click_id, route.link_number, keys)
    return Verdict(click_id, kind, refusal, token)


def new_click_id(at: datetime) -> UUID:
    """Return a UUIDv7 of the moment given, which a moved clock moves too.

    It is of the library's own type, which does what a UUID does at a tenth of the cost.
    """
    return cast(UUID, uuid_utils.uuid7(nanoseconds=int(at.timestamp() * 1_000) * 1_000_000))


# The two ways a click arrives --------------------------------------------------------------------


class Decision(NamedTuple):
    """What to store, what to tell, and where to send the visitor."""

    row: dict[str, Any]  # The columns of tracking_click, ready for JSON.
    token: str  # Empty when the click is refused.
    location: str  # Empty if nobody is to be sent anywhere.


def follow(
    *, route: Route, visit: Visit, at: datetime, keys: KeyRing, vocabulary: Vocabulary = NATIVE
) -> Decision:
    """Decide about a request for a link."""
    verdict = judge(route, classify(visit), at=at, keys=keys)
    said, passed = read_parameters(visit.query, vocabulary)
    destination = destination_of(route, deep_link=said.get(DEEP_LINK, ""), refusal=verdict.refusal)
    host = destination.host if destination else ""
    return Decision(
        row=row_of(
            route, visit, verdict, said, page=host, referrer=visit.headers.get("referer", "")
        ),
        token=verdict.token,
        location=location_of(destination, route, verdict, said, passed) if destination else "",
    )


def report(
    *,
    route: Route,
    visit: Visit,
    at: datetime,
    keys: KeyRing,
    url: str,
    referrer: str,
    subs: Mapping[str, str],
) -> Decision:
    """Decide about a visit that the snippet reports: somebody came straight to `url`."""
    verdict = judge(route, classify(visit, AGENT_SIGNS), at=at, keys=keys)
    row = row_of(route, visit, verdict, subs, page=host_of(url), referrer=referrer)
    return Decision(row=row, token=verdict.token, location="")


def destination_of(route: Route, *, deep_link: str, refusal: str) -> Destination | None:
    """Return where the visitor goes; to the fallback page only if the link works no longer."""
    if refusal in CLOSED and route.fallback_url:
        fallback = read_stored_destination(route.fallback_url)
        if fallback:
            return fallback
    return choose_destination(
        deep_link=deep_link,
        stored_url=route.destination_url,
        landing_url=route.landing_url,
        places=places_of(route.landing_url, route.allowed_hosts),
    )


def location_of(
    destination: Destination,
    route: Route,
    verdict: Verdict,
    said: Mapping[str, str],
    passed: list[tuple[str, str]],
) -> str:
    """Return the address to redirect to."""
    token = verdict.token
    own = ((CLICK_PARAMETER, token), (VIA_PARAMETER, quote_stored(route.via))) if token else ()
    macros = macros_of(route, token, said) if destination.may_hold_macros else NO_MACROS
    return address_of(destination, macros=macros, passed=passed, own=own)


def macros_of(route: Route, token: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the macros that a destination may carry."""
    return {
        **{name: said.get(name, "") for name in (*SUB_NAMES, SOURCE, EXT_CLICK_ID)},
        "click_id": token,
        "affiliate_id": route.affiliate_id,
        "enrollment_id": route.enrollment_id,
        "program_id": route.program_id,
        "program": route.program_slug,
        "link": route.code,
        "via": route.via,
    }


def row_of(
    route: Route,
    visit: Visit,
    verdict: Verdict,
    said: Mapping[str, str],
    *,
    page: str,
    referrer: str,
) -> dict[str, Any]:
    """Return the click as its table's columns."""
    agent = read_agent(visit.headers.get("user-agent", ""))
    return {
        "merchant_id": route.merchant_id,
        "id": str(verdict.click_id),
        "program_id": route.program_id,
        "enrollment_id": route.enrollment_id,
        "affiliate_id": route.affiliate_id,
        "link_id": route.link_id,
        "class": verdict.kind,
        "refusal": verdict.refusal,
        "destination_host": page[:HOST_MAX],
        "referrer_host": host_of(referrer) if referrer else "",
        "device": agent.device,
        "os": agent.os,
        "browser": agent.browser,
        "ip_net": network_of(visit.address),
        "source": tidy(said.get(SOURCE, "")),
        "ext_click_id": tidy(said.get(EXT_CLICK_ID, "")),
        "subs": {name: tidy(said[name]) for name in SUB_NAMES if said.get(name)} if said else {},
    }


def keeps_cookie(route: Route, visit: Visit) -> bool:
    """Whether the visitor's device may keep the click: the program says so, nobody objects."""
    return route.consent_mode == LEGACY and visit.headers.get("sec-gpc") != "1"
