"""Bank statements in the console: looked at, applied, forgotten."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from merchants.tenancy import OPS
from payouts.models import Payout, PayoutStatus, Statement, StatementLine
from tests.cast import Company, Promoter
from tests.console.conftest import SignIn, words
from tests.payouts.statements.conftest import LATER, handed_over
from tests.payouts.statements.samples import Booking, camt

LIST, NEW = reverse("console:statements"), reverse("console:statement-create")
BOB = Booking("10.00", "FL-1-1", "B-1")
RENT = Booking("700.00", "RENT", "B-0")


@pytest.fixture
def cashier(acme: Company, bob: Promoter, sign_in: SignIn, clock: Traveller) -> Client:
    """Return Finn's browser, after a batch of Bob's and Dora's went to the bank."""
    finn = handed_over(acme, bob).finn
    clock.move_to(LATER)
    return sign_in(finn.user)


def upload(browser: Client, content: bytes, name: str = "march.xml") -> str:
    """Upload a file; return where that leads."""
    answer = browser.post(NEW, {"file": SimpleUploadedFile(name, content)})
    return answer.headers.get("Location", words(answer.content))


def test_a_statement_is_looked_at_and_then_applied(cashier: Client) -> None:
    page = upload(cashier, camt([RENT, BOB]))
    looked_at = words(cashier.get(page).content)

    assert "Nothing is settled yet." in looked_at
    assert "1 payout is settled as the bank says." in looked_at
    assert "FL-1-1 Bob" in looked_at
    assert not StatementLine.objects.using(OPS).exists()

    applied = words(cashier.post(f"{page}apply/", follow=True).content)

    assert "Applied: what it proves is settled." in applied
    assert "Nothing is settled yet." not in applied
    assert Payout.objects.using(OPS).get(reference="FL-1-1").status == PayoutStatus.PAID
    only = words(cashier.get(f"{page}?outcome=NOT_OURS").content)
    assert "RENT" in only
    assert "FL-1-1" not in only
    assert "march.xml camt.053 Applied" in words(cashier.get(LIST).content)


def test_a_statement_can_be_forgotten(cashier: Client) -> None:
    page = upload(cashier, camt([BOB]))

    answer = words(cashier.post(f"{page}discard/", follow=True).content)

    assert "Forgotten." in answer
    assert "No statement yet" in answer
    assert not Statement.objects.using(OPS).exists()


def test_a_file_that_cannot_be_read_says_in_which_line(cashier: Client) -> None:
    said = upload(cashier, b"date,amount,currency,reference\nsoon,1.00,EUR,a\n", "march.csv")

    assert "Line 2: Write the date as 2026-03-31: soon" in said
    assert not Statement.objects.using(OPS).exists()


def test_what_differs_stands_out(cashier: Client) -> None:
    page = upload(cashier, camt([Booking("10.01", "FL-1-1", "B-1")]))

    said = words(cashier.get(page).content)

    assert "Some bookings differ from what we know." in said
    assert "The amount differs." in said
