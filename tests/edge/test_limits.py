"""How often reports may come: by address and by key, in bounded memory."""

import json

import pytest

from interfaces.edge import limits
from interfaces.edge.limits import RateLimit
from tests.edge.test_beacon import key_of


class Seconds:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_some_calls_at_once_then_so_many_a_second():
    clock = Seconds()
    limit = RateLimit(per_second=2.0, at_once=3, clock=clock)

    first = [limit.wait_seconds("bob") for _ in range(4)]
    clock.now = 0.5
    second = [limit.wait_seconds("bob") for _ in range(2)]
    clock.now = 100.0
    third = [limit.wait_seconds("bob") for _ in range(4)]

    assert (first, second, third) == ([0, 0, 0, 1], [0, 1], [0, 0, 0, 1])
    assert limit.wait_seconds("carol") == 0


def test_a_slow_limit_says_how_long_to_wait():
    limit = RateLimit(per_second=0.1, at_once=1, clock=Seconds())

    assert [limit.wait_seconds("bob") for _ in range(2)] == [0, 10]


def test_whoever_has_been_silent_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(limits, "CALLERS_MAX", 2)
    limit = RateLimit(per_second=0.001, at_once=1, clock=Seconds())

    for caller in ("a", "b", "c"):
        limit.wait_seconds(caller)

    assert len(limit) == 2
    assert limit.wait_seconds("a") == 0
    assert limit.wait_seconds("c") > 0


@pytest.mark.parametrize("name", ["_by_address", "_by_key"])
def test_too_many_reports_are_asked_to_wait(edge, acme, bob, clicks, name):
    beacon = edge.app.routes["/t"].__self__
    setattr(beacon, name, RateLimit(per_second=0.1, at_once=1))
    said = {"program": "partners", "code": bob.enrollment.code, "url": "https://shop.acme.example/"}
    options = {"headers": {"authorization": f"Bearer {key_of(acme)}"}, "client": "192.0.2.7"}

    first, second = (edge.post("/t", json.dumps(said).encode(), **options) for _ in range(2))

    assert first.status == 201
    assert (second.status, second.json["code"]) == (429, "rate_limited")
    assert second.headers["retry-after"] == "10"
    assert second.headers["access-control-allow-origin"] == "*"
    assert clicks.count() == 1
