"""What is paid next: about how much, on which day, and where to; or how much is missing."""

from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from affiliates.models import Enrollment, Status
from affiliates.services import move_enrollment
from commissions.services import approve_due
from merchants.models import acting_user
from merchants.tenancy import affiliate_context, merchant_context
from payouts.methods import set_payout_method
from payouts.models import MethodKind, PayoutTerms, Schedule
from payouts.next_payouts import NextPayout, next_payouts
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.portal.people import browser_of, text_of

HELD_UNTIL = (NOON + timedelta(days=30)).date()  # Of what is sold at noon of 2 March.


def expected(promoter: Promoter) -> list[NextPayout]:
    """Return what the affiliate may expect, as of noon."""
    with affiliate_context(promoter.affiliate.id):
        return next_payouts(promoter.affiliate.id, at=NOON)


def set_terms(company: Company, **terms: object) -> None:
    """Give the program terms."""
    with merchant_context(company.id):
        PayoutTerms.objects.create(merchant_id=company.id, program=company.program, **terms)


def test_without_terms_it_is_the_day_on_which_the_hold_ends(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))

    assert expected(bob) == [NextPayout(acme.id, "EUR", 10_00, 0, HELD_UNTIL)]


def test_terms_collect_what_falls_due_on_one_day(acme: Company, bob: Promoter) -> None:
    set_terms(acme, schedule=Schedule.MONTHLY, net_days=15)
    sell(acme, click=click_of(bob))
    sell(acme, external_id="order-2", click=click_of(bob))

    (found,) = expected(bob)

    assert (found.amount_minor, f"{found.day}") == (20_00, "2026-05-16")


@pytest.mark.parametrize(
    ("minor_min", "missing_minor", "is_known"), [(10_00, 0, True), (25_00, 15_00, False)]
)
def test_below_the_smallest_payout_there_is_no_day(
    acme: Company, bob: Promoter, minor_min: int, missing_minor: int, is_known: bool
) -> None:
    set_terms(acme, minor_min=minor_min)
    sell(acme, click=click_of(bob))

    (found,) = expected(bob)

    assert (found.amount_minor, found.missing_minor) == (10_00, missing_minor)
    assert (found.day is not None) == is_known


def test_what_is_paid_when_asked_for_and_whom_nobody_pays_have_none(
    acme: Company, bob: Promoter
) -> None:
    dave = make_promoter(acme, "Dave")
    sell(acme, click=click_of(bob))
    sell(acme, external_id="order-2", click=click_of(dave))
    with merchant_context(acme.id):
        enrollment = Enrollment.objects.get(affiliate=bob.affiliate)
        move_enrollment(
            enrollment=enrollment,
            to=Status.SUSPENDED,
            by=acting_user(acme.owner.user),
            at=NOON,
            reason="Bids on our name.",
        )

    assert (len(expected(bob)), len(expected(dave))) == (0, 1)
    set_terms(acme, schedule=Schedule.ON_REQUEST)
    assert expected(dave) == []


def test_nobody_reads_of_the_money_of_others(acme: Company, bob: Promoter, carol: Promoter) -> None:
    sell(acme, click=click_of(bob))

    assert expected(carol) == []
    with affiliate_context(carol.affiliate.id):
        assert next_payouts(bob.affiliate.id, at=NOON) == []


@pytest.fixture
def seller(acme: Company, bob: Promoter, clock: Traveller) -> Promoter:
    """Return Bob, who is paid by PayPal and has sold for 100.00."""
    set_payout_method(
        affiliate=bob.affiliate,
        kind=MethodKind.PAYPAL,
        details={"holder": "Bob", "email": "bob@example.com"},
        at=NOON,
    )
    sell(acme, click=click_of(bob))
    return bob


def read(promoter: Promoter, page: str) -> str:
    """Return what the page says."""
    answer: Any = browser_of(promoter.user).get(page)
    return text_of(answer)


def let_the_hold_end(company: Company, clock: Traveller) -> None:
    """Move to where what was sold is approved."""
    later = NOON + timedelta(days=31)
    approve_due(merchant_id=company.id, at=later)
    clock.move_to(later)


def test_home_and_payouts_say_it_in_words(seller: Promoter) -> None:
    for page in ("/portal/", "/portal/payouts/"):
        assert "About €10.00 on 1 Apr, to PayPal b…@example.com" in read(seller, page)


def test_what_is_approved_waits_for_the_merchant(
    acme: Company, seller: Promoter, clock: Traveller
) -> None:
    let_the_hold_end(acme, clock)

    assert "About €10.00 as soon as the merchant pays" in read(seller, "/portal/payouts/")


def test_how_much_is_missing_stands_there(
    acme: Company, seller: Promoter, clock: Traveller
) -> None:
    set_terms(acme, minor_min=25_00)
    assert "€10.00 so far, €15.00 below the smallest payout" in read(seller, "/portal/")

    let_the_hold_end(acme, clock)

    said = read(seller, "/portal/payouts/")
    assert "Not yet: €15.00 below the smallest payout; it adds up" in said


def test_what_is_not_due_stands_there_whole(
    acme: Company, seller: Promoter, clock: Traveller
) -> None:
    set_terms(acme, schedule=Schedule.MONTHLY, net_days=15)
    let_the_hold_end(acme, clock)

    said = read(seller, "/portal/payouts/")
    assert "About €10.00 on 16 May" in said
    assert "€10.00 · Acme Not yet: not due yet" in said
