"""Servers die while visitors click and merchants sell; nobody notices, nothing is lost."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.outside import BROWSER, Outsider, call, id_of_click, wait_for
from tests.e2e.running import RunningStack

pytestmark = pytest.mark.e2e


@contextmanager
def clicking(outsider: Outsider, code: str) -> Iterator[list[tuple[int, str]]]:
    """Click a few dozen times a second in the background; give the statuses and click ids."""
    outcomes: list[tuple[int, str]] = []
    enough = threading.Event()

    def run() -> None:
        for number in itertools.count(100):  # Each another browser: none is a repeat.
            if enough.is_set():
                return
            agent = BROWSER["User-Agent"].replace("141", str(number))
            answer, click_id = outsider.click(code, **{"User-Agent": agent})
            outcomes.append((answer.status, click_id))
            time.sleep(0.02)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield outcomes
    finally:
        enough.set()
        thread.join()


def stored_clicks(outsider: Outsider, ids: set[str]) -> int:
    """Return how many of the clicks have a row, by the API."""
    found, cursor = 0, ""
    while True:
        page = outsider.api("GET", f"clicks?limit=200{cursor}").json
        stored = {row["id"] for row in page["data"]}
        found += len(stored & ids)
        if not page["next_cursor"] or not stored & ids:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_postgresql_dies_and_every_click_is_kept(stack: RunningStack, outsider: Outsider) -> None:
    code = outsider.demo["affiliate"]["link_code"]

    with clicking(outsider, code) as outcomes:
        time.sleep(0.5)
        os.kill(stack.pid_of("postgresql"), signal.SIGINT)  # A fast shutdown.
        time.sleep(3)
        wait_for(lambda: call("GET", f"{outsider.demo['app_url']}/readyz").status == 200)
        time.sleep(0.5)

    statuses = {status for status, _id in outcomes}
    ids = {id_of_click(token) for _status, token in outcomes}
    assert statuses == {302}
    assert len(ids) == len(outcomes) > 50
    assert wait_for(lambda: stored_clicks(outsider, ids) == len(ids))


@pytest.fixture
def frozen_valkey(stack: RunningStack) -> Iterator[None]:
    """Let Valkey hang while the test runs."""
    pid = stack.pid_of("valkey")
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def test_valkey_hangs_and_people_notice_nothing(outsider: Outsider, frozen_valkey: None) -> None:
    answer, click_id = outsider.click(outsider.demo["affiliate"]["link_code"])
    created = outsider.convert(click_id=click_id)

    assert (answer.status, created.status) == (302, 201)
    assert call("GET", f"{outsider.demo['app_url']}/accounts/login/").status == 200


def test_valkey_dies_and_background_work_only_waits(
    stack: RunningStack, outsider: Outsider
) -> None:
    os.kill(stack.pid_of("valkey"), signal.SIGKILL)
    _answer, click_id = outsider.click(outsider.demo["affiliate"]["link_code"])
    created = outsider.convert(click_id=click_id)

    assert created.status == 201
    conversion = outsider.settled(created.json["id"])
    assert conversion["credits"]


def test_a_killed_worker_is_replaced_and_its_work_done(
    stack: RunningStack, outsider: Outsider
) -> None:
    os.kill(stack.pid_of("worker"), signal.SIGKILL)
    _answer, click_id = outsider.click(outsider.demo["affiliate"]["link_code"])
    created = outsider.convert(click_id=click_id)

    assert outsider.settled(created.json["id"])["credits"]
    assert stack.manage("check_ledger").returncode == 0
