"""How long does a batch of a million commissions take, and how much memory?

Usage: python -m bench.payouts [--commissions 1000000] [--affiliates 100000]
Stores approved commissions, then prepares a batch of all of them, approves it and has the worker
reserve and post them, as the product does. Ends with 1 if a promise of bench/README.md is broken.
"""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import redirect, stage
from bench.backtest import memory_mb
from bench.cost import Cost, cost_now

SECONDS_MAX = 40.0
MEMORY_MB_MAX = 300.0
MILLION = 1_000_000

# One program, an enrollment and a method for each affiliate, commissions of 1.00 to 5.99 in turns;
# and what the ledger would say of them.
STORE = """
INSERT INTO affiliates_affiliate (
    id, created_at, name, email, website, country, type, phone, about, audience_countries,
    audience_topics
)
SELECT ('01920d5e-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(), 'A' || n,
       'a' || n || '@example.com', '', '', 'OTHER', '', '', '{}', '{}'
FROM generate_series(1, %(affiliates)s) AS n;
INSERT INTO affiliates_enrollment (
    id, created_at, merchant_id, program_id, affiliate_id, code, status, status_changed_at,
    status_reason, search_text
)
SELECT gen_random_uuid(), now(), %(merchant)s, %(program)s, id, 'c' || name, 'APPROVED', %(at)s,
       '', ''
FROM affiliates_affiliate;
INSERT INTO payouts_payoutmethod (
    id, created_at, affiliate_id, kind, details, masked, fingerprint, usable_from, returns
)
SELECT gen_random_uuid(), now(), id, 'BANK', %(details)s, 'DE89 … 3000', md5(name), %(at)s, 0
FROM affiliates_affiliate;
INSERT INTO commissions_commission (
    id, created_at, merchant_id, program_id, enrollment_id, affiliate_id, kind, event_ref,
    amount_minor, currency, facts, status, status_changed_at, status_reason, hold_until, earned_at
)
SELECT ('01920d5e-0001-7000-8000-' || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, now(),
       %(merchant)s, %(program)s, enrollment.id, enrollment.affiliate_id, 'MANUAL',
       'manual:' || n || ':' || enrollment.code, 100 + (n * 37) %% 500, 'EUR', '{}',
       'APPROVED', %(at)s, '', %(at)s,
       %(at)s::timestamptz - interval '90 days' + row_number() OVER () * interval '7 seconds'
FROM generate_series(1, %(each)s) AS n CROSS JOIN affiliates_enrollment AS enrollment;
CREATE TEMPORARY TABLE earned AS
SELECT enrollment_id, sum(amount_minor) AS total, gen_random_uuid() AS journal_id,
       gen_random_uuid() AS account_id
FROM commissions_commission GROUP BY 1;
INSERT INTO ledger_account (id, created_at, merchant_id, enrollment_id, currency, kind)
SELECT account_id, now(), %(merchant)s, enrollment_id, 'EUR', 'PAYABLE' FROM earned;
INSERT INTO ledger_account (id, created_at, merchant_id, currency, kind)
VALUES (%(expense)s, now(), %(merchant)s, 'EUR', 'COMMISSION_EXPENSE');
BEGIN;
INSERT INTO ledger_journal (id, created_at, merchant_id, source, at)
SELECT journal_id, now(), %(merchant)s, 'earned:' || enrollment_id, %(at)s FROM earned;
INSERT INTO ledger_posting (
    id, created_at, merchant_id, journal_id, account_id, amount_minor, currency
)
SELECT gen_random_uuid(), now(), %(merchant)s, journal_id, account_id, total, 'EUR' FROM earned
UNION ALL
SELECT gen_random_uuid(), now(), %(merchant)s, journal_id, %(expense)s, -total, 'EUR' FROM earned;
COMMIT;
VACUUM ANALYZE
"""


def store(owner: psycopg.Connection, company: Any, options: argparse.Namespace) -> None:
    """Store affiliates with approved commissions, and their books."""
    from common.ids import new_id
    from common.secrets import encrypt

    facts = {
        "merchant": company.id,
        "program": company.program.id,
        "affiliates": options.affiliates,
        "each": options.commissions // options.affiliates,
        "details": encrypt({"holder": "A", "iban": "DE89370400440532013000"}),
        "at": datetime.now(UTC) - timedelta(days=1),
        "expense": new_id(),
    }
    with psycopg.ClientCursor(owner) as cursor:
        for statement in STORE.split(";\n"):
            cursor.execute(statement, facts)


def step(name: str, postgresql_pid: int, run: Callable[[], Any]) -> Cost:
    """Run a step, print what it cost, and return that."""
    begun = cost_now(postgresql_pid)
    run()
    cost = cost_now(postgresql_pid).since(begun)
    print(
        f"{name:>10}: {cost.wall:5.1f} s; processor time of Python {cost.python:.1f} s,"
        f" of PostgreSQL {cost.postgresql:.1f} s; {memory_mb():.0f} MB",
        flush=True,
    )
    return cost


def pay(company: Any, postgresql_pid: int) -> tuple[Any, list[Cost]]:
    """Prepare and reserve everything; return the batch and what each step cost."""
    from merchants.rights import Role
    from merchants.tenancy import merchant_context
    from payouts.models import Batch
    from payouts.services import approve_batch, prepare_batch, prepare_further, reserve_further
    from payouts.tasks import take_further
    from tests.cast import add_member

    finn, at = add_member(company, "Finn", Role.FINANCE), datetime.now(UTC)

    def prepare() -> None:
        with merchant_context(company.id):
            prepare_batch(member=finn, currency="EUR", at=at)
        while take_further([company.id], prepare_further):
            pass

    def reserve() -> None:
        with merchant_context(company.id):
            approve_batch(member=company.owner, batch=Batch.objects.get(), at=at)
        while take_further([company.id], reserve_further):
            pass

    costs = [step("prepared", postgresql_pid, prepare), step("reserved", postgresql_pid, reserve)]
    with merchant_context(company.id):
        return Batch.objects.get(), costs


def measure(options: argparse.Namespace, directory: Path) -> list[str]:
    """Measure and print; return the promises that are broken."""
    with stage.servers(directory) as (environment, postgresql):
        os.sched_setaffinity(postgresql.pid, stage.CORES)  # Two backends work at once.
        redirect.prepare_database(environment)
        from django.conf import settings

        from merchants.tenancy import merchant_context
        from payouts.selectors import check_money
        from tests.cast import make_company

        company = make_company("Acme", "Alice")
        with psycopg.connect(
            environment["DATABASE_ADMIN_URL"],
            dbname=settings.DATABASES["default"]["NAME"],
            autocommit=True,
        ) as owner:
            store(owner, company, options)
        held = memory_mb()
        batch, costs = pay(company, postgresql.pid)
        more = memory_mb() - held
        with merchant_context(company.id):
            findings = check_money(company.id)
    seconds = sum(cost.wall for cost in costs)
    work = sum(cost.python + cost.postgresql for cost in costs)
    print(
        f"{options.commissions:,} commissions, {batch.items:,} payouts: {seconds:.1f} s"
        f" ({work:.1f} s of processors), {more:.0f} MB more"
    )
    broken = [f"{finding.rule}: {finding.where}" for finding in findings[:3]]
    if (batch.status, batch.items) != ("APPROVED", options.affiliates):
        broken.append(f"{batch.items:,} payouts, {batch.status}: {batch.problem}")
    if seconds * MILLION / options.commissions > SECONDS_MAX:
        broken.append(f"{seconds:.0f} s, promised are {SECONDS_MAX:.0f} for a million")
    if more > MEMORY_MB_MAX:
        broken.append(f"{more:.0f} MB, promised are {MEMORY_MB_MAX:.0f}")
    return broken


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commissions", type=int, default=MILLION)
    parser.add_argument("--affiliates", type=int, default=100_000)
    with stage.temporary_directory() as directory:
        broken = measure(parser.parse_args(), directory)
    for promise in broken:
        print(f"Broken: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
