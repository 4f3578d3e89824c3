"""The payout method and the profile: masked, checked, and hard to change for a thief."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from affiliates.models import Affiliate, AffiliateUser
from common.clock import now
from interfaces.portal.tasks import tell_of_methods
from merchants.tenancy import OPS, affiliate_context
from payouts.models import PayoutMethod
from tests.cast import PASSWORD, Company, Promoter, make_promoter, make_user
from tests.portal.people import browser_of, errors_of, text_of

CHANGE = "/portal/payout-method/change/"
OTHER_IBAN = "GB82 WEST 1234 5698 7654 32"
BANK = {
    "kind": "BANK",
    "holder": "Bob",
    "bank-iban": OTHER_IBAN,
    "bank-town": "London",
    "bank-country": "GB",
    "paypal-email": "",
}
STORED = {"holder": "Bob", "iban": "GB82WEST12345698765432", "town": "London", "country": "GB"}


def proven(promoter: Promoter) -> Client:
    """Return a browser whose user has just typed the password again."""
    browser = browser_of(promoter.user)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": CHANGE})
    return browser


def methods() -> list[PayoutMethod]:
    """Return every method, the oldest first."""
    return list(PayoutMethod.objects.using(OPS).order_by("created_at"))


def test_the_account_is_shown_masked(bob: Promoter) -> None:
    page = browser_of(bob.user).get("/portal/payout-method/")

    assert "DE89 … 3000" in text_of(page)
    assert "DE89370400440532013000" not in page.content.decode()


def test_a_change_needs_the_password_again(bob: Promoter) -> None:
    browser = browser_of(bob.user)

    shown, posted = browser.get(CHANGE), browser.post(CHANGE, BANK)

    assert shown["Location"].startswith("/accounts/reauthenticate/")
    assert posted["Location"] == CHANGE
    assert len(methods()) == 1


def test_a_form_posted_too_late_leaves_no_account_number_behind(bob: Promoter) -> None:
    browser = browser_of(bob.user)

    browser.post(CHANGE, BANK)

    assert all("GB82" not in str(row.get_decoded()) for row in Session.objects.all())


def test_a_change_is_stored_encrypted_cools_off_and_is_told_by_mail(bob: Promoter) -> None:
    browser = proven(bob)
    assert browser.get(CHANGE).status_code == 200

    answer = browser.post(CHANGE, BANK, follow=True)

    old, new = methods()
    assert (old.masked, new.masked) == ("DE89 … 3000", "GB82 … 5432")
    assert old.replaced_at is not None
    assert timedelta(hours=71) < new.usable_from - now() < timedelta(hours=73)
    assert new.reveal() == STORED
    assert b"GB82WEST" not in bytes(new.details)
    assert "72 hours after the change" in text_of(answer)
    tell_of_methods()
    tell_of_methods()
    (sent,) = [letter for letter in mail.outbox if "payout method" in letter.subject]
    assert sent.to == ["bob@example.com"]
    assert "GB82 … 5432" in sent.body
    assert "GB82WEST" not in sent.body


def test_a_first_method_can_be_used_at_once(acme: Company) -> None:
    dave = make_promoter(acme, "Dave", method=False)

    proven(dave).post(
        CHANGE, {"kind": "PAYPAL", "holder": "Dave", "paypal-email": "dave@paypal.example"}
    )

    (method,) = methods()
    assert (method.kind, method.masked) == ("PAYPAL", "d…@paypal.example")
    assert method.usable_from <= now()


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        (
            {
                "kind": "US_BANK",
                "us_bank-routing": "021000021",
                "us_bank-account": "123456789",
                "us_bank-account_type": "SAVINGS",
                "us_bank-owner": "COMPANY",
            },
            "0210 … 6789",
        ),
        ({"kind": "WISE", "wise-email": "bob@wise.example"}, "b…@wise.example"),
        ({"kind": "STRIPE", "stripe-account": "acct_1AbCdEfGhIjK"}, "acct_… hIjK"),
        ({"kind": "MANUAL", "manual-instructions": "Cash,\nat the fair"}, "Bob"),
    ],
)
def test_every_kind_can_be_chosen(bob: Promoter, typed: dict[str, str], masked: str) -> None:
    answer = proven(bob).post(CHANGE, {"holder": "Bob", **typed})

    assert answer.status_code == 302
    assert methods()[-1].masked == masked


def test_everybody_of_an_account_hears_of_a_change(bob: Promoter) -> None:
    other = make_user("Bert")
    with affiliate_context(bob.affiliate.id):
        AffiliateUser.objects.create(affiliate=bob.affiliate, user=other)
        Affiliate.objects.filter(id=bob.affiliate.id).update(email="office@bob.example")
    EmailAddress.objects.create(user=bob.user, email="old@bob.example", verified=True)
    EmailAddress.objects.create(user=bob.user, email="new@bob.example", verified=False)
    proven(bob).post(CHANGE, BANK)

    tell_of_methods()

    told = [letter.to for letter in mail.outbox if "payout method" in letter.subject]
    assert told == [
        ["bert@example.com"],
        ["bob@example.com"],
        ["office@bob.example"],
        ["old@bob.example"],
    ]


def test_a_mail_server_that_is_away_is_tried_again(bob: Promoter, settings: Any) -> None:
    proven(bob).post(CHANGE, BANK)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.portal.away.EmailBackend"

    tell_of_methods()
    settings.EMAIL_BACKEND = working
    tell_of_methods()

    told = [letter.to for letter in mail.outbox if "payout method" in letter.subject]
    assert told == [["bob@example.com"]]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"bank-iban": "GB82 WEST 1234 5698 7654 33"}, "The check digits of this IBAN are wrong"),
        ({"bank-iban": "XX00"}, "This is not an IBAN"),
        ({"bank-iban": ""}, "This field is required."),
        ({"bank-town": ""}, "This field is required."),
        ({"bank-country": ""}, "This field is required."),
        ({"bank-bic": "COBA"}, "This is not a BIC"),
        ({"kind": "PAYPAL", "paypal-email": ""}, "This field is required."),
        ({"kind": "US_BANK", "us_bank-routing": "021000022"}, "This field is required."),
        ({"kind": "STRIPE", "stripe-account": "ch_1"}, "Write the id of the Stripe account"),
        ({"kind": "CASH"}, "CASH is not one of the available choices"),
        ({"kind": "PAYPAL", "paypal-email": "nobody"}, "Write the e-mail address of the account"),
        ({"holder": ""}, "This field is required."),
    ],
)
def test_a_method_that_cannot_be_paid_to_is_refused(
    bob: Promoter, typed: dict[str, str], error: str
) -> None:
    answer = proven(bob).post(CHANGE, BANK | typed)

    assert answer.status_code == 422
    assert error in errors_of(answer)[0]
    assert len(methods()) == 1
    tell_of_methods()
    assert mail.outbox == []


def test_the_proof_ages(bob: Promoter) -> None:
    browser = proven(bob)
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 301
    session.save()

    assert browser.post(CHANGE, BANK)["Location"] == CHANGE
    assert len(methods()) == 1


def test_the_profile_is_what_merchants_see(bob: Promoter) -> None:
    form = {
        "name": "Bob's Blog",
        "email": "bob@example.com",
        "website": "bob.example",
        "country": "DE",
        "type": "CREATOR",
    }

    answer = browser_of(bob.user).post("/portal/profile/", form, follow=True)

    stored = Affiliate.objects.using(OPS).get()
    assert "Your profile is saved" in text_of(answer)
    assert (stored.name, stored.website, stored.country) == (
        "Bob's Blog",
        "https://bob.example",
        "DE",
    )


def test_a_change_of_the_contact_address_is_told_to_both(bob: Promoter) -> None:
    EmailAddress.objects.create(user=bob.user, email="new@bob.example", verified=True)
    form = {
        "name": "Bob",
        "email": "new@bob.example",
        "website": "",
        "country": "",
        "type": "OTHER",
    }

    browser_of(bob.user).post("/portal/profile/", form)

    told = [letter.to for letter in mail.outbox if "contact address" in letter.subject]
    assert told == [["bob@example.com"], ["new@bob.example"]]


def test_a_contact_address_must_be_ones_own(bob: Promoter) -> None:
    form = {
        "name": "Bob",
        "email": "alice@acme.example",
        "website": "",
        "country": "",
        "type": "OTHER",
    }

    answer = browser_of(bob.user).post("/portal/profile/", form)

    assert answer.status_code == 422
    assert Affiliate.objects.using(OPS).get().email == "bob@example.com"
