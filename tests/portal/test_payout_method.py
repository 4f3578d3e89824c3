"""The payout method and the profile: masked, checked, and hard to change for a thief."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from affiliates.models import Affiliate
from common.clock import now
from merchants.tenancy import OPS
from payouts.models import PayoutMethod
from tests.cast import PASSWORD, Company, Promoter, make_promoter
from tests.portal.people import browser_of, errors_of, text_of

CHANGE = "/portal/payout-method/change/"
OTHER_IBAN = "GB82 WEST 1234 5698 7654 32"
BANK = {"kind": "BANK", "holder": "Bob", "iban": OTHER_IBAN, "email": ""}


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
    assert new.reveal() == {"holder": "Bob", "iban": "GB82WEST12345698765432"}
    assert b"GB82WEST" not in bytes(new.details)
    assert "72 hours after the change" in text_of(answer)
    (sent,) = [letter for letter in mail.outbox if "payout method" in letter.subject]
    assert sent.to == ["bob@example.com"]
    assert "GB82 … 5432" in sent.body
    assert "GB82WEST" not in sent.body


def test_a_first_method_can_be_used_at_once(acme: Company) -> None:
    dave = make_promoter(acme, "Dave", method=False)

    proven(dave).post(CHANGE, {"kind": "PAYPAL", "holder": "Dave", "email": "dave@paypal.example"})

    (method,) = methods()
    assert (method.kind, method.masked) == ("PAYPAL", "d…@paypal.example")
    assert method.usable_from <= now()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"iban": "GB82 WEST 1234 5698 7654 33"}, "The check digits of this IBAN are wrong"),
        ({"iban": "XX00"}, "This is not an IBAN"),
        ({"iban": ""}, "This field is required."),
        ({"kind": "PAYPAL", "email": ""}, "This field is required."),
        ({"kind": "CASH"}, "CASH is not one of the available choices"),
        ({"kind": "PAYPAL", "email": "nobody"}, "Write the e-mail address of the PayPal account"),
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
    }

    answer = browser_of(bob.user).post("/portal/profile/", form, follow=True)

    stored = Affiliate.objects.using(OPS).get()
    assert "Your profile is saved" in text_of(answer)
    assert (stored.name, stored.website, stored.country) == (
        "Bob's Blog",
        "https://bob.example",
        "DE",
    )


def test_a_contact_address_must_be_ones_own(bob: Promoter) -> None:
    form = {"name": "Bob", "email": "alice@acme.example", "website": "", "country": ""}

    answer = browser_of(bob.user).post("/portal/profile/", form)

    assert answer.status_code == 422
    assert Affiliate.objects.using(OPS).get().email == "bob@example.com"
