"""How many conversions one worker takes from a stored fact to money, and does history slow it?

Usage: python -m bench.conversions [--sample 20000] [--history 20000]
Stores a history, measures a sample of reports in batches as the worker takes them (credits, trace,
commission, journal, events), stores ten times the history, and measures again. Ends with 1 if a
promise of bench/README.md is broken.
"""

import argparse
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import psycopg

from bench import redirect, stage
from bench.cost import Cost, cost_now

PER_SECOND_MIN = 2_000.0
SHARE_MIN = 0.80
REPORTED_AT_ONCE = 1_000


@dataclass
class Table:
    """The stage: a merchant whose program pays 10 %, and affiliates who promote it."""

    affiliates: int
    random: Random = field(default_factory=lambda: Random(7))
    number: int = 0

    def __post_init__(self) -> None:
        from tests.cast import make_company, make_promoter

        self.company = make_company("Acme", "Alice")
        self.promoters = [
            make_promoter(self.company, f"Bob{number}") for number in range(self.affiliates)
        ]
        self.now = datetime.now(UTC)

    def report(self, count: int) -> None:
        """Store conversions as the API does; half of them name their customer."""
        from merchants.models import SYSTEM
        from merchants.tenancy import merchant_context
        from tracking.services import record_conversions

        for _start in range(0, count, REPORTED_AT_ONCE):
            reports = [(self.company.program, self._sale()) for _ in range(REPORTED_AT_ONCE)]
            with merchant_context(self.company.id):
                record_conversions(
                    merchant_id=self.company.id, reports=reports, by=SYSTEM, at=self.now
                )

    def _sale(self) -> Any:
        from tests.cast import click_of
        from tracking.services import ConversionReport, CustomerReport

        self.number += 1
        at = self.now - timedelta(days=3) + timedelta(milliseconds=self.number)
        promoter = self.random.choice(self.promoters)
        named = self.number % 2 == 0
        return ConversionReport(
            goal="sale",
            external_id=f"order-{self.number}",
            amount_minor=self.random.randrange(1_000, 50_000),
            currency="EUR",
            occurred_at=at,
            click_token=click_of(promoter, at=at - timedelta(days=1)),
            customer=CustomerReport(uuid4().hex) if named else None,
        )

    def process(self) -> int:
        """Work until nothing is due, as the worker's task does; return how many conversions."""
        from commissions.tasks import attribute_for

        done = 0
        while count := attribute_for([self.company.id]):
            done += count
        return done

    def measure(self, sample: int, postgresql_pid: int) -> Cost:
        """Return what it costs to take so many conversions from stored to money."""
        self.report(sample)
        begun = cost_now(postgresql_pid)
        done = self.process()
        assert done == sample, done
        return cost_now(postgresql_pid).since(begun)


def check(table: Table) -> None:
    """Make sure that the books are right and nobody was forgotten."""
    from commissions.models import Commission
    from merchants.tenancy import merchant_context
    from payouts.selectors import check_money
    from tracking.models import Conversion

    with merchant_context(table.company.id):
        counts = Conversion.objects.count(), Commission.objects.count()
        assert counts == (table.number, table.number), counts
        assert check_money(table.company.id) == []


def measure(options: argparse.Namespace, directory: Path) -> list[str]:
    """Measure and print; return the promises that are broken."""
    with stage.servers(directory) as (environment, postgresql):
        os.sched_setaffinity(postgresql.pid, stage.CORES)  # Two backends work at once.
        redirect.prepare_database(environment)
        from django.conf import settings

        with psycopg.connect(
            environment["DATABASE_ADMIN_URL"],
            dbname=settings.DATABASES["default"]["NAME"],
            autocommit=True,
        ) as owner:
            table = Table(options.affiliates)
            rates = []
            for history in (options.history, 10 * options.history):
                table.report(history - table.number)
                table.process()
                owner.execute("ANALYZE")
                table.measure(2_000, postgresql.pid)  # Warm up.
                cost = table.measure(options.sample, postgresql.pid)
                rates.append(options.sample / cost.wall)
                print(f"after {history:9,}: {cost.text(options.sample)}", flush=True)
            check(table)
    few, many = rates
    broken = []
    if min(rates) < PER_SECOND_MIN:
        broken.append(f"{min(rates):,.0f} conversions/s, promised are {PER_SECOND_MIN:,.0f}")
    if many < few * SHARE_MIN:
        broken.append(f"ten times the history slows it down to {many / few:.0%}")
    return broken


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=20_000)
    parser.add_argument("--history", type=int, default=20_000)
    parser.add_argument("--affiliates", type=int, default=40)
    options = parser.parse_args()
    with stage.temporary_directory() as directory:
        broken = measure(options, directory)
    for promise in broken:
        print(f"Broken: {promise}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
