"""Signing up and in: verified addresses, alike answers, second factors at hand."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client

from tests.cast import PASSWORD, make_user
from users.models import User

LOGIN = "/accounts/login/"
SIGNUP = "/accounts/signup/"


def test_a_new_person_proves_their_address_before_anything_else(client: Client) -> None:
    answer = client.post(SIGNUP, {"email": "New@Example.com", "password1": PASSWORD})

    assert answer.status_code == 302
    user = User.objects.get()
    assert user.email == "new@example.com"
    assert client.get("/start/").status_code == 302
    assert mail.outbox[0].subject == "Please Confirm Your Email Address"
    assert mail.outbox[0].body.startswith("Hello from Fairlead!")
    code = re.search(r"^([A-Z0-9]{3,}(-[A-Z0-9]+)?)$", mail.outbox[0].body, re.MULTILINE)
    assert code
    confirmed = client.post(answer.headers["Location"], {"code": code.group(1)})

    assert confirmed.status_code == 302
    assert user.emailaddress_set.get().verified
    assert client.get("/start/").status_code == 200


@pytest.mark.parametrize("email", ["bob@example.com", "nobody@example.com"])
def test_a_failed_sign_in_does_not_tell_who_exists(client: Client, email: str) -> None:
    make_user("Bob")

    answer = client.post(LOGIN, {"login": email, "password": "wrong horse battery"})

    assert answer.status_code == 200
    text = re.sub(r"\s+", " ", answer.content.decode())
    assert "The email address and/or password you specified are not correct." in text


def test_signing_up_twice_looks_like_once(client: Client) -> None:
    make_user("Bob")

    known = client.post(SIGNUP, {"email": "bob@example.com", "password1": PASSWORD})
    fresh = Client().post(SIGNUP, {"email": "eve@example.com", "password1": PASSWORD})

    assert (known.status_code, known.headers["Location"]) == (
        fresh.status_code,
        fresh.headers["Location"],
    )
    assert User.objects.filter(email="bob@example.com").count() == 1


def test_a_second_factor_is_asked_for_once_set_up(client: Client) -> None:
    bob = make_user("Bob")
    TOTP.activate(bob, "JBSWY3DPEHPK3PXP")

    answer = client.post(LOGIN, {"login": bob.email, "password": PASSWORD})

    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.get().data)


@pytest.mark.parametrize(
    "page",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
    ],
)
def test_account_pages_are_there(client: Client, page: str) -> None:
    bob = make_user("Bob")
    client.post(LOGIN, {"login": bob.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answer = client.get(page)

    assert (answer.status_code, answer.headers.get("Location")) == (200, None)


def test_a_disabled_user_is_out_with_the_next_request(client: Client) -> None:
    bob = make_user("Bob")
    client.force_login(bob)
    User.objects.filter(id=bob.id).update(is_active=False)

    assert client.get("/accounts/email/").status_code == 302


def test_addresses_are_kept_in_lower_case() -> None:
    assert make_user("BoB").email == "bob@example.com"
