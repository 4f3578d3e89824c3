"""Refunds before and after their order: in whatever order they arrive, it ends the same."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissions.directory import merchants_with_orders_waited_for, merchants_with_refunds
from commissions.models import Commission
from commissions.services import approve_due, attach_waiting
from common.money import divide_half_even
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter, click_of, make_company, make_promoter
from tests.facts import SALE_AT, again, lines, sale, settled, tell, work
from tracking.models import Conversion, Refund, Source
from tracking.selectors import refunds_of, waiting_refunds_of
from tracking.services import TooMuchRefunded, UnknownGoal, record_refund, record_refund_of_order

LATER = NOON + timedelta(days=60)


def refund(
    company: Company,
    order: str,
    external_id: str,
    amount_minor: int,
    *,
    goal: str = "",
    is_test: bool = False,
) -> bool:
    """Refund an order by its id; return whether that is new."""
    with merchant_context(company.id):
        _row, is_new = record_refund_of_order(
            program=company.program,
            goal=goal,
            order_id=order,
            external_id=external_id,
            amount_minor=amount_minor,
            reason="",
            occurred_at=SALE_AT + timedelta(days=1),
            by=SYSTEM,
            at=SALE_AT,
            is_test=is_test,
        )
    return is_new


ORDER = "order"
HAPPENINGS = [ORDER, ("r-1", 3_000), ("r-2", 3_000), ("r-3", 4_000), "work", "work"]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    happenings=st.permutations(HAPPENINGS),
    repeated=st.lists(st.sampled_from(HAPPENINGS), max_size=3),
)
def test_in_any_order_and_however_often_it_ends_as_in_order(
    acme: Company, bob: Promoter, happenings: list[object], repeated: list[object]
) -> None:
    order = uuid4().hex

    for happening in [*happenings, *repeated]:
        if happening == ORDER:
            tell(acme, sale(order, click_token=click_of(bob)))
        elif isinstance(happening, tuple):
            refund(acme, order, *happening)
        else:
            work(acme)
    work(acme)

    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        earned = Commission.objects.filter(conversion__external_id=order)
        amounts = sorted(earned.values_list("amount_minor", flat=True))
        assert amounts == [-400, -300, -300, 1_000]
        kept = Refund.objects.filter(conversion__external_id=order, applied_at__isnull=False)
        assert kept.count() == 3
        assert not waiting_refunds_of(acme.id).filter(order_id=order).exists()


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    amounts=st.lists(st.integers(1, 9_000), min_size=1, max_size=4),
    early=st.integers(0, 4),
    approved=st.booleans(),
)
def test_what_is_taken_back_depends_on_the_sum_and_never_exceeds_the_order(
    acme: Company, bob: Promoter, amounts: list[int], early: int, approved: bool
) -> None:
    order = uuid4().hex
    for number, amount_minor in enumerate(amounts[:early]):
        refund(acme, order, f"r-{number}", amount_minor)
    tell(acme, sale(order, click_token=click_of(bob)))
    work(acme)
    if approved:
        approve_due(merchant_id=acme.id, at=LATER)
    for number, amount_minor in enumerate(amounts[early:], start=early):
        refund(acme, order, f"r-{number}", amount_minor)
    work(acme)

    refunded_minor = min(sum(amounts), 10_000)
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        earned = Commission.objects.filter(conversion__external_id=order)
        left_minor = sum(earned.values_list("amount_minor", flat=True))
    assert left_minor == 1_000 - divide_half_even(refunded_minor, 10)


def test_a_refund_waits_until_its_order_is_there(acme: Company, bob: Promoter) -> None:
    assert refund(acme, "o-1", "r-1", 5_000)
    assert not refund(acme, "o-1", "r-1", 5_000)
    work(acme)

    assert merchants_with_refunds() == []
    assert merchants_with_orders_waited_for() == []
    with merchant_context(acme.id):
        assert waiting_refunds_of(acme.id).count() == 1

    settled(acme, sale(click_token=click_of(bob)))

    assert lines(acme) == [1_000, -500]
    assert not refund(acme, "o-1", "r-1", 5_000)


def test_one_that_slipped_in_beside_its_order_is_found_by_the_sweep(
    acme: Company, bob: Promoter
) -> None:
    refund(acme, "o-1", "r-1", 5_000)
    refund(acme, "o-1", "r-2", 1_000)
    tell(acme, sale(click_token=click_of(bob)))
    with merchant_context(acme.id):  # Of which the first is known of the order already.
        _known, is_new = record_refund(
            conversion=Conversion.objects.get(),
            external_id="r-1",
            amount_minor=5_000,
            reason="",
            occurred_at=SALE_AT,
            by=SYSTEM,
            at=SALE_AT,
        )
    assert is_new
    assert merchants_with_orders_waited_for() == [acme.id]

    assert attach_waiting(merchant_id=acme.id, at=SALE_AT) == 1
    assert attach_waiting(merchant_id=acme.id, at=SALE_AT) == 0
    work(acme)

    assert lines(acme) == [1_000, -500, -100]
    assert merchants_with_orders_waited_for() == []


def test_by_the_conversion_more_than_is_left_is_still_refused(acme: Company) -> None:
    conversion = settled(acme, sale())
    refund(acme, "o-1", "r-1", 12_000)

    with merchant_context(acme.id), pytest.raises(TooMuchRefunded, match="0 is left"):
        record_refund(
            conversion=conversion,
            external_id="r-2",
            amount_minor=1,
            reason="",
            occurred_at=SALE_AT,
            by=SYSTEM,
            at=SALE_AT,
        )


def test_a_tests_refund_waits_for_a_test(acme: Company, bob: Promoter) -> None:
    refund(acme, "o-1", "r-1", 10_000, is_test=True)

    settled(acme, sale(click_token=click_of(bob)))
    assert lines(acme) == [1_000]

    test = settled(acme, sale(), is_test=True)
    with merchant_context(acme.id):
        assert [row.is_test for row in refunds_of(test)] == [True]
    assert lines(acme) == [1_000]


def test_without_a_goal_it_is_the_orders_else_a_sales(acme: Company) -> None:
    lead = settled(acme, sale("l-1", goal="lead"))
    refund(acme, "l-1", "r-1", 1)
    refund(acme, "unknown", "r-1", 1)

    with merchant_context(acme.id):
        assert [row.external_id for row in refunds_of(lead)] == ["r-1"]
        assert [row.goal.code for row in waiting_refunds_of(acme.id) if row.goal] == ["sale"]
        with pytest.raises(UnknownGoal):
            refund(acme, "o-1", "r-1", 1, goal="nope")


def test_each_merchants_orders_are_its_own(acme: Company, bob: Promoter) -> None:
    globex = make_company("Globex", "Gwen")
    make_promoter(globex, "Carol")
    refund(globex, "o-1", "r-1", 10_000)

    settled(acme, sale(click_token=click_of(bob)))
    work(globex)

    assert lines(acme) == [1_000]


def test_a_refunded_word_of_a_browser_is_taken_back_once_it_is_confirmed(
    acme: Company, bob: Promoter
) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)
    refund(acme, "o-1", "r-1", 5_000)
    work(acme)

    settled(acme, sale(click_token=click_of(bob)))

    assert again(acme, conversion).confirmed_at == SALE_AT
    assert lines(acme) == [1_000, -500]
