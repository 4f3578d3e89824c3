"""The counters of caps in PostgreSQL: `tracking_capuse`, read, added to and reserved from."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final, LiteralString, NamedTuple

from interfaces.edge.database import Session
from tracking.caps import Counter

BEGUN_MAX = 10_000

# The statements are put together of constants only.
# Counters travel as one JSON array; `place` finds each again in the answer.
ARRIVED: Final[LiteralString] = """
    json_to_recordset(%s) AS arrived (
        place integer, merchant_id uuid, cap_id uuid, counted text, period_start timestamptz,
        amount bigint, most bigint
    )
"""
SAME: Final[LiteralString] = """
    (use.merchant_id, use.cap_id, use.counted, use.period_start)
    = (arrived.merchant_id, arrived.cap_id, arrived.counted, arrived.period_start)
"""
READ: Final[LiteralString] = (
    f"SELECT arrived.place, use.used FROM {ARRIVED} JOIN tracking_capuse AS use ON {SAME}"  # noqa: S608
)
# In one order, so that edges that share counters never wait for each other in a circle.
ORDER: Final[LiteralString] = "ORDER BY merchant_id, cap_id, counted, period_start"
ADD: Final[LiteralString] = f"""
WITH arrived AS (SELECT * FROM {ARRIVED}), less AS (
    UPDATE tracking_capuse AS use SET used = greatest(use.used + arrived.amount, 0)
    FROM arrived WHERE {SAME} AND arrived.amount < 0
)
INSERT INTO tracking_capuse AS use (merchant_id, cap_id, counted, period_start, used)
SELECT merchant_id, cap_id, counted, period_start, amount FROM arrived WHERE amount > 0 {ORDER}
ON CONFLICT (merchant_id, cap_id, counted, period_start)
    DO UPDATE SET used = use.used + excluded.used
"""  # noqa: S608
BEGIN: Final[LiteralString] = f"""
INSERT INTO tracking_capuse (merchant_id, cap_id, counted, period_start, used)
SELECT merchant_id, cap_id, counted, period_start, 0 FROM {ARRIVED} {ORDER}
ON CONFLICT DO NOTHING
"""  # noqa: S608
# The row is locked before it is counted on, so that no two edges grant the same click.
RESERVE: Final[LiteralString] = f"""
WITH locked AS (
    SELECT
        use.merchant_id, use.cap_id, use.counted, use.period_start, use.used,
        arrived.place, arrived.amount, arrived.most
    FROM {ARRIVED} JOIN tracking_capuse AS use ON {SAME}
    ORDER BY use.merchant_id, use.cap_id, use.counted, use.period_start
    FOR UPDATE OF use
)
UPDATE tracking_capuse AS use
SET used = greatest(locked.used, least(locked.most, locked.used + locked.amount))
FROM locked
WHERE (use.merchant_id, use.cap_id, use.counted, use.period_start)
    = (locked.merchant_id, locked.cap_id, locked.counted, locked.period_start)
RETURNING locked.place, use.used, use.used - locked.used
"""  # noqa: S608


class Wish(NamedTuple):
    """So many clicks, of a counter that may go up to `most`."""

    amount: int
    most: int


class Grant(NamedTuple):
    """What a counter stands at now, and how many of the wished clicks it has room for."""

    used: int
    granted: int


class CounterStore:
    """The counters of all edges and workers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._begun: set[Counter] = set()  # Counters that have a row.

    async def read(self, counters: Iterable[Counter]) -> dict[Counter, int]:
        """Return what counters stand at.

        :raises Away: if PostgreSQL does not say.
        """
        named = list(counters)
        rows = await self._session.run(READ, [_said(dict.fromkeys(named, 0))])
        found: dict[int, int] = dict(rows)
        return {counter: found.get(place, 0) for place, counter in enumerate(named)}

    async def add(self, amounts: Mapping[Counter, int]) -> None:
        """Add to counters; below nothing none goes.

        :raises Away: if PostgreSQL did not, or perhaps did: what is added twice counts twice.
        """
        await self._session.run_once(ADD, [_said(amounts)])

    async def reserve(self, wishes: Mapping[Counter, Wish]) -> dict[Counter, Grant]:
        """Take from counters as much of what is wished as their limits leave, exactly.

        :raises Away: if PostgreSQL did not, or perhaps did: then nothing is granted.
        """
        fresh = {counter: wish for counter, wish in wishes.items() if counter not in self._begun}
        if fresh:
            await self._session.run(BEGIN, [_said(dict.fromkeys(fresh, 0))])
            if len(self._begun) > BEGUN_MAX:
                self._begun.clear()
            self._begun.update(fresh)
        named = list(wishes)
        said = _said({counter: wishes[counter].amount for counter in named}, wishes)
        rows = await self._session.run_once(RESERVE, [said])
        found = {place: Grant(used, granted) for place, used, granted in rows}
        if len(found) < len(named):
            self._begun.clear()  # Rows are gone: begin them anew the next time.
        return {counter: found.get(place, Grant(0, 0)) for place, counter in enumerate(named)}


def _said(amounts: Mapping[Counter, int], wishes: Mapping[Counter, Wish] | None = None) -> str:
    entries: list[dict[str, Any]] = [
        {
            "place": place,
            "merchant_id": counter.merchant_id,
            "cap_id": counter.cap_id,
            "counted": counter.counted,
            "period_start": counter.period_start.astimezone(UTC).isoformat(),
            "amount": amount,
            "most": wishes[counter].most if wishes else 0,
        }
        for place, (counter, amount) in enumerate(amounts.items())
    ]
    return json.dumps(entries, separators=(",", ":"))
