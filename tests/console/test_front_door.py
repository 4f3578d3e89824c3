"""The front door leads people to where they work."""

from django.test import Client
from django.urls import reverse

from tests.cast import Company, Promoter, make_user
from tests.console.conftest import SignIn, words


def test_a_member_goes_to_the_console(acme: Company, alice: Client) -> None:
    assert alice.get(reverse("home")).headers["Location"] == reverse("console:home")


def test_an_affiliate_goes_to_the_portal(bob: Promoter, sign_in: SignIn) -> None:
    assert sign_in(bob.user).get(reverse("home")).headers["Location"] == reverse("portal:home")


def test_a_newcomer_is_asked_what_brings_them(sign_in: SignIn) -> None:
    client = sign_in(make_user("Nora"))

    assert client.get(reverse("home")).headers["Location"] == reverse("start")
    page = client.get(reverse("start"))
    assert "I run a program" in words(page.content)
    assert "I promote" in words(page.content)
    assert f'href="{reverse("console:merchant-create")}"' in page.content.decode()


def test_a_stranger_signs_in_first() -> None:
    assert Client().get(reverse("home")).headers["Location"] == reverse("account_login")
    assert Client().get(reverse("start")).status_code == 302
