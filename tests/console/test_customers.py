"""Customers: found, told who brought them, erased."""

import pytest
from django.test import Client
from django.urls import reverse

from merchants.models import acting_user
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, settle
from tests.console.arrivals import store_customer
from tests.console.conftest import SignIn, words
from tracking.models import Conversion, Customer
from tracking.services import ConversionReport, CustomerReport, record_conversion

LIST = reverse("console:customers")


def found(client: Client, **query: str) -> list[str]:
    """Return the ids of the customers that are listed."""
    table = client.get(LIST, query).context["table"]
    return [row.record.external_id for row in table.page.object_list]


@pytest.fixture
def sale(acme: Company, bob: Promoter) -> Conversion:
    """Return a sale to customer C-1, whom Bob brought."""
    report = ConversionReport(
        goal="sale",
        external_id="S-1",
        amount_minor=10_000,
        currency="EUR",
        occurred_at=NOON,
        click_token=click_of(bob),
        customer=CustomerReport("C-1", country="DE"),
    )
    with merchant_context(acme.id):
        conversion, _is_new = record_conversion(
            program=acme.program, report=report, by=acting_user(acme.owner.user), at=NOON
        )
    settle(acme, at=NOON)
    return conversion


def test_the_list_says_who_brought_them_and_what_they_bought(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    store_customer(acme, external_id="C-2")

    page = words(alice.get(LIST).content)

    assert "C-1 DE" in page
    assert "Bob Click 1" in page
    assert "Nobody 0" in page


def test_customers_are_found_by_id_and_by_who_brought_them(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    store_customer(acme, external_id="C-2")

    assert found(alice, q="C-2") == ["C-2"]
    assert found(alice, q="C-") == []
    assert found(alice, bound="yes") == ["C-1"]
    assert found(alice, bound="no") == ["C-2"]


def test_a_customer_shows_every_binding_and_conversion(
    acme: Company, bob: Promoter, sale: Conversion, alice: Client
) -> None:
    dora = make_promoter(acme, "Dora")
    customer = store_customer(acme, dora, external_id="C-9")

    page = words(alice.get(reverse("console:customer", args=[customer.id])).content)
    assert "Dora" in page
    assert "None yet." in page

    page = words(alice.get(reverse("console:customer", args=[sale.customer_id])).content)
    assert "S-1 Sale" in page
    assert "Bob" in page


def test_an_erased_customer_leaves_the_conversion(
    acme: Company, sale: Conversion, alice: Client
) -> None:
    answer = alice.post(reverse("console:customer-erase", args=[sale.customer_id]), follow=True)

    assert "Erased. Conversions and commissions stay" in words(answer.content)
    with merchant_context(acme.id):
        customer = Customer.objects.get(conversions=sale)
        assert Conversion.objects.filter(customer=customer).count() == 1
    assert customer.erased_at is not None
    assert "C-1" not in customer.external_id
    assert found(alice, q="C-1") == []
    page = words(alice.get(reverse("console:customer", args=[customer.id])).content)
    assert "This customer was erased." in page


def test_a_viewer_is_offered_no_erasing(acme: Company, sale: Conversion, sign_in: SignIn) -> None:
    viewer = sign_in(add_member(acme, "Vic", Role.VIEWER).user)

    page = viewer.get(reverse("console:customer", args=[sale.customer_id])).content.decode()

    assert 'data-dialog-open="erase"' not in page


def test_another_merchants_customers_are_not_ours(globex: Company, alice: Client) -> None:
    customer = store_customer(globex, external_id="G-1")

    assert found(alice) == []
    for name, method in (("customer", "get"), ("customer-erase", "post")):
        url = reverse(f"console:{name}", args=[customer.id])
        assert getattr(alice, method)(url).status_code == 404
