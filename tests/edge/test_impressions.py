"""GET /i/{code}.gif: seen by people, counted by day, and always answered with a picture."""

from typing import Any

import psycopg
import pytest

from affiliates.models import Enrollment, Status
from interfaces.edge import impression
from interfaces.edge.impression import OF_ADDRESS_MAX
from interfaces.edge.pixel import GIF
from merchants.tenancy import merchant_context
from tests.cast import Company, Promoter
from tests.edge.conftest import wait_until
from tests.edge.running import CHROME, Gate, RunningEdge


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store more often."""
    monkeypatch.setattr(impression, "ROUND_SECONDS", 0.05)


def see(edge: RunningEdge, code: str, *, address: str = "203.0.113.9", **headers: str) -> Any:
    """Ask for a picture as a browser does."""
    said = {"user-agent": CHROME, "sec-fetch-dest": "image", **headers}
    answer = edge.get(f"/i/{code}.gif", headers=said, client=address)
    assert (answer.status, answer.body) == (200, GIF)
    assert answer.headers["cache-control"] == "no-store"
    return answer


def rows(admin: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return whose impressions are stored, and how many."""
    found = admin.execute(
        "SELECT link_id, enrollment_id, impressions::int FROM reports_dailyimpressions"
        " WHERE day = current_date"
    )
    return found.fetchall()


def test_what_people_see_is_counted(
    edge: RunningEdge, bob: Promoter, admin: psycopg.Connection
) -> None:
    for number in range(3):
        see(edge, bob.link.code, address=f"203.0.113.{number}")
    wait_until(lambda: rows(admin))
    see(edge, bob.link.code)

    expected = [(bob.link.id, bob.enrollment.id, 4)]
    wait_until(lambda: rows(admin) == expected)


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
        {"user-agent": "curl/8.5.0"},
        {"sec-purpose": "prefetch"},
    ],
)
def test_machines_are_not(
    edge: RunningEdge, bob: Promoter, admin: psycopg.Connection, headers: dict[str, str]
) -> None:
    edge.get(f"/i/{bob.link.code}.gif", headers={"user-agent": CHROME, **headers})
    see(edge, bob.link.code)

    wait_until(lambda: rows(admin))
    assert [row[-1] for row in rows(admin)] == [1]


def test_nobodys_code_and_other_methods_get_the_picture_too(
    edge: RunningEdge, bob: Promoter, admin: psycopg.Connection
) -> None:
    for path in ("/i/nobody.gif", "/i/.gif", "/i/", "/i/%00.gif", "/i/a/b/c.gif"):
        answer = edge.get(path, headers={"user-agent": CHROME})
        assert (answer.status, answer.body) == (200, GIF)
    see(edge, bob.link.code)

    wait_until(lambda: rows(admin))
    assert [row[-1] for row in rows(admin)] == [1]


@pytest.mark.parametrize("address", ["203.0.113.9", "unreadable"])
def test_reloading_earns_nothing(
    edge: RunningEdge, bob: Promoter, admin: psycopg.Connection, address: str
) -> None:
    for _number in range(OF_ADDRESS_MAX + 5):
        see(edge, bob.link.code, address=address)

    wait_until(lambda: [row[-1] for row in rows(admin)] == [OF_ADDRESS_MAX])


def test_a_suspended_affiliates_are_not_counted(
    acme: Company, bob: Promoter, start_edge: Any, admin: psycopg.Connection
) -> None:
    with merchant_context(acme.id):
        Enrollment.objects.filter(id=bob.enrollment.id).update(status=Status.SUSPENDED)
    edge = start_edge()

    see(edge, bob.link.code)
    edge.stop()

    assert rows(admin) == []


def test_what_was_seen_while_postgresql_was_away_is_stored_later(
    gated_edge: RunningEdge, gate: Gate, bob: Promoter, admin: psycopg.Connection
) -> None:
    gate.close()
    see(gated_edge, bob.link.code)
    gate.open()

    wait_until(lambda: [row[-1] for row in rows(admin)] == [1])
