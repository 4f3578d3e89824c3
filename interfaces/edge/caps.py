"""The door of capped programs: who still gets in as a credited click.

Soft caps are counted in memory and brought to PostgreSQL every second, where all edges meet; a
click too many may slip through meanwhile. A click of a hard cap is reserved in PostgreSQL before
the visitor is sent on, all that wait in one statement; if it cannot be asked, the click is not
credited. Caps on conversions are only looked at.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import structlog

from interfaces.edge.counters import CounterStore, Grant, Wish
from interfaces.edge.database import Away
from tracking.caps import CLICKS, FALLBACK, CapRule, Counter, Subject, counters_of
from tracking.clicks import Attempt, refuse_for_cap

log = structlog.get_logger()

ROUND_SECONDS = 1.0
ANSWER_SECONDS = 0.25  # A visitor waits no longer for a counter.
WATCHED_SECONDS = 300.0  # Counters that nobody asked for are not read any more.
WATCHED_MAX = 20_000

Capped = tuple[CapRule, Counter]


class Waiting(NamedTuple):
    """A visitor whose click waits for a counter's grant."""

    counter: Counter
    most: int
    answer: asyncio.Future[bool]


class Door:
    """Counters as this edge knows them."""

    def __init__(self, store: CounterStore) -> None:
        self._store = store
        self._used: dict[Counter, int] = {}
        self._watched: dict[Counter, float] = {}  # When last asked for.
        self._unsaid: dict[Counter, int] = defaultdict(int)  # To be added in PostgreSQL.
        self._waiting: list[Waiting] = []
        self._reserving: asyncio.Task[None] | None = None
        self._learning: asyncio.Task[None] | None = None
        self._unknown: set[Counter] = set()

    # At the redirect -----------------------------------------------------------------------------

    async def admit(self, tried: Attempt) -> Attempt:
        """Return the attempt, refused if a cap is reached; else the click is counted."""
        capped = caps_of(tried)
        if not capped:
            return tried
        await self._know(capped)
        for cap, counter in capped:
            if self._is_full(cap, counter):
                return refuse_for_cap(tried, detours=cap.beyond == FALLBACK)
        taken: list[Counter] = []
        for cap, counter in capped:
            if cap.unit == CLICKS and cap.is_hard:
                if not await self._reserve(counter, cap.limit):
                    self._give_back(taken)
                    return refuse_for_cap(tried, detours=cap.beyond == FALLBACK)
                taken.append(counter)
        for cap, counter in capped:
            if cap.unit == CLICKS and not cap.is_hard:
                self._unsaid[counter] += 1
                self._used[counter] = self._used.get(counter, 0) + 1
        return tried

    def is_closed(self, tried: Attempt) -> bool:
        """Whether a cap is known to be reached; asks nobody."""
        return any(self._is_full(cap, counter) for cap, counter in caps_of(tried))

    def _is_full(self, cap: CapRule, counter: Counter) -> bool:
        return self._used.get(counter, 0) >= cap.limit

    async def _know(self, capped: Sequence[Capped]) -> None:
        """Ask for counters that are new here, so that a fresh edge knows what was used before."""
        now = time.monotonic()
        for _cap, counter in capped:
            if counter not in self._watched:
                self._unknown.add(counter)
            self._watched[counter] = now
        if self._unknown.isdisjoint(counter for _cap, counter in capped):
            return
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn())
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.shield(self._learning)

    async def _learn(self) -> None:
        while self._unknown:
            asked, self._unknown = self._unknown, set()
            try:
                self._take(await self._store.read(asked))
            except Away as error:
                log.warning("caps.unknown", error=str(error))
                return  # The next round reads them.

    # Hard caps -----------------------------------------------------------------------------------

    async def _reserve(self, counter: Counter, most: int) -> bool:
        """Return whether there was room. No answer in time is a no, and what it took goes back."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(counter, most, answer))
        if self._reserving is None or self._reserving.done():
            self._reserving = asyncio.create_task(self._reserve_for_waiting())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        except TimeoutError:
            if not answer.cancelled() and answer.result():  # It came in the same instant.
                self._give_back([counter])
            return False

    async def _reserve_for_waiting(self) -> None:
        """Reserve for all who wait in one statement, while others gather for the next."""
        while self._waiting:
            group, self._waiting = self._waiting, []
            wishes: dict[Counter, Wish] = {}
            for waiting in group:
                before = wishes.get(waiting.counter, Wish(0, 0)).amount
                wishes[waiting.counter] = Wish(before + 1, waiting.most)
            grants: dict[Counter, Grant] = {}
            try:
                grants = await self._store.reserve(wishes)
            except Away as error:
                log.warning("caps.not_reserved", error=str(error))
            self._hand_out(group, grants)

    def _hand_out(self, group: list[Waiting], grants: dict[Counter, Grant]) -> None:
        left = {counter: grant.granted for counter, grant in grants.items()}
        self._used.update((counter, grant.used) for counter, grant in grants.items())
        for waiting in group:
            if waiting.answer.done():  # Gone: the visitor was sent on without credit.
                continue
            is_granted = left.get(waiting.counter, 0) > 0
            if is_granted:
                left[waiting.counter] -= 1
            waiting.answer.set_result(is_granted)
        for counter, unused in left.items():
            if unused:
                self._unsaid[counter] -= unused
                self._used[counter] -= unused

    def _give_back(self, taken: Sequence[Counter]) -> None:
        for counter in taken:
            self._unsaid[counter] -= 1
            self._used[counter] -= 1

    # Every second --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Bring what was counted to PostgreSQL and read what others counted, for ever."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.meet()
            except Away as error:
                log.warning("caps.round_failed", error=str(error))
            except Exception:
                log.exception("caps.round_failed")

    async def meet(self) -> None:
        """Add what was counted here, and read every counter that is asked for.

        :raises Away: if PostgreSQL does not take part; what was counted stays for the next time.
        """
        self._forget_unwatched()
        said, self._unsaid = self._unsaid, defaultdict(int)
        said = {counter: amount for counter, amount in said.items() if amount}
        if said:
            try:
                await self._store.add(said)
            except Away:
                for counter, amount in said.items():
                    self._unsaid[counter] += amount
                raise
        if self._watched:
            self._take(await self._store.read(self._watched))

    def _take(self, read: dict[Counter, int]) -> None:
        for counter, used in read.items():
            self._used[counter] = used + self._unsaid.get(counter, 0)

    def _forget_unwatched(self) -> None:
        oldest = time.monotonic() - WATCHED_SECONDS
        if len(self._watched) > WATCHED_MAX:
            oldest = sorted(self._watched.values())[-WATCHED_MAX]
        self._watched = {
            counter: asked_at for counter, asked_at in self._watched.items() if asked_at >= oldest
        }
        self._used = {
            counter: used for counter, used in self._used.items() if counter in self._watched
        }


def caps_of(tried: Attempt) -> list[Capped]:
    """Return the caps that concern an attempt, each with its counter."""
    route, sight = tried.route, tried.sight
    subject = Subject(route.enrollment_id, tried.aim.page_id, sight.visitor.country)
    return counters_of(route.program.caps, subject, merchant_id=route.merchant_id, at=sight.at)
