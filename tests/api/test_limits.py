"""Rate limits, and what is away: an honest refusal, and nobody turned away for Redis."""

from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connections
from django.test import Client

from common.cache import ForgivingRedisCache
from interfaces.api import auth
from interfaces.api.throttling import KeyThrottle
from tests.api.conftest import Caller, key_for
from tests.cast import Company


@pytest.fixture
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every key ask twice a minute, at second 20 of some minute."""
    cache = LocMemCache("limits", {})
    cache.clear()
    monkeypatch.setattr(KeyThrottle, "cache", cache)
    monkeypatch.setattr(KeyThrottle, "rate", "2/min", raising=False)
    monkeypatch.setattr(KeyThrottle, "timer", staticmethod(lambda: 1_000_000_000.0 + 20))


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    acme: Company, api: Caller, two_a_minute: None
) -> None:
    assert [api.get("me").status for _number in range(2)] == [200, 200]

    answer = api.get("me")

    assert answer.refusal == (429, "throttled")
    assert answer.response.headers["Retry-After"] == "60"


def test_each_key_has_its_own_limit(acme: Company, api: Caller, two_a_minute: None) -> None:
    for _number in range(3):
        api.get("me")

    assert Caller(key_for(acme.owner)).get("me").status == 200


def test_the_next_minute_is_another(
    acme: Company, api: Caller, two_a_minute: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        api.get("me")
    monkeypatch.setattr(KeyThrottle, "timer", staticmethod(lambda: 1_000_000_000.0 + 80))

    assert api.get("me").status == 200


def test_without_redis_nobody_is_turned_away(
    acme: Company, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyThrottle, "rate", "1/min", raising=False)
    monkeypatch.setattr(ForgivingRedisCache, "_away_until", 0.0)
    monkeypatch.setattr(KeyThrottle, "cache", ForgivingRedisCache("redis://127.0.0.1:1/0", {}))

    assert [api.get("me").status for _number in range(3)] == [200, 200, 200]


def test_without_postgresql_the_answer_is_a_503(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_presented: str) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(auth.merchants, "key_of", away)

    answer = api.get("me")

    assert answer.refusal == (503, "unavailable")
    assert answer.response.headers["Retry-After"] == "5"
    assert "refused" not in answer.response.content.decode()


def test_a_database_that_cannot_be_reached_is_a_503(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.close_all()
    for alias in ("default", "ops"):
        monkeypatch.setitem(connections[alias].settings_dict, "PORT", "1")
    try:
        assert api.get("conversions").refusal == (503, "unavailable")
    finally:
        connections.close_all()


def test_a_fault_of_ours_is_a_problem_too(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_presented: str) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(auth.merchants, "key_of", fail)

    response = Client(raise_request_exception=False).get(
        "/api/v1/me", headers={"Authorization": "Bearer x"}
    )

    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert "bug" not in response.content.decode()
