"""Rails in the console: connect without showing secrets, look into what does not agree."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from commissions.services import approve_due
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, Finding, Rail
from payouts.services import approve_batch
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell
from tests.console.conftest import SignIn
from tests.console.rails import WISE, store_finding, store_rail

LATER = NOON + timedelta(days=40)


@pytest.fixture
def client(acme: Company, sign_in: SignIn) -> Client:
    """Return the owner's browser."""
    return sign_in(acme.owner.user)


def connect_url(provider: str) -> str:
    """Return the page that connects a provider."""
    return f"{reverse('console:rail-connect')}?provider={provider}"


def rail_of(company: Company) -> Rail:
    """Return the only rail in force."""
    with merchant_context(company.id):
        return Rail.objects.get(archived_at=None)


def test_what_a_provider_declares_is_asked(client: Client) -> None:
    page = client.get(connect_url("wise")).content.decode()

    assert 'name="profile"' in page
    assert 'name="token"' in page
    assert 'type="password"' in page
    assert '<textarea name="signing_key"' in page  # A key has lines.
    assert 'name="mode"' not in client.get(connect_url("sepa")).content.decode()


@pytest.mark.parametrize("provider", ["csv", "nobody", ""])
def test_what_needs_no_account_leads_back(client: Client, provider: str) -> None:
    assert client.get(connect_url(provider)).headers["Location"] == reverse("console:rails")


def test_a_rail_is_connected_and_its_secret_never_shown_again(
    acme: Company, client: Client
) -> None:
    answer = client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})

    assert answer.headers["Location"] == reverse("console:rails")
    assert rail_of(acme).reveal() == WISE
    for url in (reverse("console:rails"), connect_url("wise")):
        page = client.get(url).content.decode()
        assert WISE["profile"] in page
        assert WISE["token"] not in page


def test_a_secret_left_empty_stays(acme: Company, client: Client) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})

    answer = client.post(connect_url("wise"), {"mode": "SANDBOX", "profile": WISE["profile"]})

    assert answer.status_code == 302
    assert rail_of(acme).reveal() == WISE


def test_another_account_wants_its_own_secret(acme: Company, client: Client) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})

    answer = client.post(connect_url("wise"), {"mode": "LIVE", "profile": "99", "token": ""})

    assert answer.status_code == 422
    assert "This is needed." in answer.content.decode()
    assert rail_of(acme).masked == WISE["profile"]


def test_what_is_wrong_stands_beside_its_field_without_the_secret(client: Client) -> None:
    answer = client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE, "profile": "twelve"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "required form" in page
    assert "twelve" in page
    assert WISE["token"] not in page


def test_the_address_for_notices_is_shown_to_owners_alone(
    acme: Company, client: Client, sign_in: SignIn
) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})
    address = reverse("rails:notice", args=["wise", rail_of(acme).notice_token])

    assert address in client.get(reverse("console:rails")).content.decode()
    viewer = sign_in(add_member(acme, "Vic", Role.VIEWER).user)
    assert address not in viewer.get(reverse("console:rails")).content.decode()


def test_a_rail_is_disconnected(acme: Company, client: Client) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})
    rail = rail_of(acme)

    client.post(reverse("console:rail-archive", args=[rail.id]))

    with merchant_context(acme.id):
        assert not Rail.objects.filter(archived_at=None).exists()


def test_a_finding_shows_both_sides_and_is_resolved_with_a_reason(
    acme: Company, client: Client
) -> None:
    with merchant_context(acme.id):
        ids = store_rail(acme)
    resolve = reverse("console:finding-resolve", args=[ids["finding_id"]])

    page = client.get(reverse("console:rails")).content.decode()
    assert "T-4711" in page
    assert "€10.00" in page
    assert "Blocked by findings" in page

    assert client.post(resolve, {"reason": " "}).status_code == 422
    assert client.post(resolve, {"reason": "Paid by hand."}).status_code == 302

    page = client.get(reverse("console:rails")).content.decode()
    assert "Blocked by findings" not in page
    assert "Paid by hand." in page
    with merchant_context(acme.id):
        assert Finding.objects.get().resolved_by == acme.owner


# Batches over a rail -----------------------------------------------------------------------------


@pytest.fixture
def due(acme: Company, bob: Promoter, clock: Traveller) -> None:
    """Let Bob, who is paid to an IBAN, have 10.00 to be paid."""
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    clock.move_to(LATER)


def over_wise(company: Company, client: Client) -> Batch:
    """Prepare over Wise as the owner, let Finn approve; return the batch."""
    client.post(reverse("console:prepare"), {"currency": "EUR", "rail": "WISE"})
    finn = add_member(company, "Finn", Role.FINANCE)
    with merchant_context(company.id):
        return approve_batch(member=finn, batch=Batch.objects.get(), at=LATER)


@pytest.mark.usefixtures("due")
def test_only_rails_that_can_be_used_are_offered(client: Client) -> None:
    page = client.get(reverse("console:prepare")).content.decode()
    assert 'value="CSV"' in page
    assert 'value="WISE"' not in page

    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})

    assert 'value="WISE"' in client.get(reverse("console:prepare")).content.decode()


@pytest.mark.usefixtures("due")
def test_a_batch_over_a_rail_is_sent_by_a_call(acme: Company, client: Client) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})
    batch = over_wise(acme, client)

    client.post(reverse("console:batch-file", args=[batch.id]))

    page = client.get(reverse("console:batch", args=[batch.id])).content.decode()
    assert "We call Wise now" in page
    assert "Mark all paid" not in page  # Only Wise says so.
    with merchant_context(acme.id):
        assert Batch.objects.get().status == BatchStatus.SENT


@pytest.mark.usefixtures("due")
def test_an_open_finding_keeps_the_batch_and_says_where_to_look(
    acme: Company, client: Client
) -> None:
    client.post(connect_url("wise"), {"mode": "SANDBOX", **WISE})
    batch = over_wise(acme, client)
    with merchant_context(acme.id):
        store_finding(Rail.objects.get())

    client.post(reverse("console:batch-file", args=[batch.id]))

    page = client.get(reverse("console:batch", args=[batch.id])).content.decode()
    assert "Wise is blocked by 1 finding" in page
    with merchant_context(acme.id):
        assert Batch.objects.get().status == BatchStatus.APPROVED
