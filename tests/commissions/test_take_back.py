"""Refunds: cumulative, in any order, once, before and after the money left."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissions.models import Commission, Kind, Status
from commissions.rules import reversal_due
from commissions.services import (
    approve_due,
    decide_commission,
    decline_conversion,
    process_refunds,
)
from ledger.selectors import balances
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.models import Payout
from payouts.selectors import check_money
from payouts.services import approve_batch, mark_paid, prepare_batch, propose_batch, send_batch
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell, settle
from tracking.models import Conversion, Refund
from tracking.services import TooMuchRefunded, record_refund

LATER = NOON + timedelta(days=40)


def refund(
    company: Company,
    conversion: Conversion,
    amount_minor: int,
    *,
    external_id: str = "",
    at: datetime = NOON + timedelta(days=2),
) -> bool:
    """Record a refund; return whether it was new."""
    with merchant_context(company.id):
        _refund, new = record_refund(
            conversion=conversion,
            external_id=external_id or uuid4().hex,
            amount_minor=amount_minor,
            reason="",
            occurred_at=at,
            by=SYSTEM,
            at=at,
        )
    return new


def earned(company: Company, conversion: Conversion) -> list[int]:
    """Return the amounts of a conversion's lines, oldest first, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        lines = Commission.objects.filter(conversion=conversion).order_by("id")
        return list(lines.values_list("amount_minor", flat=True))


def test_half_a_refund_takes_half(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=10_000)

    refund(acme, conversion, 5_000)
    settle(acme, at=LATER)

    assert earned(acme, conversion) == [1_000, -500]
    with merchant_context(acme.id):
        assert [row["pending_minor"] for row in balances(merchant_id=acme.id)] == [500]


def test_thirds_take_back_everything_and_not_a_cent_more(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=1_000)  # Earns 100.

    for part in (333, 333, 334):
        refund(acme, conversion, part)
        settle(acme, at=LATER)

    assert earned(acme, conversion) == [100, -33, -34, -33]


def test_the_same_refund_twice_takes_once(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob))

    first = refund(acme, conversion, 5_000, external_id="r1")
    second = refund(acme, conversion, 5_000, external_id="r1")
    settle(acme, at=LATER)

    assert (first, second) == (True, False)
    assert earned(acme, conversion) == [1_000, -500]


def test_more_than_was_paid_cannot_be_refunded(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=10_000)
    refund(acme, conversion, 6_000)

    with pytest.raises(TooMuchRefunded, match="4000 is left"):
        refund(acme, conversion, 4_001)

    with merchant_context(acme.id):
        assert Refund.objects.count() == 1


def test_two_refunds_at_once_cannot_exceed_the_whole(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=10_000)
    barrier, outcomes = Barrier(8), []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(refund(acme, conversion, 6_000))
        except TooMuchRefunded:
            outcomes.append(False)
        settle(acme, at=LATER)
        connections.close_all()

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(acme, at=LATER)

    assert sorted(outcomes) == [False] * 7 + [True]
    assert earned(acme, conversion) == [1_000, -600]


def test_a_declined_commission_is_not_taken_back(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        decline_conversion(conversion=conversion, reason="Test order", by=SYSTEM, at=NOON)

    refund(acme, conversion, 10_000)
    settle(acme, at=LATER)

    assert earned(acme, conversion) == [1_000]
    with merchant_context(acme.id):
        assert Commission.objects.get().status == Status.DECLINED


def test_after_the_payout_it_nets_against_the_next(acme: Company, bob: Promoter) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    paid = sell(acme, click=click_of(bob), external_id="paid", amount_minor=10_000)
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get()
        mark_paid(member=finn, payout=payout, provider_ref="B1", paid_at=LATER, at=LATER)

    refund(acme, paid, 10_000, at=LATER)
    settle(acme, at=LATER)

    with merchant_context(acme.id):
        line = Commission.objects.get(kind=Kind.REVERSAL)
        assert (line.amount_minor, line.status) == (-1_000, Status.APPROVED)
        assert [row["payable_minor"] for row in balances(merchant_id=acme.id)] == [-1_000]
        proposal = propose_batch(merchant_id=acme.id, currency="EUR", at=LATER)
        assert [row.reason for row in proposal.left_out] == [LeftOut.NOTHING_DUE]
    at = LATER + timedelta(days=40)
    sell(acme, click=click_of(bob, at=LATER), external_id="next", amount_minor=25_000, at=LATER)
    approve_due(merchant_id=acme.id, at=at)
    with merchant_context(acme.id):
        proposal = propose_batch(merchant_id=acme.id, currency="EUR", at=at)
        assert [item.amount_minor for item in proposal.items] == [1_500]
        assert check_money(acme.id) == []


@pytest.mark.parametrize(
    ("earned_minor", "refunded_minor", "gross_minor", "reversed_minor", "due"),
    [
        (1_000, 5_000, 10_000, 0, 500),
        (1_000, 5_000, 10_000, 500, 0),
        (100, 333, 1_000, 0, 33),
        (100, 666, 1_000, 33, 34),
        (5, 1, 2, 0, 2),  # 2.5, half goes to the even 2.
        (7, 1, 2, 0, 4),  # 3.5, half goes to the even 4.
        (1_000, 20_000, 10_000, 0, 1_000),
        (500, 0, 0, 0, 0),
    ],
)
def test_what_is_due_back(
    earned_minor: int, refunded_minor: int, gross_minor: int, reversed_minor: int, due: int
) -> None:
    assert due == reversal_due(
        earned_minor=earned_minor,
        refunded_minor=refunded_minor,
        gross_minor=gross_minor,
        reversed_minor=reversed_minor,
    )


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    parts=st.lists(st.integers(1, 4_000), min_size=1, max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_any_order_and_repetition_ends_alike(
    acme: Company, bob: Promoter, parts: list[int], order: object
) -> None:
    gross_minor = sum(parts)
    conversion = sell(acme, click=click_of(bob), amount_minor=gross_minor)
    reports = [(f"{conversion.id}-{i}", part) for i, part in enumerate(parts)] * 2
    order.shuffle(reports)  # type: ignore[attr-defined]

    for external_id, part in reports:
        refund(acme, conversion, part, external_id=external_id)
        if order.random() < 0.5:  # type: ignore[attr-defined]
            settle(acme, at=LATER)
    settle(acme, at=LATER)

    assert sum(earned(acme, conversion)) == 0


@pytest.mark.parametrize("kind", [Kind.EARNING, Kind.REVERSAL])
@pytest.mark.parametrize("to", [Status.DECLINED, Status.APPROVED, Status.HELD])
def test_an_earning_and_its_take_back_are_decided_together(
    acme: Company, bob: Promoter, kind: Kind, to: Status
) -> None:
    conversion = sell(acme, click=click_of(bob), amount_minor=10_000)
    refund(acme, conversion, 5_000)
    settle(acme, at=LATER)

    with merchant_context(acme.id):
        one = Commission.objects.get(conversion=conversion, kind=kind)
        decide_commission(commission=one, to=to, by=SYSTEM, at=LATER)

        assert set(Commission.objects.values_list("status", flat=True)) == {to}
        assert check_money(acme.id) == []
        balance = balances(merchant_id=acme.id)[0]
        pending = 500 if to == Status.HELD else 0
        payable = 500 if to == Status.APPROVED else 0
        assert (balance["pending_minor"], balance["payable_minor"]) == (pending, payable)


def test_deciders_and_refunds_of_many_orders_at_once_never_lock_each_other_out(
    acme: Company, bob: Promoter
) -> None:
    conversions = [sell(acme, click=click_of(bob), amount_minor=10_000) for _ in range(6)]
    barrier, failures = Barrier(6), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            for conversion in conversions if number % 2 else reversed(conversions):
                refund(acme, conversion, 1_000)
            process_refunds(merchant_id=acme.id, at=LATER)
            approve_due(merchant_id=acme.id, at=LATER)
        except Exception as error:
            failures.append(error)
        connections.close_all()

    threads = [Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(acme, at=LATER)

    assert failures == []
    assert [sum(earned(acme, conversion)) for conversion in conversions] == [400] * 6
