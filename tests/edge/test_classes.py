"""Who clicks: repeats, staff, and who is new within 24 hours."""

import json
from datetime import timedelta

import pytest
from django.conf import settings

from interfaces.edge.repeats import REMEMBERED_MAX, Repeats
from merchants.models import Merchant
from merchants.tenancy import merchant_context
from tests.edge.conftest import wait_until
from tests.edge.test_beacon import key_of
from tests.edge.test_follow import token_of
from tests.edge.test_links import link_of
from tests.tracking.test_clicks import ROUTE
from tracking.clicks import Earlier
from tracking.models import ClickClass

HOME = "198.51.100.7"


@pytest.fixture
def salted(edge):
    """Return an edge that knows the salts of these days."""
    wait_until(lambda: edge.app._salts.salts)
    return edge


def uniques(admin) -> int:
    return admin.execute(
        "SELECT coalesce(sum(uniques), 0)::int FROM reports_dailyclicks"
    ).fetchone()[0]


def test_a_second_tap_is_a_duplicate_with_the_first_ones_token(salted, bob, clicks):
    first = salted.get(f"/c/{bob.link.code}?sub1=a", client=HOME)
    second = salted.get(f"/c/{bob.link.code}?sub1=b", client=HOME)

    assert token_of(second.location) == token_of(first.location) != ""
    assert second.location == first.location
    assert clicks.rows("class, refusal, is_unique, subs->>'sub1'") == [
        ("HUMAN", "", True, "a"),
        ("DUPLICATE", "duplicate", False, "b"),
    ]
    assert clicks.totals() == (2, 1, 1)


def test_another_link_browser_or_address_is_no_duplicate(salted, acme, bob, clicks):
    other = link_of(bob, acme)
    salted.get(f"/c/{bob.link.code}", client=HOME)
    salted.get(f"/c/{other.code}", client=HOME)
    salted.get(
        f"/c/{bob.link.code}", client=HOME, headers={"user-agent": "Mozilla/5.0 (X11; Linux) X/1"}
    )
    salted.get(f"/c/{bob.link.code}", client="198.51.100.8")

    assert clicks.rows("class") == [("HUMAN",)] * 4


def test_what_robots_do_is_no_duplicate_of_a_persons(salted, bob, clicks):
    for headers in ({"sec-purpose": "prefetch"}, {}, {"sec-purpose": "prefetch"}):
        salted.get(f"/c/{bob.link.code}", client=HOME, headers=headers)

    assert clicks.rows("class") == [("PREFETCH",), ("HUMAN",), ("PREFETCH",)]


def test_a_repeated_report_is_a_duplicate_too(salted, acme, bob, clicks):
    said = {"program": "partners", "code": bob.enrollment.code, "url": "https://shop.acme.example/"}
    options = {"headers": {"authorization": f"Bearer {key_of(acme)}"}, "client": HOME}

    first, second = (salted.post("/t", json.dumps(said).encode(), **options) for _ in range(2))

    assert first.json == second.json != {"click_id": None}
    assert clicks.rows("class") == [("HUMAN",), ("DUPLICATE",)]


def test_repeats_are_forgotten_after_ten_seconds_and_beyond_the_bound():
    seconds = [0.0]
    repeats = Repeats(lambda: seconds[0])
    earlier = Earlier(ROUTE, "token", False)
    repeats.remember("code", "bob", earlier)
    seconds[0] = 9.9
    known = repeats.find("code", "bob")
    seconds[0] = 10.0
    for number in range(REMEMBERED_MAX + 10):
        repeats.remember("code", f"visitor {number}", earlier)

    assert known == earlier
    assert repeats.find("code", "bob") is None
    assert len(repeats) <= REMEMBERED_MAX
    assert repeats.find("code", "visitor 9") is None
    assert repeats.find("code", f"visitor {REMEMBERED_MAX}") == earlier
    repeats.remember("code", "", earlier)
    assert repeats.find("code", "") is None


# Staff -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers", "kind"),
    [
        ("203.0.113.9", {}, ClickClass.STAFF),
        ("::ffff:203.0.113.9", {}, ClickClass.STAFF),
        ("2001:db8:1::7", {}, ClickClass.STAFF),
        ("203.0.114.9", {}, ClickClass.HUMAN),
        ("203.0.113.9", {"user-agent": "curl/8.0"}, ClickClass.BOT),
    ],
)
def test_the_merchants_own_people_credit_nobody(salted, acme, bob, clicks, address, headers, kind):
    with merchant_context(acme.id):
        Merchant.objects.filter(id=acme.id).update(
            staff_networks=["203.0.113.0/24", "2001:db8:1::/48", "nonsense"]
        )
    wait_until(lambda: salted.app._links.map.routes[bob.link.code].program.staff_networks)

    answer = salted.get(f"/c/{bob.link.code}", client=address, headers=headers)

    refusal = {ClickClass.STAFF: "staff", ClickClass.HUMAN: "", ClickClass.BOT: "bot"}[kind]
    assert clicks.rows("class, refusal") == [(kind.value, refusal)]
    assert ("fl_click=" in answer.location) is (kind is ClickClass.HUMAN)
    assert clicks.totals()[1] == (1 if kind is ClickClass.HUMAN else 0)


# New within 24 hours -----------------------------------------------------------------------------


def test_a_person_is_new_once_in_24_hours_over_midnight_too(bob, start_edge, clicks, admin):
    """Each step: hours after the first click, and whether the click is new."""
    steps = [(0.0, True), (0.01, False), (5.0, False), (23.9, False), (24.5, None), (60.0, True)]
    for hours, _expected in steps:
        settings.CLOCK_OFFSET_SECONDS = round(hours * 3_600)
        edge = start_edge()
        wait_until(lambda edge=edge: edge.app._salts.salts)
        edge.get(f"/c/{bob.link.code}", client=HOME)
        edge.stop()
    settings.CLOCK_OFFSET_SECONDS = 0

    found = [row[0] for row in clicks.rows("is_unique")]

    for (hours, expected), is_new in zip(steps, found, strict=True):
        if expected is not None:  # At 24.5 it depends on when midnight was.
            assert is_new is expected, hours
    assert uniques(admin) == sum(found)


def test_names_are_kept_for_the_day_and_are_not_the_address(salted, bob, clicks, admin):
    salted.get(f"/c/{bob.link.code}", client=HOME)

    ((name,),) = clicks.rows("visitor")
    rows = admin.execute("SELECT visitor, link_id FROM tracking_visitor").fetchall()
    assert len(name) == 24
    assert rows == [(name, bob.link.id)]


def test_two_edges_call_a_visitor_by_the_same_name(salted, bob, start_edge, clicks, admin):
    other = start_edge()
    wait_until(lambda: other.app._salts.salts)

    salted.get(f"/c/{bob.link.code}", client=HOME)
    other.get(f"/c/{bob.link.code}", client=HOME)

    assert clicks.rows("is_unique") == [(True,), (False,)]
    assert len(set(clicks.rows("visitor"))) == 1
    assert uniques(admin) == 1


def test_over_midnight_names_go_on_without_postgresql(gated_edge, bob, gate, clicks):
    wait_until(lambda: gated_edge.app._salts.salts)
    known = dict(gated_edge.app._salts.salts)
    gate.close()
    tomorrow = max(known)
    settings.CLOCK_OFFSET_SECONDS = 86_400
    try:
        answers = [gated_edge.get(f"/c/{bob.link.code}", client=HOME) for _ in range(2)]
    finally:
        settings.CLOCK_OFFSET_SECONDS = 0
    gate.open()
    wait_until(lambda: clicks.count() == 2)

    assert len(known) == 3
    assert token_of(answers[0].location) == token_of(answers[1].location)
    assert [row[0] for row in clicks.rows("class")] == ["HUMAN", "DUPLICATE"]
    assert all(len(row[0]) == 24 for row in clicks.rows("visitor"))
    assert tomorrow - min(known) == timedelta(days=2)


def test_without_salts_clicks_are_counted_but_nobody_is_told_apart(
    bob, gate, start_edge, clicks, admin
):
    start_edge(conninfo=gate.conninfo).stop()
    gate.close()
    edge = start_edge(conninfo=gate.conninfo)

    for _ in range(2):
        edge.get(f"/c/{bob.link.code}", client=HOME)
    gate.open()
    wait_until(lambda: clicks.count() == 2)

    assert clicks.rows("class, visitor, is_unique") == [("HUMAN", "", False)] * 2
    assert uniques(admin) == 0
