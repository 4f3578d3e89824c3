"""How often somebody may call: token buckets in memory, bounded."""

import math
import time
from collections.abc import Callable

CALLERS_MAX = 50_000


class RateLimit:
    """So many calls a second on average for each caller, and a few more at once."""

    def __init__(
        self, *, per_second: float, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # Caller → calls left, as of when.

    def __len__(self) -> int:
        return len(self._left)

    def wait_seconds(self, caller: str) -> int:
        """Return 0 and count the call, or in how many seconds it may be tried again."""
        now = self._clock()
        left, since = self._left.pop(caller, (self._at_once, now))
        left = min(self._at_once, left + (now - since) * self._per_second)
        allowed = left >= 1.0
        self._left[caller] = (left - 1.0 if allowed else left, now)
        if len(self._left) > CALLERS_MAX:
            del self._left[next(iter(self._left))]  # Who has been silent longest.
        return 0 if allowed else max(1, math.ceil((1.0 - left) / self._per_second))
