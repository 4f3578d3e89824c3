"""Clicks into PostgreSQL: one statement per batch, each click once, however often it is sent.

A click travels as one line of JSON, from the redirect to the table, through the journal or not.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Final, LiteralString
from uuid import UUID

import orjson
import psycopg
import structlog

from common.ids import time_of
from interfaces.edge.database import Session

log = structlog.get_logger()

# Measured against COPY into a staging table and arrays of `unnest`: JSON stores 1.3 to 3 times as
# many clicks a second, and costs this process a fifth of the time.
STORE_CLICKS: Final[LiteralString] = """
WITH arrived AS MATERIALIZED (
    SELECT
        *,
        -- The first 48 bits of a UUIDv7 are milliseconds since 1970.
        date '1970-01-01' + (
            ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 86400000
        )::integer AS day
    FROM json_to_recordset(%s) AS arrived (
        merchant_id uuid, id uuid, program_id uuid, enrollment_id uuid, affiliate_id uuid,
        link_id uuid, class text, refusal text, destination_host text, destination_id uuid,
        referrer_host text, device text, os text, browser text, ip_net text, country text,
        language text, visitor text, visitor_before text, source text, ext_click_id text,
        subs jsonb
    )
), seen AS ( -- People on this link for the first time today.
    INSERT INTO tracking_visitor (merchant_id, day, link_id, visitor, click_id)
    SELECT DISTINCT ON (merchant_id, day, link_id, visitor)
        merchant_id, day, link_id, visitor, id
    FROM arrived
    WHERE class = 'HUMAN' AND visitor <> ''
    ORDER BY merchant_id, day, link_id, visitor, id
    ON CONFLICT DO NOTHING
    RETURNING click_id
), stored AS (
    INSERT INTO tracking_click (
        merchant_id, id, program_id, enrollment_id, affiliate_id, link_id, class, refusal,
        destination_host, destination_id, referrer_host, device, os, browser, ip_net, country,
        language, visitor, is_unique, source, ext_click_id, subs
    )
    SELECT
        merchant_id, id, program_id, enrollment_id, affiliate_id, link_id, class, refusal,
        destination_host, destination_id, referrer_host, device, os, browser, ip_net,
        coalesce(country, ''), coalesce(language, ''), coalesce(visitor, ''),
        id IN (SELECT click_id FROM seen) AND NOT EXISTS (
            SELECT FROM tracking_visitor AS before
            WHERE (before.merchant_id, before.day, before.link_id, before.visitor)
                = (arrived.merchant_id, arrived.day - 1, arrived.link_id, arrived.visitor_before)
                -- Within 24 hours: the first click of that day was later than this one's hour.
                AND left(translate(before.click_id::text, '-', ''), 12)
                    > lpad(to_hex((
                        ('x' || translate(left(arrived.id::text, 13), '-', ''))::bit(48)::bigint
                        - 86400000
                    )), 12, '0')
        ),
        source, ext_click_id, subs
    FROM arrived
    ON CONFLICT DO NOTHING
    RETURNING
        merchant_id, id, program_id, enrollment_id, affiliate_id, link_id, destination_id, class,
        refusal, is_unique
), counted AS (
    SELECT
        merchant_id,
        date '1970-01-01' + (
            ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 86400000
        )::integer AS day,
        link_id, program_id, enrollment_id, affiliate_id, destination_id,
        count(*) AS clicks,
        count(*) FILTER (WHERE class = 'HUMAN') AS human,
        count(*) FILTER (WHERE refusal = '') AS credited,
        count(*) FILTER (WHERE is_unique) AS uniques
    FROM stored
    GROUP BY merchant_id, day, link_id, program_id, enrollment_id, affiliate_id, destination_id
), by_destination AS (
    INSERT INTO reports_dailydestinationclicks AS total (
        merchant_id, day, destination_id, program_id, clicks, human, credited, uniques
    )
    SELECT
        merchant_id, day, destination_id, program_id,
        sum(clicks), sum(human), sum(credited), sum(uniques)
    FROM counted
    WHERE destination_id IS NOT NULL
    GROUP BY merchant_id, day, destination_id, program_id
    ORDER BY merchant_id, day, destination_id
    ON CONFLICT (merchant_id, day, destination_id) DO UPDATE SET
        clicks = total.clicks + excluded.clicks,
        human = total.human + excluded.human,
        credited = total.credited + excluded.credited,
        uniques = total.uniques + excluded.uniques
)
INSERT INTO reports_dailyclicks AS total (
    merchant_id, day, link_id, program_id, enrollment_id, affiliate_id, clicks, human, credited,
    uniques
)
SELECT
    merchant_id, day, link_id, program_id, enrollment_id, affiliate_id,
    sum(clicks), sum(human), sum(credited), sum(uniques)
FROM counted
GROUP BY merchant_id, day, link_id, program_id, enrollment_id, affiliate_id
ORDER BY merchant_id, day, link_id -- Two edges lock the rows they share in the same order.
ON CONFLICT (merchant_id, day, link_id) DO UPDATE SET
    clicks = total.clicks + excluded.clicks,
    human = total.human + excluded.human,
    credited = total.credited + excluded.credited,
    uniques = total.uniques + excluded.uniques
"""

# As json.dumps does it, which makes an encoder anew for every text: twice the time.
PLANS = 6  # PostgreSQL plans a prepared statement five times before it keeps a plan.

OnRefused = Callable[[str, str], Awaitable[None]]


def line_of(row: dict[str, Any]) -> str:
    """Return a click as one line."""
    return orjson.dumps(row).decode()


class ClickStore:
    """Stores lines, and hands the few that PostgreSQL will never take to `on_refused`."""

    def __init__(self, session: Session, on_refused: OnRefused) -> None:
        self._session = session
        self._on_refused = on_refused

    async def store(self, lines: Sequence[str]) -> None:
        """Store clicks and count them. Safe to repeat: what is stored is not counted again.

        :raises Away: if PostgreSQL did not store them, or perhaps did.
        """
        try:
            await self._insert(lines)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(lines) == 1:
                await self._on_refused(lines[0], str(error))
                return
            middle = len(lines) // 2  # One bad line must not keep the good ones out.
            await self.store(lines[:middle])
            await self.store(lines[middle:])

    async def warm_up(self) -> None:
        """Store nothing, until PostgreSQL has made its lasting plan of how to store clicks.

        :raises Away: if it does not answer.
        """
        for _ in range(PLANS):
            await self._session.run(STORE_CLICKS, ["[]"])

    async def answers(self) -> None:
        """Return when PostgreSQL has answered.

        :raises Away: if it did not.
        """
        await self._session.run("SELECT 1")

    async def _insert(self, lines: Sequence[str]) -> None:
        batch = [f"[{','.join(lines)}]"]
        try:
            await self._session.run(STORE_CLICKS, batch)
        except psycopg.errors.CheckViolation:  # A day without a partition.
            for day in sorted({day for line in lines if (day := day_of(line))}):
                await self._session.run("SELECT make_click_partitions(%s, 1)", [day])
            await self._session.run(STORE_CLICKS, batch)


def day_of(line: str) -> date | None:
    """Return the UTC day of a click, or None if its id says none."""
    try:
        return time_of(UUID(json.loads(line)["id"])).date()
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return None
