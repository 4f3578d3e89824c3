"""Why money waits, and asking for it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from commissions.services import approve_due
from common.secrets import encrypt
from merchants.tenancy import merchant_context
from payouts.models import (
    Destination,
    PayoutTerms,
    Provider,
    Rail,
    Schedule,
    Withdrawal,
    WithdrawalStatus,
)
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.portal.people import browser_of

LATER = NOON + timedelta(days=40)
PAGE = reverse("portal:payouts")


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


def ask(company: Company, browser: Client, **more: str) -> str:
    """Ask for euros; return the page that follows."""
    url = reverse("portal:withdrawal-create", args=[company.id])
    return browser.post(url, {"currency": "EUR", **more}, follow=True).content.decode()


def take_balance(company: Company) -> None:
    """Let the merchant's product take balance."""
    with merchant_context(company.id):
        Rail.objects.create(
            merchant_id=company.id,
            provider=Provider.BALANCE,
            credentials=encrypt({}),
            masked="product.example",
            notice_token=f"token-{company.id}",
        )


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


def test_what_is_earned_may_be_taken_as_balance(acme: Company, bobs: Client) -> None:
    assert "Take it as balance" not in bobs.get(PAGE).content.decode()
    take_balance(acme)

    assert "Take €10.00 as balance at Acme?" in bobs.get(PAGE).content.decode()
    said = ask(acme, bobs, destination="BALANCE")

    assert "Asked for." in said
    assert "To the balance in the product" in said
    assert "Take it as balance" not in said
    with merchant_context(acme.id):
        assert Withdrawal.objects.get().destination == Destination.BALANCE


def test_without_an_account_of_the_product_there_is_no_balance(acme: Company, bobs: Client) -> None:
    said = ask(acme, bobs, destination="BALANCE")

    assert "Nothing can be taken as balance there." in said
    with merchant_context(acme.id):
        assert not Withdrawal.objects.exists()


def test_balance_needs_no_payout_method_and_may_be_taken_at_any_time(
    acme: Company, clock: Traveller
) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    take_balance(acme)
    sell(acme, click=click_of(dave))
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)
    browser = browser_of(dave.user)

    page = browser.get(PAGE).content.decode()

    assert "nobody knows where to pay you" in page
    assert "Ask for it" not in page
    assert "Take it as balance" in page
    assert "Asked for." in ask(acme, browser, destination="BALANCE")


def test_words_that_nobody_offers_are_money(acme: Company, bobs: Client) -> None:
    ask(acme, bobs, destination="the moon")

    with merchant_context(acme.id):
        assert Withdrawal.objects.get().destination == Destination.MONEY
