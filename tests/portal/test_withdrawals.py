"""Why money waits, and asking for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller, travel

from commissions.services import approve_due
from merchants.tenancy import merchant_context
from payouts.models import PayoutTerms, Schedule, Withdrawal, WithdrawalStatus
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.portal.people import browser_of

LATER = NOON + timedelta(days=40)
PAGE = reverse("portal:payouts")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """Let the clock stand still at noon of 2 March."""
    with travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bobs(acme: Company, bob: Promoter, clock: Traveller) -> Client:
    """Return Bob's browser; 10.00 of his are approved, and paid when he asks, for 0.50."""
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)
    with merchant_context(acme.id):
        PayoutTerms.objects.create(
            merchant_id=acme.id,
            program=acme.program,
            schedule=Schedule.ON_REQUEST,
            request_fee_minor=50,
        )
    return browser_of(bob.user)


def ask(company: Company, browser: Client) -> str:
    """Ask for euros; return the page that follows."""
    url = reverse("portal:withdrawal-create", args=[company.id])
    return browser.post(url, {"currency": "EUR"}, follow=True).content.decode()


def test_the_fee_stands_there_before_anybody_asks(bobs: Client) -> None:
    page = bobs.get(PAGE).content.decode()

    assert "paid when you ask for it" in page
    assert "A request costs €0.50, so you get €9.50." in page


def test_asking_once_is_enough_and_it_can_be_taken_back(acme: Company, bobs: Client) -> None:
    assert "Asked for." in ask(acme, bobs)
    assert "You have asked for it already." in ask(acme, bobs)
    with merchant_context(acme.id):
        asked = Withdrawal.objects.get()
    assert (asked.expected_minor, asked.fee_minor) == (10_00, 50)

    page = bobs.post(reverse("portal:withdrawal-cancel", args=[asked.id]), follow=True)

    assert "Taken back." in page.content.decode()
    with merchant_context(acme.id):
        assert Withdrawal.objects.get().status == WithdrawalStatus.CANCELLED


def test_who_has_no_method_reads_why_and_where_to_add_one(acme: Company, clock: Traveller) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    sell(acme, click=click_of(dave))
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)

    page = browser_of(dave.user).get(PAGE).content.decode()

    assert "nobody knows where to pay you" in page
    assert reverse("portal:payout-method") in page
