"""Brings the journal into PostgreSQL, oldest first, whenever PostgreSQL is there."""

import asyncio
import json

import structlog

from interfaces.edge.database import Away
from interfaces.edge.journal import Journal, Segment
from interfaces.edge.store import ClickStore

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
BATCH = 500


class Replayer:
    """Stores journalled clicks over a connection of its own, so that no visitor waits for it."""

    def __init__(self, journal: Journal, store: ClickStore) -> None:
        self._journal = journal
        self._store = store

    async def run(self) -> None:
        """Look for segments again and again, for ever."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.replay()
            except Away:
                continue
            except Exception:
                log.exception("replay.failed")

    async def replay(self) -> int:
        """Store every claimable segment; return how many lines were read.

        Each file is deleted once all its lines are stored, so dying here only repeats work.

        :raises Away: if PostgreSQL goes away; what is left stays.
        """
        await self._store.answers()
        segments = await self._journal.claim()
        stored = 0
        try:
            for segment in segments:
                stored += await self._replay_segment(segment)
                await self._journal.in_thread(segment.delete)
        finally:
            for segment in segments:
                segment.close()
        if stored:
            log.info("replay.done", clicks=stored, segments=len(segments))
        return stored

    async def _replay_segment(self, segment: Segment) -> int:
        count = 0
        while lines := await self._journal.in_thread(lambda: segment.read(BATCH)):
            whole = [line for line in lines if is_whole(line)]
            for line in lines:
                if not is_whole(line):  # The power failed while it was written: nobody was told.
                    await self._journal.set_aside(line, "torn")
            if whole:
                await self._store.store(whole)
            count += len(lines)
        return count


def is_whole(line: str) -> bool:
    """Whether a line is one JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
