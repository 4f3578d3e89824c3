"""Statuses that merchants' systems report: in any order, to the same end."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissions.models import Commission
from commissions.services import approve_due, hold_conversion
from commissions.services.statuses import what_counts
from ledger.selectors import balances
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter, click_of
from tests.facts import SALE_AT, again, lines, sale, settled, tell, work
from tracking.models import (
    Conversion,
    ConversionStatus,
    Reason,
    Refund,
    ReportedStatus,
    Source,
    StatusReport,
)
from tracking.services import record_refund_of_order, record_status

LATER = NOON + timedelta(days=60)
Said = tuple[ReportedStatus, int]  # What, and on which day after the sale.


def say(company: Company, said: Said, order: str = "o-1", *, is_test: bool = False) -> bool:
    """Report the status of an order; return whether that is new."""
    status, day = said
    with merchant_context(company.id):
        _report, is_new = record_status(
            program=company.program,
            goal="sale",
            order_id=order,
            status=status,
            external_id=f"{status}-{day}",
            occurred_at=SALE_AT + timedelta(days=day),
            by=SYSTEM,
            at=SALE_AT,
            is_test=is_test,
        )
    return is_new


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ([("HELD", 1)], ("HELD", 1)),
        ([("HELD", 1), ("DISPUTED", 2), ("DISPUTE_WON", 3)], ("DISPUTE_WON", 3)),
        ([("DISPUTE_WON", 2), ("DISPUTED", 2)], ("DISPUTED", 2)),
        ([("APPROVED", 1), ("DISPUTED", 2)], ("APPROVED", 1)),
        ([("DECLINED", 1), ("APPROVED", 2), ("DISPUTE_WON", 3)], ("DECLINED", 1)),
        ([("DISPUTE_LOST", 5), ("DECLINED", 4), ("HELD", 9)], ("DECLINED", 4)),
    ],
)
def test_what_counts_is_the_same_in_every_order(said: list[Said], counts: Said) -> None:
    reports = [
        StatusReport(status=status, external_id=str(day), occurred_at=NOON + timedelta(days=day))
        for status, day in said
    ]

    found = {
        (what_counts(order).status, int(what_counts(order).external_id))
        for order in permutations(reports)
    }

    assert found == {counts}


SAID = st.tuples(st.sampled_from(ReportedStatus), st.integers(1, 9))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), said=st.lists(SAID, min_size=1, max_size=4))
def test_two_orders_of_arrival_come_to_the_same_money(
    acme: Company, bob: Promoter, data: st.DataObject, said: list[Said]
) -> None:
    ends = []
    for _time in range(2):
        order = uuid4().hex
        happenings = data.draw(st.permutations(["order", *said]))
        for happening in happenings:
            if happening == "order":
                tell(acme, sale(order, click_token=click_of(bob)))
            else:
                say(acme, happening, order)
            if data.draw(st.booleans()):
                work(acme)
        work(acme)
        with merchant_context(acme.id):
            assert check_money(acme.id) == []
            kept = Commission.objects.filter(conversion__external_id=order)
            counted = kept.exclude(status="DECLINED").values_list("amount_minor", "status")
            earned = sum(amount for amount, _status in counted)
            row = Conversion.objects.get(external_id=order)
            ends.append((earned, row.status if earned else "nothing", row.reason if earned else ""))

    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ([(ReportedStatus.HELD, 1)], "HELD", Reason.HELD_BY_SOURCE),
        ([(ReportedStatus.DISPUTED, 1)], "HELD", Reason.DISPUTED),
        ([(ReportedStatus.HELD, 1), (ReportedStatus.DISPUTED, 2)], "HELD", Reason.DISPUTED),
        ([(ReportedStatus.DISPUTED, 1), (ReportedStatus.DISPUTE_WON, 2)], "PENDING", "on_hold"),
        ([(ReportedStatus.HELD, 1), (ReportedStatus.APPROVED, 2)], "APPROVED", ""),
        ([(ReportedStatus.DISPUTE_LOST, 1)], "DECLINED", Reason.DECLINED_BY_SOURCE),
    ],
)
def test_each_does_what_it_says(
    acme: Company, bob: Promoter, said: list[Said], status: str, reason: str
) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)))

    for one in said:
        say(acme, one)
        work(acme)

    conversion = again(acme, conversion)
    assert (conversion.status, conversion.reason) == (status, reason)
    assert lines(acme) == ([] if status == "DECLINED" else [1_000])


def test_after_the_approval_the_rest_is_taken_back_as_a_refund(
    acme: Company, bob: Promoter
) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)))
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        refund_order(acme, 3_000)
    work(acme)

    say(acme, (ReportedStatus.DISPUTE_LOST, 40))
    work(acme)
    say(acme, (ReportedStatus.DECLINED, 41))
    work(acme)
    refund_order(acme, 10_000, external_id="late")
    work(acme)

    assert lines(acme) == [1_000, -300, -700]
    assert again(acme, conversion).status == ConversionStatus.APPROVED
    with merchant_context(acme.id):
        assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [
            3_000,
            7_000,
            10_000,
        ]
        assert [row["payable_minor"] for row in balances(merchant_id=acme.id)] == [0]


def refund_order(company: Company, amount_minor: int, *, external_id: str = "r-1") -> None:
    """Refund part of o-1."""
    with merchant_context(company.id):
        record_refund_of_order(
            program=company.program,
            goal="sale",
            order_id="o-1",
            external_id=external_id,
            amount_minor=amount_minor,
            reason="",
            occurred_at=SALE_AT,
            by=SYSTEM,
            at=SALE_AT,
        )


def test_a_persons_hold_stands_against_a_system(acme: Company, bob: Promoter) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)))
    with merchant_context(acme.id):
        hold_conversion(conversion=conversion, reason="Odd", by=SYSTEM, at=SALE_AT)

    say(acme, (ReportedStatus.APPROVED, 1))
    work(acme)

    assert again(acme, conversion).reason == Reason.HELD_BY_MERCHANT


def test_a_repeat_is_one_fact(acme: Company) -> None:
    assert say(acme, (ReportedStatus.HELD, 1))
    assert not say(acme, (ReportedStatus.HELD, 1))


def test_a_status_of_a_browsers_word_counts_once_it_is_confirmed(
    acme: Company, bob: Promoter
) -> None:
    settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)
    say(acme, (ReportedStatus.APPROVED, 1))
    work(acme)
    assert lines(acme) == []

    conversion = settled(acme, sale(click_token=click_of(bob)))

    assert conversion.status == ConversionStatus.APPROVED
    assert lines(acme) == [1_000]


def test_a_tests_status_is_of_tests_alone(acme: Company, bob: Promoter) -> None:
    say(acme, (ReportedStatus.DECLINED, 1), is_test=True)

    settled(acme, sale(click_token=click_of(bob)))

    assert lines(acme) == [1_000]
