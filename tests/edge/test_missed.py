"""Codes that lead nowhere are counted, within bounds, and nobody waits for it."""

import asyncio
import gc
import json
import tracemalloc
from datetime import datetime

import pytest

from interfaces.edge import missed as missed_module
from interfaces.edge.database import Away
from interfaces.edge.missed import CODES_MAX, OF_MERCHANT_MAX, MissedCodes
from tests.cast import NOON
from tests.edge.conftest import wait_until
from tests.edge.test_domains import HOST, ask, make_domain


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Store more often."""
    monkeypatch.setattr(missed_module, "ROUND_SECONDS", 0.05)


def rows(admin, columns: str = "merchant_id, host, code, reason, hits"):
    statement = f"SELECT {columns} FROM tracking_missedcode ORDER BY code, host"
    return admin.execute(statement.encode()).fetchall()


def test_unknown_codes_are_counted_by_day(edge, admin):
    for _ in range(2):
        edge.get("/c/nobody", headers={"referer": "https://blog.example/post?x=1"})
    wait_until(lambda: rows(admin, "hits") == [(2,)])
    edge.get("/c/nobody")
    wait_until(lambda: rows(admin, "hits") == [(3,)])

    assert rows(admin) == [(None, "", "nobody", "unknown_code", 3)]
    assert rows(admin, "day - last_at::date") == [(0,)]


def test_the_merchant_is_known_by_host_or_program(acme, bob, start_edge, admin):
    make_domain(acme)
    edge = start_edge()

    ask(edge, "/c/nobody")
    edge.get(f"/click?pid=eve&offer_id={acme.program.id}")
    edge.get("/aff_c?aff_id=eve&offer_id=partners")
    edge.get("/aff_c?aff_id=eve&offer_id=unknown")
    wait_until(lambda: len(rows(admin)) == 4)

    assert rows(admin) == [
        (acme.id, "", f"{acme.program.id}/eve", "unknown_pair", 1),
        (acme.id, HOST, "nobody", "unknown_code", 1),
        (acme.id, "", "partners/eve", "unknown_pair", 1),
        (None, "", "unknown/eve", "unknown_pair", 1),
    ]


def test_a_misspelt_code_is_its_merchants(edge, acme, bob, admin):
    code = bob.link.code
    near = [
        f"{code}.",
        f"{code})",
        code.upper() if code.upper() != code else code.title(),
        f"{code}!",
    ]
    for text in near:
        edge.get(f"/c/{text}")
    edge.get(f"/c/{code}x")
    wait_until(lambda: len(rows(admin)) == 5)

    found = {text: merchant_id for merchant_id, _host, text, _reason, _hits in rows(admin)}
    assert found == {**dict.fromkeys(near, acme.id), f"{code}x": None}


@pytest.mark.parametrize("path", ["/c/x%00y%0a", "/c/" + "x" * 500, "/c/%ff", "/c/ä"])
def test_whatever_is_asked_for_can_be_stored(edge, admin, path):
    assert edge.get(path).status == 404

    wait_until(lambda: len(rows(admin)) == 1)
    assert len(rows(admin, "code")[0][0]) <= 80


def test_what_was_counted_is_stored_at_the_end(start_edge, admin, monkeypatch):
    monkeypatch.setattr(missed_module, "ROUND_SECONDS", 60)
    edge = start_edge()
    edge.get("/c/nobody")

    edge.stop()

    assert rows(admin, "code, hits") == [("nobody", 1)]


def test_nobody_waits_while_postgresql_is_away_and_nothing_is_lost(gated_edge, gate, admin):
    gate.close()
    answers = [gated_edge.get("/c/nobody") for _ in range(3)]
    gate.open()

    assert {answer.status for answer in answers} == {404}
    wait_until(lambda: rows(admin, "hits") == [(3,)])


class NoSession:
    """A PostgreSQL that is away, or takes everything."""

    def __init__(self, *, is_away: bool) -> None:
        self.is_away = is_away
        self.sent: list[str] = []

    async def run_once(self, _statement, values):
        if self.is_away:
            raise Away("away")
        self.sent.append(values[0])
        return []


def noon() -> datetime:
    return NOON


def test_a_flood_of_random_codes_grows_neither_memory_nor_the_table(start_edge, admin):
    missed = MissedCodes(NoSession(is_away=True), now=noon)  # type: ignore[arg-type]
    for number in range(CODES_MAX):
        missed.note(f"random-{number}", host="", reason="unknown_code")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(50_000):
        missed.note(f"more-{number}", host=f"h{number}.example", reason="unknown_code")
        if number % 10_000 == 0:
            with pytest.raises(Away):
                asyncio.run(missed.store())
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    edge = start_edge()
    missed._session = edge.app._missed._session
    edge.run(missed.store())

    assert grown < 3_000_000
    assert len(rows(admin)) == CODES_MAX + 1
    assert rows(admin, "code, hits")[0] == ("", 50_000)


def test_a_flood_at_one_merchant_leaves_the_others_their_own():
    session = NoSession(is_away=False)
    missed = MissedCodes(session, now=noon)  # type: ignore[arg-type]
    for number in range(CODES_MAX + 5):
        missed.note(f"a-{number}", host="", reason="unknown_pair", merchant_id="first")
    missed.note("b", host="b.example", reason="unknown_code", merchant_id="second")
    missed.note("c", host="", reason="unknown_code")
    asyncio.run(missed.store())

    found = {(row["merchant_id"], row["code"]): row["hits"] for row in json.loads(session.sent[0])}
    assert len(found) == OF_MERCHANT_MAX + 3
    assert found["second", "b"] == found[None, "c"] == 1
    assert found[None, ""] == CODES_MAX + 5 - OF_MERCHANT_MAX
