"""Group commit: a click is answered when it is durable, and hundreds become durable at once.

Everything that arrives while the commits in flight take their time forms the next batch. A batch
that PostgreSQL has not committed in time goes to the journal instead, and so does every click after
it until PostgreSQL is well again; the journal brings them in later, and what arrives twice counts
once.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from interfaces.edge.database import Away
from interfaces.edge.journal import Journal
from interfaces.edge.store import ClickStore

log = structlog.get_logger()

PATIENCE_SECONDS = 0.05
RETRY_SECONDS = 0.25


class Batch:
    """Clicks that share a commit, and the visitors who wait for it."""

    __slots__ = ("is_given_up", "lines", "timer", "waiting")

    def __init__(self) -> None:
        self.is_given_up = False  # To the journal.
        self.lines: list[str] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.timer: asyncio.TimerHandle | None = None

    def settle(self) -> None:
        """Let every visitor go on: the clicks are durable. Safe to repeat."""
        if self.timer is not None:
            self.timer.cancel()
        for visitor in self.waiting:
            if not visitor.done():
                visitor.set_result(None)


class Recorder:
    """Makes clicks durable, in PostgreSQL or in the journal. `run` must be running."""

    def __init__(self, stores: Sequence[ClickStore], journal: Journal) -> None:
        self._stores = stores  # One commit in flight for each: one waits for the disk, one works.
        self._journal = journal
        self._open: Batch | None = None
        self._arrived = asyncio.Event()
        self._detour = False  # PostgreSQL is away or slow: straight to the journal.
        self._writes: set[asyncio.Task[None]] = set()

    @property
    def on_detour(self) -> bool:
        """Whether clicks go to the journal just now."""
        return self._detour

    async def record(self, line: str) -> None:
        """Return when the click is durable. Never raises: the visitor is redirected anyhow."""
        if self._detour:
            await self._to_journal([line])
            return
        batch = self._open
        if batch is None or batch.is_given_up:
            batch = self._begin()
        visitor = asyncio.get_running_loop().create_future()
        batch.lines.append(line)
        batch.waiting.append(visitor)
        await visitor

    async def warm_up(self) -> None:
        """Connect and plan, so that the first visitor need not wait for it."""
        with suppress(Away):
            for store in self._stores:
                await store.warm_up()

    async def run(self) -> None:
        """Commit batch after batch, for ever."""
        async with asyncio.TaskGroup() as writers:
            for store in self._stores:
                writers.create_task(self._commit_batches(store))

    async def _commit_batches(self, store: ClickStore) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            batch, self._open = self._open, None
            if batch is None:  # Another writer took it.
                continue
            await self._commit(batch, store)
            if batch.is_given_up:  # Whoever brought us here brings us back, but not at once.
                await asyncio.sleep(RETRY_SECONDS)
                self._return_from_detour()

    async def _commit(self, batch: Batch, store: ClickStore) -> None:
        """Store a batch, and return when PostgreSQL has answered, be it much later."""
        try:
            if not batch.is_given_up:
                await store.store(batch.lines)
            batch.settle()
        except Exception as error:
            self._take_detour(str(error))
            await self._give_up(batch)
            await self._wait_until_it_answers(store)
        except asyncio.CancelledError:
            await self._give_up(batch)
            raise

    async def close(self) -> None:
        """Put what is still open into the journal; `run` must have been stopped."""
        self._detour = True
        if self._open is not None:
            await self._give_up(self._open)
        await asyncio.gather(*self._writes)

    def _begin(self) -> Batch:
        batch = self._open = Batch()
        loop = asyncio.get_running_loop()
        batch.timer = loop.call_later(PATIENCE_SECONDS, self._lose_patience, batch)
        self._arrived.set()
        return batch

    def _lose_patience(self, batch: Batch) -> None:
        """Journal a batch whose commit takes too long; the commit itself may go on."""
        self._take_detour("slow")
        write = asyncio.get_running_loop().create_task(self._give_up(batch))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _wait_until_it_answers(self, store: ClickStore) -> None:
        while True:
            if self._open is not None:  # It was begun before the detour.
                await self._give_up(self._open)
            try:
                await store.answers()
                return
            except Away:
                await asyncio.sleep(RETRY_SECONDS)

    async def _give_up(self, batch: Batch) -> None:
        """Journal a batch, once; it stays where it is, so that its writer comes to know of it."""
        if not batch.is_given_up:
            batch.is_given_up = True
            await self._to_journal(batch.lines)
            batch.settle()

    async def _to_journal(self, lines: Sequence[str]) -> None:
        try:
            await self._journal.append(lines)
        except OSError as error:  # The disk is full or broken, and PostgreSQL away.
            log.error("clicks.lost", count=len(lines), error=str(error))

    def _take_detour(self, reason: str) -> None:
        if not self._detour:
            log.warning("recorder.detour", reason=reason)
        self._detour = True

    def _return_from_detour(self) -> None:
        if self._detour:
            log.info("recorder.back")
        self._detour = False
