"""The cache: useful while Redis answers, unnoticed while it does not."""

import os

import pytest
from redis import Redis
from redis.exceptions import RedisError

from common.cache import ForgivingRedisCache


@pytest.fixture(autouse=True)
def forget_outages() -> None:
    """Start each test with Redis in good standing."""
    ForgivingRedisCache._away_until = 0.0


def test_what_is_away_reads_as_a_miss_and_is_asked_once() -> None:
    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})

    assert cache.get("a", "default") == "default"
    asked = ForgivingRedisCache._away_until
    cache.set("a", 1)

    assert (cache.add("a", 1), cache.delete("a"), cache.incr("a", 3)) == (True, False, 3)
    assert ForgivingRedisCache._away_until == asked > 0


def test_what_is_there_is_used() -> None:
    url = os.environ["REDIS_URL"]
    try:
        Redis.from_url(url).ping()
    except RedisError:
        pytest.skip("no Valkey runs here: bin/test starts one")
    cache = ForgivingRedisCache(url, {})

    cache.set("test:a", 7)

    assert (cache.get("test:a"), cache.incr("test:a"), cache.delete("test:a")) == (7, 8, True)
