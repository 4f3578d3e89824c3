"""Many at once on a real PostgreSQL: exact, and nobody sees a deadlock."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connections

from commissions import services, tasks
from commissions.models import Commission, Status
from commissions.services import (
    approve_due,
    process_conversions,
    process_refunds,
    reassign_conversion,
)
from ledger.models import AccountKind, Journal
from ledger.selectors import balances
from ledger.services import post, transfer
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from payouts.services import BatchOutdated, NothingToPay, approve_batch, prepare_batch
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell, settle
from tests.facts import SALE_AT, sale, tell
from tracking.models import Conversion
from tracking.services import record_refund

LATER = NOON + timedelta(days=60)


def at_once(jobs: Sequence[Callable[[], object]]) -> list[Exception]:
    """Run the jobs at the same moment, each on its own connection; return what went wrong."""
    barrier, failures = Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            job()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def refund(company: Company, conversion: Conversion, amount_minor: int) -> None:
    """Report a refund of its own, and let the worker look at it."""
    with merchant_context(company.id):
        record_refund(
            conversion=conversion,
            external_id=uuid4().hex,
            amount_minor=amount_minor,
            reason="",
            occurred_at=LATER,
            by=SYSTEM,
            at=LATER,
        )
    process_refunds(merchant_id=company.id, at=LATER)


def net(company: Company) -> int:
    """Return what all lines come to, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        kept = Commission.objects.exclude(status=Status.DECLINED)
        return sum(kept.values_list("amount_minor", flat=True))


def test_two_refunds_at_once(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=10_000)

    failures = at_once([lambda: refund(acme, conversion, 2_500)] * 2)
    settle(acme, at=LATER)

    assert failures == []
    assert net(acme) == 500


def test_a_refund_during_the_reservation_of_a_payout(acme: Company, bob: Promoter) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    conversions = [sell(acme, click=click_of(bob), amount_minor=10_000) for _ in range(4)]
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)

    def reserve() -> None:
        try:
            with merchant_context(acme.id):
                approve_batch(member=acme.owner, batch=batch, at=LATER)
        except (BatchOutdated, NothingToPay):
            pass  # The refunds were faster: the batch is prepared anew.

    jobs: list[Callable[[], object]] = [reserve]
    for row in conversions:
        jobs.append(lambda row=row: refund(acme, row, 5_000))
    failures = at_once(jobs)
    settle(acme, at=LATER)

    assert failures == []
    assert net(acme) == 2_000
    with merchant_context(acme.id):
        [row] = balances(merchant_id=acme.id)
        assert row["payable_minor"] + row["in_payout_minor"] == 2_000


def test_two_hundred_postings_on_one_account_at_once(acme: Company, bob: Promoter) -> None:
    def some(number: int) -> Callable[[], object]:
        def run() -> None:
            for place in range(25):
                draft = transfer(
                    source=f"test:{number // 2}:{place}",  # Each by two of them.
                    amount_minor=3,
                    currency="EUR",
                    enrollment_id=bob.enrollment.id,
                    out_of=AccountKind.COMMISSION_EXPENSE,
                    into=AccountKind.PAYABLE,
                )
                with merchant_context(acme.id):
                    post(merchant_id=acme.id, drafts=[draft], at=NOON)

        return run

    failures = at_once([some(number) for number in range(16)])

    assert failures == []
    with merchant_context(acme.id):
        assert Journal.objects.count() == 200
        assert [row["payable_minor"] for row in balances(merchant_id=acme.id)] == [600]


def test_workers_and_people_at_the_same_customers(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    first = [
        sell(acme, click=click_of(bob), external_id=f"first-{number}", amount_minor=10_000)
        for number in range(4)
    ]
    for number in range(60):  # The later ones come first.
        customer = f"c-{number % 3}"
        at = SALE_AT + timedelta(minutes=60 - number)
        tell(acme, sale(f"o-{number}", customer=customer, click_token=click_of(bob), at=at))

    def work() -> None:
        while process_conversions(merchant_id=acme.id, at=LATER, limit=7):
            pass

    def reassign() -> None:
        for row in first:
            with merchant_context(acme.id):
                reassign_conversion(
                    conversion=row, enrollment=dora.enrollment, reason="So", by=SYSTEM, at=LATER
                )

    failures = at_once([work, work, reassign, lambda: approve_due(merchant_id=acme.id, at=LATER)])
    settle(acme, at=LATER)

    assert failures == []
    assert net(acme) == 64_000
    with merchant_context(acme.id):
        assert (
            sum(
                Commission.objects.filter(enrollment=dora.enrollment).values_list(
                    "amount_minor", flat=True
                )
            )
            == 4_000
        )


def test_a_backlog_is_worked_off_two_batches_at_a_time(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 5)
    monkeypatch.setattr(services, "process_conversions", partial(process_conversions, limit=5))
    for number in range(42):
        customer = f"c-{number % 4}"
        tell(acme, sale(f"o-{number}", customer=customer, click_token=click_of(bob)))

    done = tasks.attribute_for([acme.id])

    assert done == 42
    assert net(acme) == 42_000
    with merchant_context(acme.id):
        assert not Conversion.objects.filter(attributed_at=None).exists()
