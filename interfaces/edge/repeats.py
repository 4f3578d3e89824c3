"""Clicks of the last seconds, so that a second tap on the same link is told from a second visit."""

import time
from collections.abc import Callable

from tracking.clicks import Earlier

REPEAT_SECONDS = 10.0
REMEMBERED_MAX = 100_000  # Some 30 MB; beyond, the oldest are forgotten.


class Repeats:
    """People's clicks by link and visitor, for ten seconds each.

    They are kept in two generations, of which the older one is thrown away as a whole: to forget
    clicks one by one would cost more than to find them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._young: dict[str, tuple[float, Earlier]] = {}
        self._old: dict[str, tuple[float, Earlier]] = {}
        self._begun = clock()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def find(self, code: str, visitor: str) -> Earlier | None:
        """Return the click that another one now would repeat. Nobody without a name repeats."""
        if not visitor:
            return None
        key = visitor + code  # Names are of one length, so no two pairs make the same text.
        known = self._young.get(key) or self._old.get(key)
        return known[1] if known and known[0] > self._clock() else None

    def remember(self, code: str, visitor: str, earlier: Earlier) -> None:
        """Keep a person's click."""
        if not visitor:
            return
        now = self._clock()
        if now - self._begun >= REPEAT_SECONDS or len(self._young) >= REMEMBERED_MAX // 2:
            self._young, self._old, self._begun = {}, self._young, now
        self._young[visitor + code] = (now + REPEAT_SECONDS, earlier)
