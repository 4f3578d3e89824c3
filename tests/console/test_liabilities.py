"""What the merchant owes, on its page and in its file."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from commissions.services import approve_due
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.conftest import SignIn

LATER = NOON + timedelta(days=40)


@pytest.fixture
def clock():
    """Stop the clock at LATER."""
    with time_machine.travel(LATER, tick=False):
        yield


def test_an_empty_balance_says_what_will_stand_there(acme: Company, sign_in: SignIn) -> None:
    page = sign_in(acme.owner.user).get(reverse("console:liabilities")).content.decode()

    assert "You owe nothing" in page


@pytest.mark.usefixtures("clock")
def test_what_is_owed_is_shown_and_exported(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    client = sign_in(acme.owner.user)

    page = client.get(reverse("console:liabilities")).content.decode()
    file = client.get(reverse("console:liabilities-export"))
    first, *others = csv.DictReader(io.StringIO(file.content.decode()))

    assert "€10.00 is due now" in page
    assert (first["currency"], first["due"], first["expected"]) == ("EUR", "10.00", "0.00")
    assert {row["due"] for row in others} == {"0.00"}
