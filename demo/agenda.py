"""A list of things that happen, each at its moment, done in order of time."""

import heapq
from collections.abc import Callable
from datetime import datetime

Action = Callable[[datetime], object]


class Agenda:
    """What will happen; an action may plan others."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Action]] = []
        self._planned = 0  # Of two things at one moment, the one planned first happens first.

    def plan(self, at: datetime, action: Action) -> None:
        """Have the action called with `at` when its time comes."""
        self._planned += 1
        heapq.heappush(self._queue, (at, self._planned, action))

    def run(self, *, until: datetime) -> None:
        """Do everything planned up to that moment, the earliest first; forget the rest."""
        while self._queue and self._queue[0][0] <= until:
            at, _number, action = heapq.heappop(self._queue)
            action(at)
