"""Clicks of the last seconds, so that a second tap on the same link is told from a second visit."""

import time
from collections.abc import Callable

from tracking.clicks import Earlier

REPEAT_SECONDS = 10.0
REMEMBERED_MAX = 100_000  # Some 30 MB; beyond, the oldest are forgotten.

Key = tuple[str, str]  # A link's code, a visitor's name.


class Repeats:
    """People's clicks by link and visitor, for ten seconds each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Key, tuple[float, Earlier]] = {}  # The oldest first.

    def __len__(self) -> int:
        return len(self._known)

    def find(self, code: str, visitor: str) -> Earlier | None:
        """Return the click that another one now would repeat. Nobody without a name repeats."""
        known = self._known.get((code, visitor)) if visitor else None
        if known is None or known[0] <= self._clock():
            return None
        return known[1]

    def remember(self, code: str, visitor: str, earlier: Earlier) -> None:
        """Keep a person's click."""
        if not visitor:
            return
        now, known = self._clock(), self._known
        known.pop((code, visitor), None)
        known[code, visitor] = (now + REPEAT_SECONDS, earlier)
        while known:
            oldest = next(iter(known))
            if known[oldest][0] > now and len(known) <= REMEMBERED_MAX:
                break
            del known[oldest]
