"""The salts of visitors' names: yesterday's, today's and, ahead of midnight, tomorrow's."""

import asyncio
from datetime import timedelta
from typing import Final, LiteralString

import structlog

from common import clock
from interfaces.edge.database import Away, Session
from tracking.visitors import Salts

log = structlog.get_logger()

ASK_SECONDS = 600.0  # PostgreSQL forgets salts after 48 hours; we, at most this much later.
RETRY_SECONDS = 5.0
DAYS = 3
SALTS: Final[LiteralString] = "SELECT salt_day, day_salt FROM visitor_salts(%s, %s)"


class SaltKeeper:
    """Knows the salts of three days. While PostgreSQL is away it goes on with what it knows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.salts: Salts = {}

    async def run(self) -> None:
        """Ask again and again, for ever."""
        while True:
            try:
                await self.ask()
                await asyncio.sleep(ASK_SECONDS)
            except Away as error:
                log.warning("salts.unknown", error=str(error))
                self._forget_old()
                await asyncio.sleep(RETRY_SECONDS)

    async def ask(self) -> None:
        """Read the three days; PostgreSQL makes what is missing.

        :raises Away: if it cannot.
        """
        first_day = clock.now().date() - timedelta(days=1)
        rows = await self._session.run(SALTS, [first_day, DAYS])
        self.salts = {day: bytes(salt) for day, salt in rows}

    def _forget_old(self) -> None:
        first_day = clock.now().date() - timedelta(days=1)
        self.salts = {day: salt for day, salt in self.salts.items() if day >= first_day}
