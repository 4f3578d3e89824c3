"""Visits to codes that lead nowhere: counted, in bounded memory, and never waited for."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, LiteralString, NamedTuple

import structlog

from common import clock
from common.ids import new_id
from interfaces.edge.database import Away, Session
from tracking.destinations import HOST_MAX, host_of
from tracking.parameters import tidy

log = structlog.get_logger()

ROUND_SECONDS = 1.0
# Distinct ones of a day; what is beyond is counted together.
CODES_MAX = 10_000  # Of nobody.
OF_MERCHANT_MAX = 1_000  # Of each merchant: a flood of one leaves the others theirs.
CODE_MAX = 80
BEYOND = ""
UNKNOWN_CODE = "unknown_code"
UNKNOWN_PAIR = "unknown_pair"

# Without a merchant it may be the one whose code was misspelt, in case or by a sign at the end.
STORE_MISSED: Final[LiteralString] = """
INSERT INTO tracking_missedcode AS known (
    id, merchant_id, day, host, code, reason, hits, referrer_host, last_at
)
SELECT
    arrived.id, coalesce(arrived.merchant_id, near.merchant_id), arrived.day, arrived.host,
    arrived.code, arrived.reason, arrived.hits, arrived.referrer_host, arrived.last_at
FROM json_to_recordset(%s) AS arrived (
    id uuid, merchant_id uuid, day date, host text, code text, reason text, hits bigint,
    referrer_host text, last_at timestamptz
)
LEFT JOIN LATERAL (
    SELECT min(link.merchant_id::text)::uuid AS merchant_id
    FROM tracking_link AS link
    WHERE arrived.merchant_id IS NULL AND arrived.reason = 'unknown_code' AND arrived.code <> ''
        AND lower(link.code) = lower(rtrim(arrived.code, '.,;:!?)]}>"''*'))
    HAVING count(DISTINCT link.merchant_id) = 1
) AS near ON true
ORDER BY arrived.day, arrived.host, arrived.code
ON CONFLICT (day, host, code) DO UPDATE SET
    hits = known.hits + excluded.hits,
    merchant_id = coalesce(known.merchant_id, excluded.merchant_id),
    referrer_host = excluded.referrer_host,
    last_at = greatest(known.last_at, excluded.last_at)
"""


class Key(NamedTuple):
    """What is counted together."""

    day: date
    host: str
    code: str


class Miss:
    """Visits to one such code, since they were last stored."""

    __slots__ = ("hits", "last_at", "merchant_id", "reason", "referrer_host")

    def __init__(self, merchant_id: str, reason: str, at: datetime) -> None:
        self.merchant_id = merchant_id
        self.reason = reason
        self.hits = 0
        self.referrer_host = ""
        self.last_at = at


class MissedCodes:
    """Counts misses for a second, then adds them to PostgreSQL's counts."""

    def __init__(self, session: Session, *, now: Callable[[], datetime] = clock.now) -> None:
        self._session = session
        self._now = now
        self._day = date.min
        # By merchant: hosts and codes of the day, up to the limit.
        self._codes: dict[str, set[tuple[str, str]]] = {}
        self._misses: dict[Key, Miss] = {}

    def note(
        self, code: str, *, host: str, reason: str, referrer: str = "", merchant_id: str = ""
    ) -> None:
        """Count one visit."""
        at = self._now()
        if at.date() != self._day:
            self._day, self._codes = at.date(), {}
        # Any host can be asked for; only a merchant's own is told apart from the others.
        host, code = tidy(host, HOST_MAX) if merchant_id else "", tidy(code, CODE_MAX)
        codes = self._codes.setdefault(merchant_id, set())
        if (host, code) not in codes:
            if len(codes) >= (OF_MERCHANT_MAX if merchant_id else CODES_MAX):
                host, code, merchant_id = "", BEYOND, ""
            else:
                codes.add((host, code))
        key = Key(self._day, host, code)
        miss = self._misses.get(key)
        if miss is None:
            miss = self._misses[key] = Miss(merchant_id, reason, at)
        miss.hits += 1
        miss.referrer_host = host_of(referrer) if referrer else ""
        miss.last_at = at

    async def run(self) -> None:
        """Store again and again, for ever."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.store()
            except Away as error:
                log.warning("missed.not_stored", error=str(error))
            except Exception:
                log.exception("missed.not_stored")

    async def store(self) -> None:
        """Add what was counted to PostgreSQL.

        :raises Away: if it does not take it; it is kept for the next time.
        """
        if not self._misses:
            return
        misses, self._misses = self._misses, {}
        try:
            await self._session.run_once(STORE_MISSED, [_said(misses)])
        except Away:
            self._take_back(misses)
            raise

    def _take_back(self, misses: dict[Key, Miss]) -> None:
        for key, miss in misses.items():
            later = self._misses.get(key)
            if later is not None:
                later.hits += miss.hits
            elif key.day == self._day:  # A PostgreSQL away for days must not fill the memory.
                self._misses[key] = miss


def _said(misses: dict[Key, Miss]) -> str:
    entries: list[dict[str, Any]] = [
        {
            "id": str(new_id()),
            "merchant_id": miss.merchant_id or None,
            "day": key.day.isoformat(),
            "host": key.host,
            "code": key.code,
            "reason": miss.reason,
            "hits": miss.hits,
            "referrer_host": miss.referrer_host,
            "last_at": miss.last_at.isoformat(),
        }
        for key, miss in misses.items()
    ]
    return json.dumps(entries, separators=(",", ":"))
