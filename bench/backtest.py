"""How long does a backtest of a hundred thousand conversions take, and how much memory?

Usage: python -m bench.backtest [--conversions 100000] [--affiliates 200]
Stores conversions through the product's own services, then replays rules over them as the worker
does: conditions, a volume tier by month and a rate of one affiliate. Ends with 1 if a promise of
bench/README.md is broken.
"""

import argparse
import resource
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import redirect, stage
from bench.conversions import REPORTED_AT_ONCE, Table
from bench.cost import cost_now

SECONDS_MAX = 60.0
SPREAD = timedelta(days=90)
MEMORY_MB_MAX = 150.0


@dataclass
class Season(Table):
    """A table whose sales are spread over three months, and half of whose customers come again."""

    conversions: int = 1

    def _sale(self) -> Any:
        from tests.cast import click_of
        from tracking.services import CustomerReport

        sale = super()._sale()
        at = self.now - SPREAD + SPREAD * self.number / self.conversions
        click = click_of(self.random.choice(self.promoters), at=at - timedelta(days=1))
        customer = CustomerReport(f"c-{self.number // 4}") if sale.customer else None
        return replace(sale, occurred_at=at, click_token=click, customer=customer)


def rules_for(table: Table) -> list[dict[str, Any]]:
    """Return rules that ask for much of what there is to ask for."""
    steps = [
        {"from": 1, "rate_bps": 900},
        {"from": 21, "rate_bps": 1_100},
        {"from": 101, "rate_bps": 1_500},
    ]
    volume = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": steps}
    own = {"level": "ENROLLMENT", "enrollment": str(table.promoters[0].enrollment.id)}
    return [
        {"goal": "sale", "reward": "PERCENT", "rate_bps": 2_000, **own},
        {
            "goal": "sale",
            "reward": "FIXED",
            "fixed_minor": 2_500,
            "conditions": [
                {"field": "amount_minor", "op": "gte", "value": 40_000},
                {"field": "customer", "op": "is", "value": "new"},
            ],
        },
        {
            "goal": "sale",
            "reward": "PERCENT",
            "rate_bps": 500,
            "conditions": [{"field": "customer_months", "op": "gte", "value": 12}],
        },
        {"goal": "sale", "reward": "VOLUME", "details": volume},
    ]


def replay(table: Table) -> Any:
    """Run a backtest over everything, step by step as the worker does; return it as stored."""
    from commissions.models import Replay
    from commissions.replays import run_replays
    from commissions.services.replays import start_backtest
    from merchants.models import SYSTEM
    from merchants.tenancy import merchant_context

    with merchant_context(table.company.id):
        started = start_backtest(
            program=table.company.program,
            proposed=rules_for(table),
            happened_from=table.now - SPREAD,
            happened_until=table.now + timedelta(days=1),
            by=SYSTEM,
            at=table.now,
        )
    while run_replays(merchant_id=table.company.id, at=table.now):
        pass
    with merchant_context(table.company.id):
        return Replay.objects.get(id=started.id)


def memory_mb() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(options: argparse.Namespace, directory: Path) -> list[str]:
    """Measure and print; return the promises that are broken."""
    with stage.servers(directory) as (environment, postgresql):
        redirect.prepare_database(environment)
        from django.conf import settings

        table = Season(options.affiliates, conversions=options.conversions)
        for _start in range(0, options.conversions, REPORTED_AT_ONCE * 10):
            table.report(min(REPORTED_AT_ONCE * 10, options.conversions - table.number))
            table.process()
        with psycopg.connect(
            environment["DATABASE_ADMIN_URL"],
            dbname=settings.DATABASES["default"]["NAME"],
            autocommit=True,
        ) as owner:
            owner.execute("ANALYZE")
        held, begun = memory_mb(), cost_now(postgresql.pid)
        done = replay(table)
        cost, more = cost_now(postgresql.pid).since(begun), memory_mb() - held
        seconds = cost.wall
    print(
        f"{done.done:,} conversions in {seconds:.1f} s, {cost.text(done.done)};"
        f" {more:.0f} MB more; booked {done.before_minor:,}, would be {done.after_minor:,}"
    )
    broken = []
    if (done.status, done.done) != ("DONE", options.conversions):
        broken.append(f"{done.done:,} conversions, {done.status}")
    if seconds * 100_000 / options.conversions > SECONDS_MAX:
        broken.append(f"{seconds:.0f} s, promised are {SECONDS_MAX:.0f} for 100,000")
    if more > MEMORY_MB_MAX:
        broken.append(f"{more:.0f} MB, promised are {MEMORY_MB_MAX:.0f}")
    return broken


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversions", type=int, default=100_000)
    parser.add_argument("--affiliates", type=int, default=200)
    options = parser.parse_args()
    with stage.temporary_directory() as directory:
        broken = measure(options, directory)
    for promise in broken:
        print(f"Broken: {promise}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
