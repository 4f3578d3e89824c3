"""Tax in the console: who pays, what is asked, one affiliate's forms, papers and years."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from merchants.models import Event
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import MerchantTax, PayoutPolicy, TaxFault, TaxFormKind
from tests.cast import Company, Promoter, add_member, click_of, make_company, make_promoter, sell
from tests.console.conftest import SignIn, reauthenticate, words
from tests.payouts.documents.paying import LATER, finance, papers, pay
from tests.payouts.tax.signing import BOSTON, asks, sign

PAYER = {
    "legal_name": "Acme Chandlery GmbH",
    "street": "Hafenstraße 1",
    "postcode": "20457",
    "town": "Hamburg",
    "country": "DE",
    "vat_id": "de 129 273 398",
    "vat_bps": "19 %",
    "invoice_prefix": "acme",
}


def test_saves_in_whose_name_papers_are_issued(alice: Client, acme: Company) -> None:
    answer = alice.post(reverse("console:tax-payer"), PAYER)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        own = MerchantTax.objects.get()
        assert (own.vat_id, own.vat_bps, own.invoice_prefix) == ("DE129273398", 1_900, "ACME")
        assert Event.objects.filter(type="tax_details.changed").count() == 1
    assert "Acme Chandlery GmbH" in alice.get(reverse("console:tax")).content.decode()


def test_says_beside_the_field_what_is_wrong(alice: Client, acme: Company) -> None:
    answer = alice.post(reverse("console:tax-payer"), PAYER | {"vat_id": "DE129273399"})

    assert answer.status_code == 422
    assert "no VAT id of this country" in words(answer.content)
    with merchant_context(acme.id):
        assert not MerchantTax.objects.exists()


def test_invoices_need_somebody_in_whose_name(alice: Client, acme: Company) -> None:
    first = alice.post(reverse("console:tax-policy"), {"issues_invoices": "on"})
    alice.post(reverse("console:tax-payer"), PAYER)
    second = alice.post(
        reverse("console:tax-policy"), {"issues_invoices": "on", "withholding_bps": "24%"}
    )

    assert (first.status_code, second.status_code) == (422, 302)
    assert "First say in whose name" in words(first.content)
    with merchant_context(acme.id):
        policy = PayoutPolicy.objects.get()
        assert (policy.issues_invoices, policy.withholding_bps) == (True, 2_400)
        assert (policy.requires_tax_form, policy.adds_vat) == (False, False)


def test_an_affiliates_form_is_shown_masked_doubted_and_cleared(
    alice: Client, acme: Company, bob: Promoter
) -> None:
    asks(acme, BOSTON, requires_tax_form=True)
    form = sign(bob, TaxFormKind.W9)
    page = reverse("console:affiliate-tax", args=[bob.enrollment.id])
    shown = alice.get(page).content
    assert "…4399" in words(shown)
    assert b"536904399" not in shown
    assert "Can be paid" in words(shown)

    alice.post(
        reverse("console:tax-doubt", args=[bob.enrollment.id, form.id]), {"reason": "CP2100"}
    )

    assert "Not paid now" in words(alice.get(page).content)
    alice.post(reverse("console:tax-clear", args=[bob.enrollment.id, form.id]))
    assert "Can be paid" in words(alice.get(page).content)
    with merchant_context(acme.id):
        assert TaxFault.objects.get().cleared_at is not None


def test_papers_are_found_and_downloaded_by_who_may(
    alice: Client, acme: Company, bob: Promoter, sign_in: SignIn
) -> None:
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))
    (paper,) = papers(acme)
    ann = sign_in(add_member(acme, "Ann", Role.VIEWER).user)
    file = reverse("console:document", args=[paper.id])

    page = words(alice.get(reverse("console:documents"), {"q": "bob"}).content)
    none = words(alice.get(reverse("console:documents"), {"q": "carol"}).content)

    assert f"{paper.number} Commission statement Bob" in page
    assert paper.number not in none
    assert alice.get(file).content == paper.reveal()
    assert ann.get(reverse("console:documents")).status_code == 200
    assert ann.get(file).status_code == 403


@pytest.fixture
def boston() -> Company:
    """Return Acme of Boston with Rita, who was paid 2,000.00 dollars in 2026."""
    company = make_company("Acme", "Alice", currency="USD")
    asks(company, BOSTON)
    rita = make_promoter(company, "Rita")
    sign(rita, TaxFormKind.W9)
    sell(company, click=click_of(rita), amount_minor=2_000_000)
    pay(company, finance(company))
    return company


def test_a_year_says_whom_a_1099_is_due_to(
    boston: Company, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(LATER + timedelta(days=1))
    alice = sign_in(boston.owner.user)

    page = alice.get(reverse("console:annual")).content
    empty = alice.get(reverse("console:annual"), {"year": "2025"})
    export = alice.get(reverse("console:annual-export"), {"year": "2026"})

    text = words(page)
    assert "at or above US$2,000.00 for 2026" in text or "at or above $2,000.00 for 2026" in text
    assert "1099-NEC is due" in text
    assert "PayPal and Stripe does not count" in text
    assert b"536904399" not in page
    assert "Nobody was paid in 2025" in words(empty.content)
    assert b"Rita" in export.content
    assert alice.get(reverse("console:annual"), {"year": "x"}).status_code == 404


def test_numbers_in_full_only_after_signing_in_afresh(boston: Company, sign_in: SignIn) -> None:
    alice = sign_in(boston.owner.user)
    url = reverse("console:annual-filing")

    late = alice.post(url, {"year": "2026"})
    reauthenticate(alice)
    fresh = alice.post(url, {"year": "2026"})

    assert late["Location"].startswith("/accounts/reauthenticate/")
    assert b"536904399" in fresh.content
    with merchant_context(boston.id):
        assert Event.objects.filter(type="tax_numbers.exported").count() == 1
