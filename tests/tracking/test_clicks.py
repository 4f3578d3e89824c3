"""Clicks: which are credited, where they lead and what is stored of them."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.models import Status as EnrollmentStatus
from common.ids import time_of
from programs.models import ConsentMode
from programs.models import Status as ProgramStatus
from tracking.clicks import (
    CLOSED,
    MADE_BY,
    STEPS,
    attempt,
    conclude_report,
    follow,
    keeps_cookie,
    look,
    new_click_id,
)
from tracking.parameters import AFFISE, TUNE, read_parameters
from tracking.routes import ProgramRoute, Route
from tracking.token import ClickToken, read_token
from tracking.visits import AGENT_SIGNS, Visit

NOON = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)
KEYS = {1: bytes(32)}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"
PROGRAM = ProgramRoute(
    id="00000000-0000-7000-8000-000000000005",
    merchant_id="00000000-0000-7000-8000-000000000002",
    slug="partners",
    status=ProgramStatus.ACTIVE,
    landing_url="https://shop.acme.example/",
    fallback_url="",
    allowed_hosts=(),
    consent_mode=ConsentMode.CONSENT,
    window_days=30,
)
ROUTE = Route(
    code="bobs-link",
    link_id="00000000-0000-7000-8000-000000000001",
    link_number=7,
    is_archived=False,
    destination_url="",
    enrollment_id="00000000-0000-7000-8000-000000000003",
    affiliate_id="00000000-0000-7000-8000-000000000004",
    via="bob",
    enrollment_status=EnrollmentStatus.APPROVED,
    program=PROGRAM,
)


def visit(query: str = "", *, method: str = "GET", **headers: str) -> Visit:
    """Return a visit by Chrome; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = parse_qsl(query, keep_blank_values=True)
    return Visit(method, {"user-agent": CHROME, **named}, pairs, "192.0.2.7")


def clicked(query: str = "", *, route: Route = ROUTE, **changes: object):
    """Return the decision about a click at noon."""
    return follow(route=route, visit=visit(query, **changes), at=NOON, keys=KEYS)


def route_with(**changes: object) -> Route:
    """Return the route with other columns, its program's too."""
    own = {name: value for name, value in changes.items() if name in Route._fields}
    others = {name: value for name, value in changes.items() if name not in own}
    return ROUTE._replace(program=PROGRAM._replace(**others), **own)


def query_of(location: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def test_a_click_of_a_person_is_credited_and_carries_its_token():
    decision = clicked()

    token = read_token(decision.token, KEYS)
    assert token == ClickToken(UUID(decision.row["id"]), 7)
    assert token.at == NOON
    assert decision.location == (f"https://shop.acme.example/?fl_click={decision.token}&via=bob")


def test_every_click_has_its_own_id():
    assert len({clicked().row["id"] for _ in range(1_000)}) == 1_000


def test_what_is_stored():
    decision = clicked(
        "sub1=x&sub10=y&sub11=z&source=mail&ext_click_id=e1&utm_source=u",
        referer="https://Blog.example/post?secret=1",
    )

    assert decision.row == {
        "merchant_id": ROUTE.merchant_id,
        "id": decision.row["id"],
        "program_id": PROGRAM.id,
        "enrollment_id": ROUTE.enrollment_id,
        "affiliate_id": ROUTE.affiliate_id,
        "link_id": ROUTE.link_id,
        "class": "HUMAN",
        "refusal": "",
        "destination_host": "shop.acme.example",
        "destination_id": None,
        "referrer_host": "blog.example",
        "device": "desktop",
        "os": "Linux",
        "browser": "Chrome",
        "ip_net": "192.0.2.0/24",
        "country": "",
        "language": "",
        "visitor": "",
        "visitor_before": "",
        "source": "mail",
        "ext_click_id": "e1",
        "subs": {"sub1": "x", "sub10": "y"},
    }


BOT = {"user_agent": "curl/8.0"}
PREVIEW = {"user_agent": "Slackbot-LinkExpanding 1.0"}


@pytest.mark.parametrize(
    ("refusal", "kind", "changes", "headers"),
    [
        ("head_request", "HEAD", {}, {"method": "HEAD"}),
        ("prefetch", "PREFETCH", {}, {"sec_purpose": "prefetch"}),
        ("stuffing", "STUFFING", {}, {"sec_fetch_dest": "iframe"}),
        ("link_preview", "PREVIEW", {}, PREVIEW),
        ("bot", "BOT", {}, BOT),
        *[
            ("program_not_active", "HUMAN", {"status": status}, {})
            for status in ProgramStatus
            if status is not ProgramStatus.ACTIVE
        ],
        *[
            ("enrollment_suspended", "HUMAN", {"enrollment_status": status}, {})
            for status in EnrollmentStatus
            if status is not EnrollmentStatus.APPROVED
        ],
        ("link_archived", "HUMAN", {"is_archived": True}, {}),
        ("bot", "BOT", {"is_archived": True, "status": ProgramStatus.ENDED}, BOT),
        (
            "program_not_active",
            "HUMAN",
            {
                "is_archived": True,
                "status": ProgramStatus.ENDED,
                "enrollment_status": EnrollmentStatus.LEFT,
            },
            {},
        ),
    ],
)
def test_a_refused_click_is_kept_with_its_reason_and_redirected_without_evidence(
    refusal, kind, changes, headers
):
    decision = clicked("utm_source=x", route=route_with(**changes), **headers)

    assert (decision.row["refusal"], decision.row["class"]) == (refusal, kind)
    assert decision.token == ""
    assert decision.location == "https://shop.acme.example/?utm_source=x"


def test_every_reason_has_its_own_step():
    assert len(CLOSED) == len(STEPS) == 5
    assert len({*MADE_BY.values(), *CLOSED}) == len(MADE_BY) + len(STEPS) == 12


@pytest.mark.parametrize(
    ("_case", "changes", "headers", "location"),
    [
        (
            "ended",
            {"status": ProgramStatus.ENDED},
            {},
            "https://closed.example/?x={click_id}",
        ),
        ("archived", {"is_archived": True}, {}, "https://closed.example/?x={click_id}"),
        ("a robot is no reason", {}, BOT, "https://shop.acme.example/"),
    ],
)
def test_what_works_no_longer_leads_to_the_fallback_page(_case, changes, headers, location):
    route = route_with(**changes)
    program = route.program._replace(fallback_url="https://closed.example/?x={click_id}")
    route = route._replace(program=program)

    assert clicked(route=route, **headers).location == location.replace("{click_id}", "")


def test_the_links_own_page_and_a_deep_link_win_over_the_landing_page():
    route = ROUTE._replace(destination_url="https://shop.acme.example/sale")

    assert urlsplit(clicked(route=route).location).path == "/sale"
    assert (
        urlsplit(clicked("url=https://shop.acme.example/new", route=route).location).path == "/new"
    )
    assert urlsplit(clicked("url=https://evil.example/new", route=route).location).path == "/sale"


@pytest.mark.parametrize("name", ["url", "redirect", "deeplink", "to"])
def test_a_deep_link_has_four_names_and_none_reaches_the_shop(name):
    followed = clicked(f"{name}=https%3A%2F%2Fshop.acme.example%2Fnew")
    refused = clicked(f"{name}=%2F%2Fevil.example")

    assert urlsplit(followed.location).path == "/new"
    assert "evil" not in refused.location
    assert refused.row["destination_host"] == "shop.acme.example"


def test_the_shop_gets_unknown_parameters_but_no_foreign_evidence():
    location = clicked("utm_source=x&fl_click=forged&via=eve&sub1=s&ref=").location

    assert list(query_of(location)) == ["utm_source", "ref", "fl_click", "via"]
    assert query_of(location)["via"] == "bob"


def test_a_refused_click_brings_no_evidence_of_the_visitors_own_either():
    assert clicked("fl_click=forged&via=eve", **BOT).location == "https://shop.acme.example/"


def test_macros_are_filled():
    route = route_with(
        landing_url="https://shop.acme.example/{program}?c={click_id}&a={affiliate_id}&s={sub1}"
        "&t={sub2}&e={ext_click_id}&l={link}&v={via}&q={source}&n={enrollment_id}&p={program_id}"
    )

    decision = clicked("sub1=a%26b&ext_click_id=7&source={sub1}", route=route)

    assert urlsplit(decision.location).path == "/partners"
    assert query_of(decision.location) == {
        "c": decision.token,
        "a": ROUTE.affiliate_id,
        "s": "a&b",
        "t": "",
        "e": "7",
        "l": "bobs-link",
        "v": "bob",
        "q": "{sub1}",
        "n": ROUTE.enrollment_id,
        "p": PROGRAM.id,
        "fl_click": decision.token,
        "via": "bob",
    }


@pytest.mark.parametrize(
    ("vocabulary", "query", "said"),
    [
        (
            AFFISE,
            "pid=9&offer_id=1&sub1=a&redirect=u&click_id=c",
            {"sub1": "a", "url": "u", "ext_click_id": "c"},
        ),
        (
            TUNE,
            "aff_id=9&offer_id=1&aff_sub=a&aff_sub5=b&aff_click_id=c&url=u&source=s",
            {"sub1": "a", "sub5": "b", "ext_click_id": "c", "url": "u", "source": "s"},
        ),
    ],
)
def test_other_systems_names_mean_ours(vocabulary, query, said):
    read = read_parameters(parse_qsl(f"{query}&utm=1"), vocabulary)

    assert {word: value for word, value in read.said.items() if word} == said
    assert read.passed == [("utm", "1")]


def test_names_of_other_systems_mean_nothing_on_our_own_path():
    read = read_parameters([("aff_sub", "a"), ("pid", "1")])

    assert read.said == {}
    assert read.passed == [("aff_sub", "a"), ("pid", "1")]


def test_of_several_values_the_first_counts():
    assert clicked("sub1=a&sub1=b").row["subs"] == {"sub1": "a"}


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_sent_can_be_stored(text, referrer):
    pairs = [("sub1", text), ("source", text), ("ext_click_id", text), (text, text), ("url", text)]
    seen = Visit("GET", {"user-agent": text, "referer": referrer}, pairs, text)

    row = follow(route=ROUTE, visit=seen, at=NOON, keys=KEYS).row

    stored = json.dumps(row, ensure_ascii=False).encode()  # Fails on half a character.
    assert b"\\u0000" not in stored
    assert len(row["source"]) <= 200
    assert len(row["referrer_host"]) <= 253


def test_nowhere_to_go_is_said_and_not_raised():
    assert clicked(route=route_with(landing_url="nonsense")).location == ""


def test_a_reported_visit_is_credited_like_a_click():
    seen = visit(sec_fetch_dest="empty", sec_fetch_mode="cors", referer="https://x.example")
    sight = look(seen, at=NOON, salts={}, signs=AGENT_SIGNS)
    decision = conclude_report(
        attempt(ROUTE, seen, sight),
        seen,
        keys=KEYS,
        url="https://shop.acme.example/shoes?via=bob",
        referrer="https://blog.example/post",
        subs={"sub1": "a", "other": "b"},
    )

    assert read_token(decision.token, KEYS) is not None
    assert decision.location == ""
    assert decision.row["destination_host"] == "shop.acme.example"
    assert decision.row["referrer_host"] == "blog.example"
    assert decision.row["subs"] == {"sub1": "a"}


@pytest.mark.parametrize(
    ("mode", "headers", "expected"),
    [
        (ConsentMode.LEGACY, {}, True),
        (ConsentMode.LEGACY, {"sec_gpc": "1"}, False),
        (ConsentMode.CONSENT, {}, False),
        (ConsentMode.COOKIELESS, {}, False),
    ],
)
def test_only_legacy_programs_keep_a_cookie_and_only_if_nobody_objects(mode, headers, expected):
    assert keeps_cookie(route_with(consent_mode=mode), visit(**headers)) is expected


def test_ids_say_the_moment_they_are_given():
    assert time_of(new_click_id(NOON)) == NOON
    assert new_click_id(NOON).version == 7
