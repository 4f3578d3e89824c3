"""Many hands on one batch: one wins, the others hear so, and the books hold."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from commissions.models import Commission, Status
from commissions.services import approve_due
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchFile, BatchStatus, Payout
from payouts.selectors import check_money
from payouts.services import (
    NothingToPay,
    approve_batch,
    cancel_batch,
    mark_failed,
    mark_paid,
    prepare_batch,
    send_batch,
)
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell, settle
from tracking.services import record_refund

LATER = NOON + timedelta(days=40)
REFUSED = (IllegalMove, NothingToPay)


def race(company: Company, *jobs: Callable[[], Any]) -> list[bool]:
    """Run the jobs at once, each in its own transaction; return which were not refused."""
    barrier, outcomes = Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            with merchant_context(company.id):
                job()
            outcomes.append(True)
        except REFUSED:
            outcomes.append(False)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.fixture
def batch(acme: Company, bob: Promoter) -> Batch:
    """Return a batch that Finn prepared: 10.00 for Bob and 10.00 for Dave."""
    finn = add_member(acme, "Finn", Role.FINANCE)
    dave = make_promoter(acme, "Dave")
    for promoter in (bob, dave):
        sell(acme, click=click_of(promoter))
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        return prepare_batch(member=finn, currency="EUR", at=LATER)


def test_of_twenty_approvals_one_counts(acme: Company, batch: Batch) -> None:
    otto = add_member(acme, "Otto", Role.OWNER)

    def approve(member: Any) -> Callable[[], Any]:
        return lambda: approve_batch(member=member, batch=Batch.objects.get(id=batch.id), at=LATER)

    outcomes = race(acme, *[approve(member) for member in (acme.owner, otto) * 10])

    assert outcomes == [False] * 19 + [True]
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        assert set(Commission.objects.values_list("status", flat=True)) == {Status.RESERVED}


def test_approved_or_cancelled_but_not_both(acme: Company, batch: Batch) -> None:
    outcomes = race(
        acme,
        lambda: approve_batch(member=acme.owner, batch=Batch.objects.get(id=batch.id), at=LATER),
        lambda: cancel_batch(member=acme.owner, batch=Batch.objects.get(id=batch.id), at=LATER),
    )

    assert True in outcomes
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        approved = Batch.objects.get().status == BatchStatus.APPROVED
        expected = Status.RESERVED if approved else Status.APPROVED
        assert set(Commission.objects.values_list("status", flat=True)) == {expected}


def test_two_preparations_share_nothing(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)

    def prepare() -> Any:
        return prepare_batch(member=acme.owner, currency="EUR", at=LATER)

    assert race(acme, *[prepare] * 5) == [False] * 4 + [True]
    with merchant_context(acme.id):
        assert Payout.objects.count() == 1


def test_the_file_is_made_once_for_everybody(acme: Company, batch: Batch) -> None:
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)

    def send() -> Any:
        return send_batch(member=acme.owner, batch=Batch.objects.get(id=batch.id), at=LATER)

    assert race(acme, *[send] * 5) == [True] * 5
    with merchant_context(acme.id):
        assert BatchFile.objects.count() == 1


def test_paid_or_failed_but_not_both(acme: Company, batch: Batch) -> None:
    with merchant_context(acme.id):
        approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=acme.owner, batch=batch, at=LATER)
        payouts = list(Payout.objects.select_related("batch"))

    def settle_one(payout: Payout) -> list[Callable[[], Any]]:
        return [
            lambda: mark_paid(
                member=acme.owner,
                payout=payout,
                provider_ref=f"B-{payout.reference}",
                paid_at=LATER,
                at=LATER,
            ),
            lambda: mark_failed(member=acme.owner, payout=payout, reason="No", at=LATER),
        ]

    outcomes = race(acme, *settle_one(payouts[0]), *settle_one(payouts[1]))

    assert outcomes == [False, False, True, True]
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        assert Batch.objects.get().status == BatchStatus.DONE


def test_a_refund_during_approval_is_in_or_out_but_never_half(acme: Company, batch: Batch) -> None:
    with merchant_context(acme.id):
        conversion = Commission.objects.order_by("id").first().conversion  # type: ignore[union-attr]

    race(
        acme,
        lambda: approve_batch(member=acme.owner, batch=Batch.objects.get(id=batch.id), at=LATER),
        lambda: record_refund(
            conversion=conversion,
            external_id="r1",
            amount_minor=10_000,
            reason="",
            occurred_at=LATER,
            by=SYSTEM,
            at=LATER,
        ),
        lambda: settle(acme, at=LATER),
    )
    settle(acme, at=LATER)

    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        lines = Commission.objects.filter(conversion=conversion)
        assert sum(line.amount_minor for line in lines) == 0
