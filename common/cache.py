"""A cache that may vanish: Redis away means a miss, never an error and never a wait each."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger()
T = TypeVar("T")

PAUSE_SECONDS = 5


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache whose failures read as misses; nothing true is kept in a cache.

    After a failure Redis is left alone for PAUSE_SECONDS: a page asks the cache many times, and a
    server that hangs would make each of these wait for its timeout.
    """

    _away_until = 0.0  # Of this process, by time.monotonic().

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._forgive(
            lambda: super(ForgivingRedisCache, self).get(key, default, version), default
        )

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._forgive(lambda: super(ForgivingRedisCache, self).set(*args, **kwargs), None)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive(lambda: super(ForgivingRedisCache, self).add(*args, **kwargs), True)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive(
            lambda: super(ForgivingRedisCache, self).delete(*args, **kwargs), False
        )

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        return self._forgive(
            lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta
        )

    def _forgive(self, ask: Callable[[], T], otherwise: T) -> T:
        cls = type(self)
        if time.monotonic() < cls._away_until:
            return otherwise
        try:
            return ask()
        except RedisError as error:
            cls._away_until = time.monotonic() + PAUSE_SECONDS
            log.warning("cache.away", error=str(error), pause_seconds=PAUSE_SECONDS)
            return otherwise
