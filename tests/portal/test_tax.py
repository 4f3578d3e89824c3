"""Tax in the portal: one question at a time, signed by who proves who they are."""

import pytest
from django.test import Client
from django.urls import reverse

from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import SelfBillingAgreement, TaxFormKind, TaxProfile
from tests.cast import PASSWORD, Company, Promoter, click_of, sell
from tests.payouts.documents.paying import LATER, finance, papers, pay
from tests.payouts.tax.signing import BOSTON, agree, asks, sign
from tests.payouts.tax.test_forms import GOOD
from tests.portal.people import browser_of, errors_of, text_of

SIGNED = {"signed_name": "Bob Bowline", "is_true": "on", "is_electronic": "on"}


@pytest.fixture
def browser(bob: Promoter) -> Client:
    """Return Bob's browser, in which he has just given his password."""
    found = browser_of(bob.user)
    answer = found.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return found


def form_url(**said: str) -> str:
    """Return the address of a form."""
    query = {"payer": "other", "country": "DE", "who": "person"} | said
    return f"{reverse('portal:tax-sign')}?" + "&".join(f"{k}={v}" for k, v in query.items())


def test_each_answer_leads_to_the_next_question(browser: Client) -> None:
    start = reverse("portal:tax-form")

    first = browser.get(start)
    second = browser.get(start, {"payer": "us", "country": "IN"})
    american = browser.get(start, {"payer": "other", "country": "US"})

    assert "Where do you pay tax?" in text_of(first)
    assert "Who are you?" in text_of(second)
    assert form_url(payer="us", country="IN", who="business") in second.content.decode().replace(
        "&amp;", "&"
    )
    assert american["Location"] == form_url(country="US")
    assert browser.get(start, {"payer": "mars"}).status_code == 404
    assert browser.get(start, {"country": "XX"}).status_code == 200


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"payer": "us", "country": "IN", "who": "person"}, "W-8BEN ("),
        ({"payer": "us", "country": "IN", "who": "business"}, "W-8BEN-E"),
        ({"payer": "us", "country": "US"}, "W-9"),
        ({"who": "business"}, "Business outside the United States"),
        ({"who": "person"}, "Private person outside the United States"),
    ],
)
def test_the_right_form_follows(browser: Client, said: dict[str, str], title: str) -> None:
    assert title in text_of(browser.get(form_url(**said)))


@pytest.mark.parametrize("kind", TaxFormKind)
def test_a_form_is_signed_and_its_number_never_shown_again(
    browser: Client, bob: Promoter, kind: TaxFormKind
) -> None:
    country, said = GOOD[kind]
    payer = "us" if kind.value.startswith("W") else "other"
    who = "business" if kind in (TaxFormKind.W8BENE, TaxFormKind.BUSINESS) else "person"

    answer = browser.post(form_url(payer=payer, country=country, who=who), {**said, **SIGNED})

    assert (answer.status_code, answer["Location"]) == (302, reverse("portal:tax"))
    with affiliate_context(bob.affiliate.id):
        profile = TaxProfile.objects.get()
    assert (profile.kind, profile.signed_name) == (kind, "Bob Bowline")
    assert (profile.signed_by_id, profile.signed_ip) == (bob.user.id, "203.0.113.7")
    page = browser.get(reverse("portal:tax")).content.decode()
    for number in ("536904399", "536-90-4399", "ABCPR1234K"):
        assert number not in page


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(
    browser: Client, bob: Promoter
) -> None:
    _country, said = GOOD[TaxFormKind.BUSINESS]

    answer = browser.post(
        form_url(who="business"), {**said, "vat_id": "DE136695977", "signed_name": "Bob"}
    )

    assert answer.status_code == 422
    assert any("no VAT id of this country" in error for error in errors_of(answer))
    assert len(errors_of(answer)) == 3  # And the two ticks.
    assert "Hafenstraße 1" in answer.content.decode()
    with affiliate_context(bob.affiliate.id):
        assert not TaxProfile.objects.exists()


def test_a_form_posted_too_late_is_asked_for_again_and_kept_nowhere(bob: Promoter) -> None:
    browser = browser_of(bob.user)
    _country, said = GOOD[TaxFormKind.W9]

    answer = browser.post(form_url(country="US"), {**said, **SIGNED})

    assert answer.status_code == 302
    assert answer["Location"] == form_url(country="US")
    assert said["tax_id"] not in str(dict(browser.session))


def test_the_page_says_what_each_merchant_needs(
    browser: Client, acme: Company, bob: Promoter
) -> None:
    asks(acme, BOSTON, requires_tax_form=True)

    before = text_of(browser.get(reverse("portal:tax")))
    waiting = text_of(browser.get(reverse("portal:payouts")))
    sign(bob, TaxFormKind.W8BEN)
    after = text_of(browser.get(reverse("portal:tax")))
    payouts = text_of(browser.get(reverse("portal:payouts")))

    assert "For merchants in the United States" in before
    assert "A tax form is needed" in before
    assert "A tax form is needed" not in after
    assert "Valid until" in after
    assert "Acme cannot pay you yet" in waiting
    assert "Acme cannot pay you yet" not in payouts


def test_self_billing_is_read_agreed_to_and_ended(
    browser: Client, acme: Company, bob: Promoter
) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS)
    url = reverse("portal:self-billing", args=[acme.id])

    text = text_of(browser.get(url))
    agreed = browser.post(url)

    assert "Acme Chandlery GmbH" in text
    assert agreed.status_code == 302
    with merchant_context(acme.id):
        agreement = SelfBillingAgreement.objects.get()
    assert (agreement.accepted_by_id, agreement.ip) == (bob.user.id, "203.0.113.7")
    browser.post(reverse("portal:self-billing-end", args=[acme.id]))
    with merchant_context(acme.id):
        assert SelfBillingAgreement.objects.get().ended_at is not None


def test_papers_are_listed_and_given_out_unchanged(
    browser: Client, acme: Company, bob: Promoter
) -> None:
    sell(acme, click=click_of(bob))
    pay(acme, finance(acme))
    (paper,) = papers(acme, at=LATER)

    page = text_of(browser.get(reverse("portal:documents")))
    file = browser.get(reverse("portal:document", args=[paper.id]))

    assert f"{paper.number} Commission statement Acme €10.00" in page
    assert "2026 Acme €10.00" in page
    assert file["Content-Type"] == "application/pdf"
    assert file.content == paper.reveal()
    assert "no-store" in file["Cache-Control"]


def test_who_agreed_before_is_told_when(browser: Client, acme: Company, bob: Promoter) -> None:
    asks(acme, issues_invoices=True)
    sign(bob, TaxFormKind.BUSINESS)
    agree(bob, acme)

    assert "You agreed on" in text_of(browser.get(reverse("portal:self-billing", args=[acme.id])))
