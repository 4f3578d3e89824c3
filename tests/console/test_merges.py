"""Duplicates and merging in the console: seen first, agreed to, done once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.models import Enrollment
from affiliates.reach import set_phone
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import Company, Promoter, make_promoter
from tests.console.conftest import reauthenticate, words

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def twin(acme: Company, bob: Promoter) -> Promoter:
    """Return Bobby, who has Bob's phone number."""
    twin = make_promoter(acme, "Bobby")
    for promoter in (bob, twin):
        store_phone(promoter)
    return twin


def store_phone(promoter: Promoter) -> None:
    """Give an affiliate the same phone number as the others here, and an evil name."""
    set_phone(affiliate=promoter.affiliate, text="+49 30 901820")
    with affiliate_context(promoter.affiliate.id):
        promoter.affiliate.name += EVIL
        promoter.affiliate.save(update_fields=["name"])


def address(bob: Promoter, twin: Promoter) -> str:
    """Return where merging the twin into Bob is shown."""
    path = reverse("console:affiliate-merge", args=[bob.enrollment.id])
    return f"{path}?affiliate={twin.enrollment.code}"


def test_accounts_that_look_alike_are_listed_with_why(alice: Client, twin: Promoter) -> None:
    page = alice.get(reverse("console:duplicates")).content

    assert "Same phone number" in words(page)
    assert EVIL.encode() not in page


def test_without_any_the_page_says_what_would_be_there(alice: Client, bob: Promoter) -> None:
    assert "Nobody is here twice" in words(alice.get(reverse("console:duplicates")).content)


def test_a_merge_is_shown_agreed_to_and_done(
    acme: Company, alice: Client, bob: Promoter, twin: Promoter
) -> None:
    reauthenticate(alice)
    choice = alice.get(reverse("console:affiliate-merge", args=[bob.enrollment.id])).content
    shown = alice.get(address(bob, twin)).content
    agreed = re.search(rb'name="agreed" value="(\w+)"', shown)
    assert agreed

    answer = alice.post(address(bob, twin), {"agreed": agreed[1].decode()}, follow=True)

    assert "Same phone number" in words(choice)
    assert f'href="?affiliate={twin.enrollment.code}"' in choice.decode()
    assert "Nothing has happened yet" in words(shown)
    assert EVIL.encode() not in choice + shown + answer.content
    assert "Merged:" in words(answer.content)
    with merchant_context(acme.id):
        assert Enrollment.objects.get(id=twin.enrollment.id).merged_into_id == bob.enrollment.id
    left = alice.get(reverse("console:affiliate", args=[twin.enrollment.id])).content
    assert "Merged into Bob" in words(left)


def test_what_nobody_agreed_to_is_not_done(
    acme: Company, alice: Client, bob: Promoter, twin: Promoter
) -> None:
    reauthenticate(alice)

    answer = alice.post(address(bob, twin), {"agreed": "something else"}, follow=True)

    assert "nothing was done" in words(answer.content)
    with merchant_context(acme.id):
        assert Enrollment.objects.get(id=twin.enrollment.id).merged_into is None


def test_who_merges_proves_who_they_are(alice: Client, bob: Promoter, twin: Promoter) -> None:
    session = alice.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()

    answer = alice.get(address(bob, twin))

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]


def test_another_merchants_affiliate_is_not_there(
    alice: Client, bob: Promoter, carol: Promoter
) -> None:
    reauthenticate(alice)

    answer = alice.get(address(bob, carol))

    assert answer.status_code == 422
    assert "No affiliate has this code" in words(answer.content)


def test_an_account_cannot_be_merged_into_itself(alice: Client, bob: Promoter) -> None:
    reauthenticate(alice)

    answer = alice.get(address(bob, bob))

    assert answer.status_code == 422
