"""Ten million clicks over ninety days: does storing stay fast, do pages, and is a day gone at once?

Usage: python -m bench.volume [--clicks 10000000] [--days 90]
Stores 100,000 clicks of today through the edge's own statement into empty tables, fills up, and
stores 100,000 more; then times what the console asks, and what retention drops. Ends with 1 if a
promise of bench/README.md is broken.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench import redirect, stage

SAMPLE = 100_000
BATCH = 100
RATE_SHARE_MIN = 0.70
QUERY_MS_MAX = 50.0
DROP_MS_MAX = 1_000.0
REPEATS = 7

# One statement a day: random ids of the day, links in turns. What the edge would have counted is
# counted from the rows afterwards.
FILL_DAY = """
INSERT INTO tracking_click (
    merchant_id, id, program_id, enrollment_id, affiliate_id, link_id, class, refusal,
    destination_host, referrer_host, device, os, browser, ip_net, source, ext_click_id, subs,
    country, language, visitor, is_unique
)
SELECT
    link.merchant_id,
    (left(moment.hex, 8) || '-' || right(moment.hex, 4) || '-7' || substr(noise.id, 16))::uuid,
    link.program_id, link.enrollment_id, link.affiliate_id, link.id,
    CASE WHEN step %% 20 = 0 THEN 'BOT' ELSE 'HUMAN' END,
    CASE WHEN step %% 20 = 0 THEN 'bot' ELSE '' END,
    'shop.example', 'blog.example', 'phone', 'Android', 'Chrome Mobile', '198.18.0.0/24',
    '', '', '{"sub1": "spring"}', 'DE', 'de', md5(step::text)::varchar(22), step %% 3 = 0
FROM generate_series(1, %(count)s) AS step
JOIN bench_link AS link ON link.place = step %% (SELECT count(*) FROM bench_link)
CROSS JOIN LATERAL (
    SELECT lpad(to_hex(
        (extract(epoch FROM %(day)s::date) * 1000 + 86399999 * random())::bigint + 0 * step
    ), 12, '0') AS hex
) AS moment
CROSS JOIN LATERAL (SELECT gen_random_uuid()::text || left('', step) AS id) AS noise
"""
COUNT_DAY = """
INSERT INTO reports_dailyclicks (
    merchant_id, day, link_id, program_id, enrollment_id, affiliate_id,
    clicks, human, credited, uniques
)
SELECT
    merchant_id, %(day)s::date, link_id, program_id, enrollment_id, affiliate_id, count(*),
    count(*) FILTER (WHERE class = 'HUMAN'), count(*) FILTER (WHERE refusal = ''),
    count(*) FILTER (WHERE is_unique)
FROM tracking_click
WHERE id >= click_partition_bound(%(day)s::date) AND id < click_partition_bound(%(day)s::date + 1)
GROUP BY merchant_id, link_id, program_id, enrollment_id, affiliate_id
ON CONFLICT (merchant_id, day, link_id) DO UPDATE SET
    clicks = excluded.clicks, human = excluded.human, credited = excluded.credited,
    uniques = excluded.uniques
"""


class Table:
    """The stage: a merchant with many links, and ninety days that end today."""

    def __init__(self, days: int) -> None:
        from tests.cast import make_company, make_promoter

        self.company = make_company("Acme", "Alice")
        self.promoters = [make_promoter(self.company, f"Bob{number}") for number in range(40)]
        self.today = datetime.now(UTC).date()
        self.days = [self.today - timedelta(days=number) for number in range(days)]
        self.random = Random(7)

    def lines(self, count: int) -> list[str]:
        """Return clicks of today as the edge writes them."""
        from interfaces.edge.store import line_of

        return [line_of(self._row()) for _ in range(count)]

    def _row(self) -> dict[str, Any]:
        promoter = self.random.choice(self.promoters)
        at = datetime.combine(self.today, datetime.min.time(), UTC)
        at += timedelta(milliseconds=self.random.randrange(86_400_000))
        id = UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (uuid4().int & (2**76 - 1)))
        link = promoter.link
        return {
            "merchant_id": str(self.company.id),
            "id": str(id),
            "program_id": str(link.program_id),
            "enrollment_id": str(link.enrollment_id),
            "affiliate_id": str(link.affiliate_id),
            "link_id": str(link.id),
            "class": "HUMAN",
            "refusal": "",
            "destination_host": "shop.example",
            "referrer_host": "blog.example",
            "device": "phone",
            "os": "Android",
            "browser": "Chrome Mobile",
            "ip_net": "198.18.0.0/24",
            "source": "",
            "ext_click_id": "",
            "subs": {"sub1": "spring"},
            "country": "DE",
            "language": "de",
            "destination_id": None,
            "visitor": id.hex[:22],
            "visitor_before": id.hex[10:32],
        }


def store(connection: psycopg.Connection[Any], lines: list[str]) -> float:
    """Store lines as the edge does, a batch a commit; return the clicks per second."""
    from interfaces.edge.store import STORE_CLICKS

    begun = time.perf_counter()
    for start in range(0, len(lines), BATCH):
        batch = f"[{','.join(lines[start : start + BATCH])}]"
        connection.execute(STORE_CLICKS, [batch], prepare=True)
    return len(lines) / (time.perf_counter() - begun)


def fill(owner: psycopg.Connection[Any], table: Table, clicks: int) -> None:
    """Bring every day up to its share of the clicks, and the rollups to their sums."""
    owner.execute(
        "CREATE TEMPORARY TABLE bench_link AS SELECT row_number() OVER (ORDER BY number) - 1"
        " AS place, * FROM tracking_link"
    )
    for number, day in enumerate(table.days, 1):
        owner.execute(FILL_DAY, {"day": day, "count": clicks // len(table.days)})
        owner.execute(COUNT_DAY, {"day": day})
        if number % 15 == 0:
            print(f"  filled {number} of {len(table.days)} days", flush=True)
    owner.execute("ANALYZE tracking_click")
    owner.execute("ANALYZE reports_dailyclicks")


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median time of a few runs, after one that warms up."""
    took = []
    for _ in range(REPEATS + 1):
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) * 1_000)
    return median(took[1:])


def ask(table: Table) -> dict[str, float]:
    """Return how long the console's questions take, in milliseconds."""
    from merchants.tenancy import merchant_context
    from reports.selectors import Slice, daily_figures, last_days, top_affiliates, top_links
    from tracking.selectors import clicks_between

    merchant_id = table.company.id
    whose, at = Slice(merchant_id, "EUR"), datetime.now(UTC)
    with merchant_context(merchant_id):
        quarter, month = last_days(90, at=at), last_days(30, at=at)
        first_page = clicks_between(
            merchant_id=merchant_id, since=month.starts_at, until=month.ends_at
        )
        return {
            "figures of 90 days": milliseconds(lambda: daily_figures(whose, quarter)),
            "figures of 30 days": milliseconds(lambda: daily_figures(whose, month)),
            "top affiliates": milliseconds(lambda: top_affiliates(whose, quarter)),
            "top links": milliseconds(lambda: top_links(whose, quarter)),
            "a page of raw clicks": milliseconds(lambda: list(first_page[:50])),
        }


def drop_days(owner: psycopg.Connection[Any], table: Table) -> list[float]:
    """Drop the oldest days one by one; return the milliseconds of each."""
    took = []
    for number in range(1, 6):
        before = table.days[-1] + timedelta(days=number)
        begun = time.perf_counter()
        owner.execute("SELECT drop_click_partitions(%s, %s)", [before, table.today])
        took.append((time.perf_counter() - begun) * 1_000)
    return took


def measure(options: argparse.Namespace, directory: Path) -> list[str]:
    """Measure and print; return the promises that are broken."""
    with stage.servers(directory) as (environment, _postgresql):
        redirect.prepare_database(environment)
        from interfaces.edge.database import conninfo_from_settings

        table = Table(options.days)
        with (
            psycopg.connect(conninfo_from_settings(), autocommit=True) as edge,
            psycopg.connect(
                environment["DATABASE_ADMIN_URL"],
                dbname=edge.info.dbname,
                autocommit=True,
            ) as owner,
        ):
            owner.execute(
                "SELECT make_click_partitions(%s, %s)", [table.days[-1], options.days + 2]
            )
            store(edge, table.lines(5_000))  # Warm up.
            few = store(edge, table.lines(SAMPLE))
            print(f"stored at first:     {few:10,.0f} clicks/s")
            begun = time.perf_counter()
            fill(owner, table, options.clicks)
            print(f"filled in {time.perf_counter() - begun:,.0f} s")
            many = store(edge, table.lines(SAMPLE))
            print(f"stored at {options.clicks:,}: {many:,.0f} clicks/s, {many / few:.0%}")
            asked = ask(table)
            for question, took in asked.items():
                print(f"{question:24} {took:8.1f} ms")
            dropped = drop_days(owner, table)
            print(f"dropping a day: {median(dropped):.1f} ms, at most {max(dropped):.1f} ms")
    broken = []
    if many < few * RATE_SHARE_MIN:
        broken.append(f"storing slowed down to {many / few:.0%}")
    broken += [f"{name} takes {took:.0f} ms" for name, took in asked.items() if took > QUERY_MS_MAX]
    if max(dropped) > DROP_MS_MAX:
        broken.append(f"dropping a day takes {max(dropped):.0f} ms")
    return broken


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    with stage.temporary_directory() as directory:
        broken = measure(options, directory)
    for promise in broken:
        print(f"Broken: {promise}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
