"""A draft batch: who leaves it, who comes back, and who may sign it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from commissions.services import approve_due
from merchants.models import Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, Exclusion, Payout
from payouts.selectors import check_money
from payouts.services import set_approval_limit
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.console.conftest import SignIn, reauthenticate, words

LATER = NOON + timedelta(days=40)


@pytest.fixture
def finn(acme: Company) -> Member:
    """Return Acme's finance member."""
    return add_member(acme, "Finn", Role.FINANCE)


@pytest.fixture
def cashier(finn: Member, sign_in: SignIn) -> Client:
    """Return Finn's browser."""
    return sign_in(finn.user)


@pytest.fixture(autouse=True)
def dora(acme: Company, bob: Promoter, clock: Traveller) -> Promoter:
    """Let Bob have 10.00 to be paid, Dora 20.00, Dave 5.00 but no payout method; return Dora."""
    dora, dave = make_promoter(acme, "Dora"), make_promoter(acme, "Dave", method=False)
    for promoter, amount_minor in ((bob, 10_000), (dora, 20_000), (dave, 5_000)):
        sell(acme, click=click_of(promoter), amount_minor=amount_minor)
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)
    return dora


@pytest.fixture
def batch(acme: Company, dora: Promoter, cashier: Client) -> Batch:
    """Return a batch that Finn prepared: Bob and Dora are in it, Dave is not."""
    cashier.post(reverse("console:prepare"), {"currency": "EUR"})
    return again(acme)


def again(company: Company) -> Batch:
    with merchant_context(company.id):
        assert check_money(company.id) == []
        return Batch.objects.get()


def url(name: str, row: Batch) -> str:
    return reverse(f"console:{name}", args=[row.id])


def take_out(client: Client, batch: Batch, promoter: Promoter, **facts: str) -> str:
    chosen = {"action": "take_out", "selected": str(promoter.affiliate.id), **facts}
    return words(client.post(url("batch-edit", batch), chosen, follow=True).content)


def put_back(client: Client, batch: Batch, *promoters: Promoter) -> str:
    chosen = {"action": "put_back", "selected": [str(one.affiliate.id) for one in promoters]}
    return words(client.post(url("batch-edit", batch), chosen, follow=True).content)


def test_before_anybody_leaves_the_page_says_what_it_is_about(
    acme: Company, cashier: Client, batch: Batch, dora: Promoter
) -> None:
    page = take_out(cashier, batch, dora)

    assert "Take 1 affiliate out?" in page
    assert "Taken out €20.00" in page
    assert "Left in the batch 1 payout of €10.00" in page
    assert again(acme).amount_minor == 30_00


def test_whoever_is_taken_out_stands_there_with_the_reason_and_the_totals_follow(
    acme: Company, cashier: Client, batch: Batch, dora: Promoter
) -> None:
    page = take_out(cashier, batch, dora, confirmed="1", reason="Asked to wait")

    assert "1 affiliate is out; the batch comes to €10.00." in page
    assert "Waiting for approval €10.00 · 1 payout" in page
    assert "Dora Taken out of the batch Asked to wait €20.00" in page
    assert (again(acme).items, again(acme).amount_minor) == (1, 10_00)


def test_whoever_is_put_back_is_paid_by_this_batch(
    acme: Company, cashier: Client, batch: Batch, dora: Promoter
) -> None:
    take_out(cashier, batch, dora, confirmed="1")

    page = put_back(cashier, batch, dora)

    assert "1 affiliate is back; the batch comes to €30.00." in page
    assert again(acme).items == 2


def test_whoever_still_cannot_be_paid_stays_out(
    acme: Company, cashier: Client, batch: Batch, dora: Promoter
) -> None:
    everybody = {"action": "put_back", "all": "1"}

    page = words(cashier.post(url("batch-edit", batch), everybody, follow=True).content)

    assert "1 stays out: the list says why." in page
    assert "No payout method yet" in page
    assert again(acme).items == 2


def test_all_that_the_address_finds_can_be_taken_out_at_once(
    acme: Company, cashier: Client, batch: Batch
) -> None:
    chosen = {"action": "take_out", "all": "1"}

    page = words(cashier.post(url("batch-edit", batch) + "?q=dor", chosen).content)

    assert "Take 1 affiliate out?" in page
    assert "Dora" in page


def test_of_two_who_take_out_the_same_the_second_is_told(
    acme: Company, cashier: Client, batch: Batch, dora: Promoter
) -> None:
    take_out(cashier, batch, dora, confirmed="1")

    page = take_out(cashier, batch, dora, confirmed="1")

    assert "Nothing was changed: somebody else edited it meanwhile." in page
    with merchant_context(acme.id):
        assert Exclusion.objects.filter(affiliate=dora.affiliate).count() == 1


def test_an_approved_batch_is_not_edited(
    acme: Company, cashier: Client, alice: Client, batch: Batch, dora: Promoter
) -> None:
    reauthenticate(alice)
    alice.post(url("batch-approve", batch))

    page = take_out(cashier, batch, dora, confirmed="1")

    assert "Nothing was changed" in page
    assert 'name="selected"' not in cashier.get(url("batch", batch)).content.decode()
    with merchant_context(acme.id):
        assert Payout.objects.count() == 2


def test_a_batch_without_anybody_cannot_be_approved_and_says_so(
    acme: Company, cashier: Client, alice: Client, batch: Batch
) -> None:
    chosen = {"action": "take_out", "all": "1", "confirmed": "1"}
    with merchant_context(acme.id):
        ids = list(Payout.objects.values_list("affiliate_id", flat=True))
    cashier.post(url("batch-edit", batch), {**chosen, "selected": [str(id) for id in ids]})
    reauthenticate(alice)

    page = words(alice.post(url("batch-approve", batch), follow=True).content)

    assert "Nobody is in it" in page
    assert again(acme).status == BatchStatus.DRAFT


# Who signs ---------------------------------------------------------------------------------------


def test_within_the_limit_the_preparer_approves_and_is_told_why_they_may(
    acme: Company, cashier: Client, batch: Batch
) -> None:
    with merchant_context(acme.id):
        set_approval_limit(member=acme.owner, currency="EUR", amount_minor=30_00, at=LATER)

    page = words(cashier.get(url("batch", batch)).content)
    reauthenticate(cashier)
    cashier.post(url("batch-approve", batch))

    assert "You prepared it yourself; up to €30.00 one member may do both." in page
    assert again(acme).status == BatchStatus.APPROVED


def test_above_the_limit_the_page_says_why_not_and_who_can(
    acme: Company, cashier: Client, batch: Batch
) -> None:
    with merchant_context(acme.id):
        set_approval_limit(member=acme.owner, currency="EUR", amount_minor=29_99, at=LATER)

    page = cashier.get(url("batch", batch)).content

    assert "You prepared it and it is above €29.99, so another member approves it." in words(page)
    assert "May approve: Alice." in words(page)
    assert "Approve batch" not in words(page)
    assert " disabled" not in page.decode()
