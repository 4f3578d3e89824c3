"""Caps at the door: soft within a second, hard to the last click, and after a restart the same."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from common.clock import now
from interfaces.edge import caps as caps_module
from merchants.tenancy import merchant_context
from programs.models import Destination, Program
from tests.cast import make_promoter
from tests.edge.conftest import wait_until
from tests.edge.process import edge_process
from tracking.models import Cap, CapAction, CapPeriod, CapScope, CapUnit

LANDING = "https://shop.acme.example/"
FALLBACK = "https://closed.acme.example/"
ALL_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait for counters as long as it takes, so that a busy machine changes nothing."""
    monkeypatch.setattr(caps_module, "ANSWER_SECONDS", 10)


@pytest.fixture(autouse=True)
def fallback(acme):
    """Give the program a page for those beyond a cap."""
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(fallback_url=FALLBACK)


def make_cap(company, limit: int, **columns) -> Cap:
    """Store a cap of the company's program: on all its clicks of all time, unless said."""
    columns = {
        "unit": CapUnit.CLICKS,
        "period": CapPeriod.ALL,
        "scope": CapScope.PROGRAM,
        "is_hard": True,
        **columns,
    }
    with merchant_context(company.id):
        return Cap.objects.create(
            merchant_id=company.id, program=company.program, limit=limit, **columns
        )


def use(admin, cap: Cap, used: int, counted: str = "", start: datetime = ALL_TIME) -> None:
    """Let a counter stand at so many."""
    admin.execute(
        "INSERT INTO tracking_capuse (merchant_id, cap_id, counted, period_start, used)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (merchant_id, cap_id, counted, period_start)"
        " DO UPDATE SET used = excluded.used",
        [cap.merchant_id, cap.id, counted, start, used],
    )


def used(admin) -> dict[tuple[UUID, str], int]:
    rows = admin.execute("SELECT cap_id, counted, used FROM tracking_capuse").fetchall()
    return {(cap_id, counted): count for cap_id, counted, count in rows}


def credited(answers) -> int:
    return sum("fl_click=" in answer.location for answer in answers)


def test_a_hard_cap_is_exact_over_two_edge_processes(acme, bob, admin, clicks, tmp_path):
    cap = make_cap(acme, 50)
    with ExitStack() as ends, ThreadPoolExecutor(20) as crowd:
        folders = (tmp_path / "one", tmp_path / "two")
        edges = [ends.enter_context(edge_process(folder)) for folder in folders]
        visits = [
            (edges[number % 2], f"10.1.{number // 100}.{number % 100}") for number in range(200)
        ]

        answers = list(
            crowd.map(lambda visit: visit[0].get(f"/c/{bob.link.code}", address=visit[1]), visits)
        )
        time.sleep(1.5)  # What was reserved too late has gone back.
        answers += [
            edges[0].get(f"/c/{bob.link.code}", address=f"10.2.0.{number}") for number in range(60)
        ]
        wait_until(lambda: clicks.count() == 260, seconds=60)  # Also those by way of the journal.

    assert {answer.status for answer in answers} == {302}
    assert credited(answers) == 50
    assert {answer.location for answer in answers if "fl_click" not in answer.location} == {
        FALLBACK
    }
    assert used(admin) == {(cap.id, ""): 50}
    assert clicks.rows("refusal").count(("cap_reached",)) == 210
    assert clicks.totals() == (260, 260, 50)


def test_a_soft_cap_closes_the_door_and_edges_meet(acme, bob, start_edge, admin):
    cap = make_cap(acme, 5, is_hard=False)
    edges = [start_edge(), start_edge()]

    first = [edges[0].get(f"/c/{bob.link.code}") for _ in range(8)]
    wait_until(lambda: used(admin) == {(cap.id, ""): 5})
    second = [edges[1].get(f"/c/{bob.link.code}") for _ in range(3)]

    assert (credited(first), credited(second)) == (5, 0)
    assert used(admin) == {(cap.id, ""): 5}


def test_a_soft_cap_survives_a_restart(acme, bob, start_edge, admin):
    cap = make_cap(acme, 5, is_hard=False)
    edge = start_edge()
    for _ in range(3):
        edge.get(f"/c/{bob.link.code}")
    edge.stop()
    stopped_at = used(admin)

    answers = [start_edge().get(f"/c/{bob.link.code}") for _ in range(1)]
    again = start_edge()
    answers += [again.get(f"/c/{bob.link.code}") for _ in range(6)]

    assert stopped_at == {(cap.id, ""): 3}
    assert credited(answers) <= 3  # The edge between may not have said its one yet.


@pytest.mark.parametrize("is_hard", [True, False])
def test_a_used_up_cap_on_conversions_closes_the_door(acme, bob, start_edge, admin, is_hard):
    cap = make_cap(acme, 2, unit=CapUnit.CONVERSIONS, is_hard=is_hard)
    use(admin, cap, 1)
    edge = start_edge()
    before = edge.get(f"/c/{bob.link.code}")

    use(admin, cap, 2)
    wait_until(lambda: edge.get(f"/c/{bob.link.code}").location == FALLBACK)

    assert credited([before]) == 1
    assert used(admin) == {(cap.id, ""): 2}


@pytest.mark.parametrize(
    ("beyond", "location"), [(CapAction.FALLBACK, FALLBACK), (CapAction.DESTINATION, LANDING)]
)
def test_where_those_beyond_go_is_a_setting(acme, bob, start_edge, clicks, beyond, location):
    make_cap(acme, 1, beyond=beyond)
    edge = start_edge()

    answers = [edge.get(f"/c/{bob.link.code}") for _ in range(2)]

    assert answers[1].location == location
    assert clicks.rows("class, refusal") == [("HUMAN", ""), ("HUMAN", "cap_reached")]


def test_a_repeat_beyond_a_cap_goes_where_the_first_went(acme, bob, start_edge, clicks):
    make_cap(acme, 1)
    edge = start_edge()
    wait_until(lambda: edge.app._salts.salts)
    edge.get(f"/c/{bob.link.code}")

    answers = [edge.get(f"/c/{bob.link.code}", client="198.51.100.1") for _ in range(2)]

    assert [answer.location for answer in answers] == [FALLBACK, FALLBACK]
    assert clicks.rows("class")[1:] == [("HUMAN",), ("DUPLICATE",)]


def test_each_affiliate_is_counted_by_themselves(acme, bob, start_edge, admin):
    dave = make_promoter(acme, "Dave")
    cap = make_cap(acme, 2, scope=CapScope.ENROLLMENT)
    edge = start_edge()

    of_bob = [edge.get(f"/c/{bob.link.code}") for _ in range(3)]
    of_dave = [edge.get(f"/c/{dave.link.code}") for _ in range(1)]

    assert (credited(of_bob), credited(of_dave)) == (2, 1)
    assert used(admin) == {
        (cap.id, str(bob.enrollment.id)): 2,
        (cap.id, str(dave.enrollment.id)): 1,
    }


def test_a_destinations_cap_concerns_its_visitors_alone(acme, bob, start_edge, admin):
    with merchant_context(acme.id):
        page = Destination.objects.create(
            merchant_id=acme.id, program=acme.program, name="p", url=f"{LANDING}p", languages=["de"]
        )
    cap = make_cap(acme, 1, scope=CapScope.DESTINATION, destination=page)
    edge = start_edge()

    german = [edge.get(f"/c/{bob.link.code}", headers={"accept-language": "de"}) for _ in range(2)]
    others = [edge.get(f"/c/{bob.link.code}") for _ in range(3)]

    assert (credited(german), credited(others)) == (1, 3)
    assert used(admin) == {(cap.id, str(page.id)): 1}


def test_of_two_caps_the_tighter_counts_and_the_other_gets_its_click_back(
    acme, bob, start_edge, admin
):
    wide = make_cap(acme, 10)
    narrow = make_cap(acme, 2, scope=CapScope.ENROLLMENT)
    edge = start_edge()

    answers = edge.get_many([f"/c/{bob.link.code}"] * 8)

    assert credited(answers) == 2
    wait_until(lambda: used(admin) == {(wide.id, ""): 2, (narrow.id, str(bob.enrollment.id)): 2})


def test_a_period_begins_anew(acme, bob, start_edge, admin):
    cap = make_cap(acme, 1, period=CapPeriod.DAY)
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    use(admin, cap, 1, start=today - timedelta(days=1))
    edge = start_edge()

    answers = [edge.get(f"/c/{bob.link.code}") for _ in range(2)]

    assert credited(answers) == 1


def test_what_is_not_credited_anyhow_uses_nothing_up(acme, bob, start_edge, admin):
    make_cap(acme, 5)
    edge = start_edge()

    edge.get(f"/c/{bob.link.code}", headers={"user-agent": "curl/8.0"})

    assert used(admin) == {}


def test_a_new_cap_and_an_archived_one_are_heard_of(edge, acme, bob):
    with merchant_context(acme.id):
        cap = make_cap(acme, 1)
    wait_until(lambda: edge.get(f"/c/{bob.link.code}").location == FALLBACK)

    with merchant_context(acme.id):
        Cap.objects.filter(id=cap.id).update(archived_at=now())
    wait_until(lambda: credited([edge.get(f"/c/{bob.link.code}")]) == 1)


def test_with_postgresql_away_hard_refuses_and_soft_goes_on(
    acme, bob, gate, start_edge, monkeypatch, clicks
):
    dave = make_promoter(acme, "Dave")
    make_cap(acme, 100, scope=CapScope.ENROLLMENT, enrollment=bob.enrollment)
    make_cap(acme, 100, scope=CapScope.ENROLLMENT, enrollment=dave.enrollment, is_hard=False)
    edge = start_edge(conninfo=gate.conninfo)
    before = [edge.get(f"/c/{code}") for code in (bob.link.code, dave.link.code)]
    monkeypatch.setattr(caps_module, "ANSWER_SECONDS", 0.25)
    gate.close()

    begun = time.monotonic()
    hard, soft = (edge.get(f"/c/{code}") for code in (bob.link.code, dave.link.code))
    seconds = time.monotonic() - begun

    assert credited(before) == 2
    assert hard.location == FALLBACK
    assert credited([soft]) == 1
    assert seconds < 3
    gate.open()
    wait_until(lambda: credited([edge.get(f"/c/{bob.link.code}")]) == 1)
    wait_until(lambda: clicks.count() >= 5)
