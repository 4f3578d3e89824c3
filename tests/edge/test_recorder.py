"""Recording: every click is answered at once and stored exactly once, whatever PostgreSQL does."""

import asyncio
import json
import random
import threading
import time

import pytest

from interfaces.edge import recorder, replay
from interfaces.edge.database import Away
from interfaces.edge.journal import REFUSED, Journal
from interfaces.edge.recorder import Recorder
from tests.edge.conftest import wait_until
from tests.edge.test_follow import token_of
from tracking.token import read_token

ANSWER_SECONDS_MAX = 1.0  # On a busy machine that runs tests; alone it is 0.06.


PATIENCE_SECONDS = recorder.PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Be as impatient as in life, and quicker to bring the journal in."""
    monkeypatch.setattr(recorder, "PATIENCE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(replay, "PAUSE_SECONDS", 0.1)


def test_a_commit_has_fifty_milliseconds():
    assert PATIENCE_SECONDS == 0.05


def ids_of(answers, settings) -> list[str]:
    """Return the click ids that visitors were sent on with."""
    tokens = [read_token(token_of(answer.location), settings.CLICK_KEYS) for answer in answers]
    return sorted(str(token.click_id) for token in tokens if token)


def assert_stored_once(clicks, answers, settings) -> None:
    """Every answer was a redirect, each click has one row, and the rollup counts the rows."""
    assert {answer.status for answer in answers} == {302}
    wait_until(lambda: clicks.count() >= len(answers))
    assert [row[0] for row in clicks.rows()] == ids_of(answers, settings)
    assert clicks.totals() == (len(answers),) * 3


class Crowd:
    """Visitors who keep coming while something happens."""

    def __init__(self, edge, url: str) -> None:
        self.answers: list = []
        self.slowest_seconds = 0.0
        self._edge, self._url = edge, url
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._come)

    def __enter__(self) -> "Crowd":
        self._thread.start()
        time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.1)
        self._enough.set()
        self._thread.join()

    def _come(self) -> None:
        while not self._enough.is_set():
            begun = time.monotonic()
            self.answers += self._edge.get_many([self._url] * 5)
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - begun)
            time.sleep(0.005)


def test_clicks_that_come_together_are_committed_together(edge, bob, clicks, settings, admin):
    def commits() -> int:
        admin.execute("SELECT pg_stat_force_next_flush()")
        return admin.execute("SELECT count(DISTINCT xmin::text) FROM tracking_click").fetchone()[0]

    answers = edge.get_many([f"/c/{bob.link.code}"] * 200)

    assert_stored_once(clicks, answers, settings)
    assert commits() < 20


def test_postgresql_goes_away_and_comes_back(gated_edge, gate, bob, clicks, settings, tmp_path):
    with Crowd(gated_edge, f"/c/{bob.link.code}") as crowd:
        gate.close()
        time.sleep(0.5)
        stored_before = clicks.count()
        away = gated_edge.get("/readyz").json
        gate.open()
        time.sleep(0.3)

    assert away["database"] == "away"
    assert stored_before < len(crowd.answers)
    assert crowd.slowest_seconds < ANSWER_SECONDS_MAX
    assert_stored_once(clicks, crowd.answers, settings)
    wait_until(lambda: not list((tmp_path / "data/journal").glob("*.clicks")))
    wait_until(lambda: gated_edge.get("/readyz").json["database"] == "ok")


def test_postgresql_hangs_and_goes_on(gated_edge, gate, bob, clicks, settings):
    with Crowd(gated_edge, f"/c/{bob.link.code}") as crowd:
        gate.hang()
        time.sleep(0.5)
        gate.open()

    assert crowd.slowest_seconds < ANSWER_SECONDS_MAX
    assert_stored_once(clicks, crowd.answers, settings)


def test_connections_are_killed_again_and_again(edge, bob, clicks, settings, admin):
    with Crowd(edge, f"/c/{bob.link.code}") as crowd:
        for _ in range(20):
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'fairlead edge'"
            )
            time.sleep(0.03)

    assert crowd.slowest_seconds < ANSWER_SECONDS_MAX
    assert_stored_once(clicks, crowd.answers, settings)


def test_a_locked_table_delays_nobody_and_what_is_stored_twice_counts_once(
    edge, bob, clicks, settings, admin
):
    with admin.transaction():
        admin.execute("LOCK TABLE tracking_click IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        answers = edge.get_many([f"/c/{bob.link.code}"] * 20)
        seconds = time.monotonic() - begun
        answers += edge.get_many([f"/c/{bob.link.code}"] * 20)

    assert seconds < ANSWER_SECONDS_MAX
    assert_stored_once(clicks, answers, settings)


def test_what_an_edge_left_is_brought_in_by_the_next(gate, bob, start_edge, clicks, settings):
    first = start_edge(conninfo=gate.conninfo)
    gate.close()
    answers = first.get_many([f"/c/{bob.link.code}"] * 20)
    first.stop()
    stored_before = clicks.count()

    start_edge()

    assert stored_before == 0
    assert_stored_once(clicks, answers, settings)


@pytest.fixture
def journal(tmp_path):
    """Return the folder of the journal."""
    directory = tmp_path / "data" / "journal"
    directory.mkdir(parents=True)
    return directory


def stored_line(edge, bob, clicks, admin, **renamed: str) -> str:
    """Return a click as a line of the journal, no longer stored, some columns renamed."""
    edge.get(f"/c/{bob.link.code}")
    wait_until(clicks.count)
    (row,) = admin.execute("SELECT row_to_json(click) FROM tracking_click AS click").fetchone()
    admin.execute("DELETE FROM tracking_click; DELETE FROM reports_dailyclicks")
    return json.dumps({renamed.get(name, name): value for name, value in row.items()}) + "\n"


def test_a_click_that_is_replayed_again_and_again_counts_once(edge, bob, clicks, admin, journal):
    line = stored_line(edge, bob, clicks, admin)

    for number in range(3):
        (journal / f"{number:020d}-1.clicks").write_text(line * 2)
        wait_until(lambda: not list(journal.glob("*.clicks")))

    assert clicks.count() == 1
    assert clicks.totals() == (1, 1, 1)


def test_a_torn_line_and_lines_that_no_table_takes_hold_nobody_up(
    edge, bob, clicks, admin, journal
):
    bad = stored_line(edge, bob, clicks, admin, id="another")
    good = stored_line(edge, bob, clicks, admin)

    (journal / "draft").write_text("".join([bad, good, bad, "nonsense\n", good[:40]]))
    (journal / "draft").rename(journal / "00000000000000000001-1.clicks")
    wait_until(lambda: not list(journal.glob("*.clicks")))

    refused = [json.loads(entry) for entry in (journal / REFUSED).read_text().splitlines()]
    assert clicks.count() == 1
    assert clicks.totals() == (1, 1, 1)
    assert [entry["line"] + "\n" for entry in refused if entry["reason"] != "torn"] == [bad, bad]
    assert [entry["line"] for entry in refused if entry["reason"] == "torn"] == [
        "nonsense",
        good[:40],
    ]


class MoodyStore:
    """Stores at once, late, or not at all, by a fixed sequence of chances."""

    def __init__(self, seed: int) -> None:
        self.lines: set[str] = set()
        self._chance = random.Random(seed)

    async def store(self, lines) -> None:
        await asyncio.sleep(self._chance.choice([0, 0, 0.001, 0.003, 0.008, 0.02]))
        if self._chance.random() < 0.2:
            raise Away("a mood")
        self.lines.update(lines)

    async def answers(self) -> None:
        if self._chance.random() < 0.3:
            raise Away("a mood")


@pytest.mark.parametrize("seed", range(5))
def test_whatever_two_writers_go_through_nobody_waits_long_and_nothing_is_lost(
    tmp_path, monkeypatch, seed
):
    async def scenario() -> tuple[set[str], float]:
        journal = Journal(tmp_path)
        keeper = Recorder(stores, journal)
        running = asyncio.create_task(keeper.run())
        slowest = 0.0

        async def visit(number: int) -> None:
            nonlocal slowest
            await asyncio.sleep(chance.random() * 1.5)
            begun = time.monotonic()
            await keeper.record(str(number))
            slowest = max(slowest, time.monotonic() - begun)

        async with asyncio.timeout(15):
            await asyncio.gather(*(visit(number) for number in range(3_000)))
        running.cancel()
        await asyncio.wait([running])
        await keeper.close()
        lines = [line for segment in await journal.claim() for line in segment.read(10_000)]
        return {*lines, *stores[0].lines, *stores[1].lines}, slowest

    monkeypatch.setattr(recorder, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(recorder, "RETRY_SECONDS", 0.02)
    chance = random.Random(seed)
    stores = [MoodyStore(seed), MoodyStore(seed + 100)]

    kept, slowest = asyncio.run(scenario())

    assert kept == {str(number) for number in range(3_000)}
    assert slowest < ANSWER_SECONDS_MAX


def test_a_full_disk_while_postgresql_is_away_loses_the_click_but_not_the_visitor(
    gated_edge, gate, bob, monkeypatch
):
    async def fail(_lines):
        raise OSError("No space left on device")

    monkeypatch.setattr(gated_edge.app._journal, "append", fail)
    gate.close()

    answers = gated_edge.get_many([f"/c/{bob.link.code}"] * 5)

    assert {answer.status for answer in answers} == {302}
