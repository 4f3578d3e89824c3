"""Edges for tests: with PostgreSQL, or with a gate before it that can be closed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common.clock import now
from interfaces.edge import recorder
from tests.cast import Company, Promoter, click_of
from tests.edge.running import Gate, Loop, RunningEdge


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commits take their time, so that a busy machine does not change what a test sees."""
    monkeypatch.setattr(recorder, "PATIENCE_SECONDS", 10)


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return an event loop on a thread."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def gate(loop: Loop, django_db_setup: None) -> Iterator[Gate]:
    """Return an open gate before PostgreSQL."""
    gate = Gate(loop)
    yield gate
    gate.open()
    gate.close()


@pytest.fixture
def start_edge(loop: Loop, tmp_path: Path) -> Iterator[Callable[..., RunningEdge]]:
    """Return what starts an edge; all are stopped after the test."""
    started: list[RunningEdge] = []

    def start(**options: Any) -> RunningEdge:
        edge = RunningEdge(loop, tmp_path / "data", **options)
        started.append(edge)
        return edge

    yield start
    for edge in started:
        edge.stop()


@pytest.fixture
def edge(bob: Promoter, start_edge: Callable[..., RunningEdge]) -> RunningEdge:
    """Return an edge that knows Bob's link."""
    return start_edge()


@pytest.fixture
def gated_edge(bob: Promoter, gate: Gate, start_edge: Callable[..., RunningEdge]) -> RunningEdge:
    """Return an edge that knows Bob's link and reaches PostgreSQL through the gate."""
    return start_edge(conninfo=gate.conninfo)


class Clicks:
    """What PostgreSQL has stored."""

    def __init__(self, admin: psycopg.Connection) -> None:
        self._admin = admin

    def rows(self, columns: str = "id::text") -> list[tuple[Any, ...]]:
        """Return columns of all clicks, in the order of their ids."""
        statement = f"SELECT {columns} FROM tracking_click ORDER BY id"
        return self._admin.execute(statement.encode()).fetchall()

    def totals(self) -> tuple[int, int, int]:
        """Return clicks, human and credited ones, by the rollup."""
        statement = "SELECT sum(clicks)::int, sum(human)::int, sum(credited)::int"
        found = self._admin.execute(f"{statement} FROM reports_dailyclicks".encode()).fetchone()
        assert found is not None
        return tuple(value or 0 for value in found)  # type: ignore[return-value]

    def count(self) -> int:
        """Return how many clicks are stored."""
        return len(self.rows())


@pytest.fixture
def clicks(admin: psycopg.Connection) -> Clicks:
    """Return what PostgreSQL has stored."""
    return Clicks(admin)


def wait_until(holds: Callable[[], Any], *, seconds: float = 10) -> None:
    """Return as soon as it holds.

    :raises AssertionError: if it does not in time.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


@pytest.fixture
def token(acme: Company) -> str:
    """Return what opens Acme's postbacks."""
    return acme.program.postback_token


@pytest.fixture
def click(bob: Promoter) -> str:
    """Return a click of Bob's, genuine and fresh."""
    return click_of(bob, at=now())
