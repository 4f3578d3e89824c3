"""A cache that may vanish: Redis away means a miss, never an error."""

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger()


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache whose failures read as misses; nothing true is kept in a cache."""

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("cache.away", error=str(error))
            return default

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except RedisError as error:
            log.warning("cache.away", error=str(error))

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(*args, **kwargs))
        except RedisError as error:
            log.warning("cache.away", error=str(error))
            return True

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().delete(*args, **kwargs))
        except RedisError as error:
            log.warning("cache.away", error=str(error))
            return False

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        try:
            return int(super().incr(key, delta, version))
        except RedisError as error:
            log.warning("cache.away", error=str(error))
            return delta
