"""How often a key may ask: counted in the cache, so without Redis nobody is turned away."""

from typing import TYPE_CHECKING, Any, cast

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # DRF's views import this module: the settings name it.
    from rest_framework.views import APIView


class KeyThrottle(SimpleRateThrottle):
    """So many requests per key in each period of the clock: one counter, not a list of times."""

    scope = "key"

    def allow_request(self, request: Request, _view: "APIView") -> bool:
        """Count the request; return whether it is still within the limit."""
        limit, seconds = self._rate()
        key = cast(Any, request.auth)
        name = f"api.calls.{key.id}.{int(self.timer() // seconds)}"
        try:
            count = self.cache.incr(name)
        except ValueError:  # The first of its period. Of two such at once one call goes uncounted.
            self.cache.add(name, 1, seconds * 2)
            count = 1
        return int(count) <= limit

    def wait(self) -> float:
        """Return the seconds until the next period."""
        _limit, seconds = self._rate()
        return seconds - self.timer() % seconds

    def _rate(self) -> tuple[int, int]:
        limit, seconds = self.parse_rate(self.rate)
        assert limit is not None
        assert seconds is not None
        return limit, seconds
