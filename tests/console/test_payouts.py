"""Payouts: a dry run, two people, one file, and proof for every payment."""

import hashlib
import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from commissions.services import approve_due
from merchants.models import Event, Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, Payout, PayoutStatus
from payouts.selectors import check_money
from payouts.services import preparing
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.console.conftest import SignIn, reauthenticate, words

LATER = NOON + timedelta(days=40)  # 11 April.
PREPARE = reverse("console:prepare")


@pytest.fixture
def finn(acme: Company) -> Member:
    """Return Acme's finance member."""
    return add_member(acme, "Finn", Role.FINANCE)


@pytest.fixture
def cashier(finn: Member, sign_in: SignIn) -> Client:
    """Return Finn's browser."""
    return sign_in(finn.user)


@pytest.fixture(autouse=True)
def due(acme: Company, bob: Promoter, clock: Traveller) -> None:
    """Let Bob have 10.00 to be paid, Dora 20.00, Dave 5.00 but no payout method."""
    dora, dave = make_promoter(acme, "Dora"), make_promoter(acme, "Dave", method=False)
    sell(acme, click=click_of(bob), external_id="S-1")
    sell(acme, click=click_of(dora), amount_minor=20_000)
    sell(acme, click=click_of(dave), amount_minor=5_000)
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)


def prepare(client: Client, company: Company) -> Batch:
    """Create a batch by the page; return it."""
    client.post(PREPARE, {"currency": "EUR"})
    return latest(company)


def latest(company: Company) -> Batch:
    with merchant_context(company.id):
        return Batch.objects.order_by("-number")[0]


def url(name: str, row: Batch | Payout) -> str:
    return reverse(f"console:{name}", args=[row.id])


def approve(client: Client, batch: Batch) -> None:
    reauthenticate(client)
    client.post(url("batch-approve", batch))


def sent(company: Company, cashier: Client, alice: Client) -> Batch:
    """Bring a batch as far as the bank; return it."""
    batch = prepare(cashier, company)
    approve(alice, batch)
    cashier.post(url("batch-file", batch))
    return latest(company)


def payouts(company: Company) -> list[Payout]:
    with merchant_context(company.id):
        return list(Payout.objects.order_by("reference"))


def test_the_dry_run_says_who_is_paid_and_who_is_not_and_stores_nothing(
    acme: Company, cashier: Client
) -> None:
    page = words(cashier.get(PREPARE).content)

    assert "EUR · €30.00 · 2 payouts" in page
    assert "Bob bob@example.com DE89 … 3000 1 €10.00" in page
    told = "Dave No payout method yet; the affiliate adds one in the portal Look at them €5.00"
    assert told in page
    with merchant_context(acme.id):
        assert not Batch.objects.exists()


def test_a_long_dry_run_is_announced_before_it_begins(
    cashier: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "LARGE", 1)

    first = cashier.get(PREPARE, {"rail": "CSV"}).content.decode()
    [later] = re.findall(r'hx-get="([^"]+now=1)"', first)

    assert "Working out who would be paid" in first
    assert "Bob" not in first
    assert "EUR · €30.00 · 2 payouts" in words(cashier.get(html.unescape(later)).content)


def test_a_batch_holds_what_the_dry_run_showed(acme: Company, cashier: Client) -> None:
    batch = prepare(cashier, acme)

    page = words(cashier.get(url("batch", batch)).content)

    assert "Waiting for approval €30.00 · 2 payouts" in page
    assert "FL-1-1" in page
    assert "Dave No payout method yet" in page
    assert "Batches to approve 1" in words(cashier.get(reverse("console:home")).content)


def test_nothing_due_is_said(acme: Company, cashier: Client) -> None:
    prepare(cashier, acme)

    again = cashier.post(PREPARE, {"currency": "EUR"}, follow=True)
    other = cashier.post(PREPARE, {"currency": "USD"}, follow=True)

    assert "Nobody can be paid now; the list says why." in words(again.content)
    assert "Nothing is due in that currency any more." in words(other.content)
    assert latest(acme).number == 1


# Two people --------------------------------------------------------------------------------------


def test_the_preparer_sees_why_the_button_is_not_theirs(acme: Company, cashier: Client) -> None:
    batch = prepare(cashier, acme)

    page = words(cashier.get(url("batch", batch)).content)

    assert "You prepared this batch, so another member approves it." in page
    assert "May approve: Alice." in page


def test_the_preparer_cannot_approve_even_by_hand(acme: Company, cashier: Client) -> None:
    batch = prepare(cashier, acme)

    approve(cashier, batch)

    assert latest(acme).status == BatchStatus.DRAFT


def test_approving_asks_for_the_password_first(
    acme: Company, cashier: Client, alice: Client
) -> None:
    batch = prepare(cashier, acme)

    answer = alice.post(url("batch-approve", batch))

    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert latest(acme).status == BatchStatus.DRAFT


def test_a_second_person_with_a_fresh_password_approves(
    acme: Company, cashier: Client, alice: Client
) -> None:
    batch = prepare(cashier, acme)

    approve(alice, batch)

    assert latest(acme).status == BatchStatus.APPROVED
    page = words(alice.get(url("batch", batch)).content)
    assert "Prepared by Finn" in page
    assert "Approved by Alice" in page
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


def test_after_the_password_the_approval_goes_on_by_itself(
    acme: Company, cashier: Client, alice: Client
) -> None:
    batch = prepare(cashier, acme)
    asked = alice.post(url("batch-approve", batch))

    alice.post(asked.headers["Location"], {"password": "correct horse battery"})

    assert latest(acme).status == BatchStatus.APPROVED


def test_without_a_second_person_the_page_says_what_is_missing(
    acme: Company, alice: Client
) -> None:
    batch = prepare(alice, acme)

    assert "Nobody else may approve" in words(alice.get(url("batch", batch)).content)


def test_a_cancelled_batch_gives_its_commissions_back(acme: Company, cashier: Client) -> None:
    batch = prepare(cashier, acme)

    cashier.post(url("batch-cancel", batch))

    assert latest(acme).status == BatchStatus.CANCELLED
    assert "€30.00 · 2 payouts" in words(cashier.get(PREPARE).content)


# The file ----------------------------------------------------------------------------------------


def test_the_file_is_made_once_and_its_hash_is_shown(
    acme: Company, cashier: Client, alice: Client, clock: Traveller
) -> None:
    batch = prepare(cashier, acme)
    approve(alice, batch)

    made = cashier.post(url("batch-file", batch))
    first = cashier.get(url("batch-file", batch))
    clock.shift(timedelta(hours=3))
    cashier.post(url("batch-file", batch))
    again = cashier.get(url("batch-file", batch))

    assert made.headers["Location"] == url("batch", batch) + "?download=1"
    assert (
        f'content="0;url={url("batch-file", batch)}"'
        in cashier.get(made.headers["Location"]).content.decode()
    )
    assert first.content == again.content
    assert b"FL-1-1,Bob,bank,Bob,DE89370400440532013000,10.00,EUR" in first.content
    assert first.headers["Content-Disposition"] == 'attachment; filename="payouts-1-EUR.csv"'
    assert "no-store" in first.headers["Cache-Control"]
    page = words(cashier.get(url("batch", batch)).content)
    assert hashlib.sha256(first.content).hexdigest() in page
    assert latest(acme).status == BatchStatus.SENT


def test_no_file_before_the_approval(acme: Company, cashier: Client) -> None:
    batch = prepare(cashier, acme)

    assert cashier.get(url("batch-file", batch)).status_code == 404
    answer = cashier.post(url("batch-file", batch), follow=True)

    assert "Nothing was changed" in words(answer.content)
    assert latest(acme).status == BatchStatus.DRAFT


# Paid or not -------------------------------------------------------------------------------------


def test_one_payout_is_marked_paid_with_its_proof(
    acme: Company, cashier: Client, alice: Client
) -> None:
    sent(acme, cashier, alice)
    bob = payouts(acme)[0]

    cashier.post(url("payout-paid", bob), {"reference": "B-7", "paid_on": "2026-04-10"})

    assert payouts(acme)[0].status == PayoutStatus.PAID
    page = words(cashier.get(url("payout", bob)).content)
    assert "Bank reference B-7 Paid on 10 Apr 2026" in page
    assert "S-1" in page
    assert latest(acme).status == BatchStatus.SENT
    with merchant_context(acme.id):
        assert check_money(acme.id) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"reference": " ", "paid_on": "2026-04-10"}, "This field is required."),
        ({"reference": "B-7", "paid_on": "2026-04-12"}, "That day has not come yet."),
        ({"reference": "B-7", "paid_on": "soon"}, "Enter a valid date."),
    ],
)
def test_a_payment_without_proof_is_none(
    acme: Company, cashier: Client, alice: Client, facts: dict[str, str], said: str
) -> None:
    sent(acme, cashier, alice)

    answer = cashier.post(url("payout-paid", payouts(acme)[0]), facts)

    assert answer.status_code == 422
    assert said in words(answer.content)
    assert payouts(acme)[0].status == PayoutStatus.SUBMITTED


def test_one_transfer_does_not_prove_two_payouts(
    acme: Company, cashier: Client, alice: Client
) -> None:
    sent(acme, cashier, alice)
    bob, dora = payouts(acme)
    proof = {"reference": "B-7", "paid_on": "2026-04-10"}

    cashier.post(url("payout-paid", bob), proof)
    answer = cashier.post(url("payout-paid", dora), proof)

    assert "Another payout has this reference already." in words(answer.content)
    assert payouts(acme)[1].status == PayoutStatus.SUBMITTED


def test_a_failed_payout_can_be_paid_by_a_later_batch(
    acme: Company, cashier: Client, alice: Client
) -> None:
    sent(acme, cashier, alice)

    cashier.post(url("payout-failed", payouts(acme)[0]), {"reason": "Account closed"})

    failed = payouts(acme)[0]
    assert (failed.status, failed.status_reason) == (PayoutStatus.FAILED, "Account closed")
    assert "EUR · €10.00 · 1 payout" in words(cashier.get(PREPARE).content)


def test_a_whole_batch_is_marked_paid_and_says_how_much_before(
    acme: Company, cashier: Client, alice: Client
) -> None:
    batch = sent(acme, cashier, alice)
    page = words(cashier.get(url("batch", batch)).content)
    assert "2 payouts of €30.00 are noted as paid" in page
    assert "Payouts to mark paid 2" in words(cashier.get(reverse("console:home")).content)

    cashier.post(url("batch-paid", batch), {"reference": "B-17", "paid_on": "2026-04-11"})

    assert [payout.provider_ref for payout in payouts(acme)] == ["B-17-1", "B-17-2"]
    assert latest(acme).status == BatchStatus.DONE
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
        assert Event.objects.filter(type="payout.paid").count() == 2


def test_progress_is_asked_again_while_the_batch_moves_and_then_no_more(
    acme: Company, cashier: Client, alice: Client
) -> None:
    batch = sent(acme, cashier, alice)
    moving = cashier.get(url("batch-status", batch)).content.decode()
    cashier.post(url("batch-paid", batch), {"reference": "B-17", "paid_on": "2026-04-11"})
    done = cashier.get(url("batch-status", batch)).content.decode()

    assert "every 5s" in moving
    assert "0 of 2" in moving
    assert "every" not in done


def test_an_empty_list_explains_batches(acme: Company, alice: Client) -> None:
    assert "No payout yet" in words(alice.get(reverse("console:payouts")).content)


def test_only_who_may_prepare_payouts_gets_the_file_with_its_accounts(
    acme: Company, cashier: Client, alice: Client, sign_in: SignIn
) -> None:
    batch = sent(acme, cashier, alice)
    viewer = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    assert viewer.get(url("batch-file", batch)).status_code == 403
    assert "http-equiv" not in viewer.get(url("batch", batch) + "?download=1").content.decode()
