"""Following a link: whatever happens, the visitor arrives, and what is right is stored."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from django.conf import settings

from interfaces.edge import judge
from interfaces.edge.http import visitor_behind
from merchants.tenancy import merchant_context
from programs.models import ConsentMode, Program
from tests.cast import make_company, make_promoter
from tracking.token import read_token

LANDING = "https://shop.acme.example/"


def token_of(location: str) -> str:
    return dict(parse_qsl(urlsplit(location).query)).get("fl_click", "")


def test_a_click_is_stored_before_it_is_answered(edge, bob, clicks):
    answer = edge.get(f"/c/{bob.link.code}?sub1=a&utm_source=mail")

    token = read_token(token_of(answer.location), settings.CLICK_KEYS)
    assert token is not None
    assert answer.status == 302
    assert answer.headers == {
        "location": f"{LANDING}?utm_source=mail&fl_click={token_of(answer.location)}"
        f"&via={bob.enrollment.code}",
        "cache-control": "no-store",
        "referrer-policy": "strict-origin-when-cross-origin",
    }
    assert clicks.rows("id, link_id, class, refusal, ip_net, subs") == [
        (token.click_id, bob.link.id, "HUMAN", "", "192.0.2.0/24", {"sub1": "a"})
    ]
    assert clicks.totals() == (1, 1, 1)


def test_a_click_that_is_not_credited_is_stored_and_counted_apart(edge, bob, clicks):
    answer = edge.get(f"/c/{bob.link.code}", headers={"user-agent": "curl/8.0"})

    assert (answer.status, answer.location) == (302, LANDING)
    assert clicks.rows("class, refusal") == [("BOT", "bot")]
    assert clicks.totals() == (1, 0, 0)


def test_head_is_redirected_without_credit(edge, bob, clicks):
    answer = edge.run(edge.ask("HEAD", f"/c/{bob.link.code}"))

    assert (answer.status, answer.location, answer.body) == (302, LANDING, b"")
    assert clicks.rows("refusal") == [("head_request",)]


def test_other_methods_mean_nothing(edge, bob, clicks):
    answer = edge.post(f"/c/{bob.link.code}")

    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert clicks.count() == 0


@pytest.mark.parametrize(
    "query", ["url=//evil.example", "url=https://evil.example%0d%0aX:y", "to=\\\\evil"]
)
def test_nobody_is_sent_elsewhere(edge, bob, query):
    answer = edge.get(f"/c/{bob.link.code}?{query}")

    assert answer.location.startswith(f"{LANDING}?fl_click=")


@pytest.mark.parametrize(
    "code", ["nobody-has-this", "", "a", "x" * 500, "ä", "a%00b", "%2e%2e", "a/b", "'--"]
)
def test_an_unknown_code_gets_a_friendly_page(edge, clicks, code):
    answer = edge.get(f"/c/{code}")

    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert b"This link leads nowhere" in answer.body
    assert b"<style" not in answer.body
    assert b"<script" not in answer.body
    assert clicks.count() == 0


def test_the_page_has_its_style_and_speaks_the_visitors_language(edge):
    page = edge.get("/c/nobody-has-this", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    style = edge.get("/not-found.css")

    assert page.headers["content-language"] == "zh-hans"
    assert b'lang="zh-hans"' in page.body
    assert style.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/", "/c", "/admin", "/t/x", "/postback/x"])
def test_what_is_not_served_here_is_not_found(edge, path):
    assert edge.get(path).status == 404


def test_other_systems_addresses_lead_to_the_enrollments_first_link(edge, acme, bob, clicks):
    program = acme.program
    pairs = [
        f"/click?pid={bob.enrollment.code}&offer_id={program.slug}&sub1=a",
        f"/click?pid={bob.enrollment.id}&offer_id={program.id}&sub1=a",
        f"/aff_c?aff_id={bob.enrollment.code}&offer_id={program.slug}&aff_sub=a",
    ]

    answers = [edge.get(pair) for pair in pairs]

    assert [answer.status for answer in answers] == [302] * 3
    assert all(urlsplit(answer.location).query.count("=") == 2 for answer in answers)
    assert clicks.rows("link_id, subs") == [(bob.link.id, {"sub1": "a"})] * 3


@pytest.mark.parametrize(
    "query",
    ["pid={code}", "offer_id=partners", "pid={code}&offer_id=other", "pid=x&offer_id=partners", ""],
)
def test_half_a_pair_leads_nowhere(edge, bob, query):
    assert edge.get("/click?" + query.format(code=bob.enrollment.code)).status == 404


def test_a_pair_that_two_merchants_have_leads_nowhere(bob, start_edge, admin):
    globex = make_company("Globex", "Gwen")
    dave = make_promoter(globex, "Dave")
    admin.execute(
        "UPDATE affiliates_enrollment SET code = %s WHERE id = %s",
        [bob.enrollment.code, dave.enrollment.id],
    )
    edge = start_edge()

    by_slug = edge.get(f"/click?pid={bob.enrollment.code}&offer_id=partners")
    by_id = edge.get(f"/click?pid={bob.enrollment.code}&offer_id={globex.program.id}")

    assert by_slug.status == 404
    assert by_id.location.startswith("https://shop.globex.example/")


@pytest.mark.parametrize(
    ("mode", "headers", "kept"),
    [
        (ConsentMode.LEGACY, {}, True),
        (ConsentMode.LEGACY, {"sec-gpc": "1"}, False),
        (ConsentMode.LEGACY, {"user-agent": "curl/8.0"}, False),
        (ConsentMode.CONSENT, {}, False),
        (ConsentMode.COOKIELESS, {}, False),
    ],
)
def test_a_cookie_only_where_the_program_says_so(acme, bob, start_edge, mode, headers, kept):
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(consent_mode=mode)
    edge = start_edge()

    answer = edge.get(f"/c/{bob.link.code}", headers=headers)

    expected = (
        f"fl_click={token_of(answer.location)}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax"
    )
    assert answer.headers.get("set-cookie") == (expected if kept else None)


def test_our_own_mistakes_do_not_stop_a_visitor(edge, bob, clicks, monkeypatch):
    def fail(*_anything, **_more):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(judge, "look", fail)

    answer = edge.get(f"/c/{bob.link.code}")

    assert (answer.status, answer.location) == (302, LANDING)
    assert clicks.count() == 0


def test_a_program_without_a_readable_page_shows_the_friendly_one(edge, bob, admin, clicks):
    route = edge.app._links.map.routes[bob.link.code]
    program = route.program._replace(landing_url="nonsense")
    edge.app._links.learn([route._replace(program=program)])

    assert edge.get(f"/c/{bob.link.code}").status == 404
    assert clicks.count() == 1


PROXIES = ("10.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("seen", "forwarded_for", "visitor"),
    [
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("::1", "203.0.113.9, 198.51.100.1,10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "nonsense", "nonsense"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
    ],
)
def test_only_our_own_proxies_are_believed(seen, forwarded_for, visitor):
    assert visitor_behind(seen, forwarded_for, PROXIES) == visitor


@pytest.mark.parametrize(
    ("trusted", "network"), [((), "10.0.0.0/24"), (PROXIES, "198.51.100.0/24")]
)
def test_the_network_stored_is_the_visitors(bob, start_edge, clicks, trusted, network):
    edge = start_edge(trusted=trusted)

    edge.get(f"/c/{bob.link.code}", headers={"x-forwarded-for": "198.51.100.1"}, client="10.0.0.1")

    assert clicks.rows("ip_net") == [(network,)]


def test_a_moved_clock_moves_clicks_even_to_days_without_a_partition(edge, bob, clicks, admin):
    settings.CLOCK_OFFSET_SECONDS = 200 * 86_400
    try:
        answer = edge.get(f"/c/{bob.link.code}")
    finally:
        settings.CLOCK_OFFSET_SECONDS = 0

    token = read_token(token_of(answer.location), settings.CLICK_KEYS)
    days = admin.execute("SELECT day - current_date FROM reports_dailyclicks").fetchall()
    assert token is not None
    assert clicks.rows("id") == [(UUID(str(token.click_id)),)]
    assert days in ([(200,)], [(199,)], [(201,)])
