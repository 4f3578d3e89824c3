"""The claims' queue: what stands first, what is known beside it, and the two answers."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.keys import create_key
from commissions.models import Claim, ClaimStatus
from merchants.events import record_event
from merchants.models import Actor, ActorKind
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.console.arrivals import store_claim
from tests.console.conftest import SignIn, words

EVIL = "<script>alert(1)</script>"


def page_of(claim: Claim) -> str:
    """Return the address of a claim's page."""
    return reverse("console:claim", args=[claim.id])


def again(company: Company, claim: Claim) -> Claim:
    """Return the claim as it is now."""
    with merchant_context(company.id):
        return Claim.objects.get(id=claim.id)


def test_what_is_due_first_stands_first(acme: Company, bob: Promoter, alice: Client) -> None:
    store_claim(acme, bob, order_id="fresh")
    before = {"at": NOON - timedelta(days=20), "happened_on": date(2026, 2, 1)}
    store_claim(acme, bob, order_id="late", **before)

    text = words(alice.get(reverse("console:claims")).content)

    assert text.index("late") < text.index("fresh")
    assert "Overdue" in text
    overdue = words(alice.get(reverse("console:claims") + "?show=overdue").content)
    assert "late" in overdue
    assert "fresh" not in overdue


def test_the_navigation_and_home_count_what_waits(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_claim(acme, bob)

    home = words(alice.get(reverse("console:home")).content)

    assert "Claims 1" in home
    assert "Claims to answer" in home


def test_what_is_known_stands_beside_what_is_said(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(dora), external_id="4711")
    claim = store_claim(acme, bob, message="Her receipt:\n80.00")

    text = words(alice.get(page_of(claim)).content)

    assert "Her receipt:" in text
    assert "Credited to Dora 100%" in text
    assert "What it earned Dora is taken back" in text


def test_an_unknown_order_asks_for_its_amount(acme: Company, bob: Promoter, alice: Client) -> None:
    claim = store_claim(acme, bob, amount_minor=None)

    shown = words(alice.get(page_of(claim)).content)
    empty = alice.post(f"{page_of(claim)}credit/", {"amount": ""})

    assert "Nobody has reported an order with this id" in shown
    assert empty.status_code == 422
    assert again(acme, claim).status == ClaimStatus.OPEN


def test_a_claim_is_credited(acme: Company, bob: Promoter, alice: Client) -> None:
    claim = store_claim(acme, bob)

    answer = alice.post(f"{page_of(claim)}credit/", {"amount": "100,00", "answer": "Sorry!"})

    assert answer.status_code == 302
    found = again(acme, claim)
    assert (found.status, found.answer) == (ClaimStatus.CREDITED, "Sorry!")
    with merchant_context(acme.id):
        assert found.conversion is not None
        assert found.conversion.amount_minor == 10_000


def test_a_refusal_needs_a_reason(acme: Company, bob: Promoter, alice: Client) -> None:
    claim = store_claim(acme, bob)

    assert alice.post(f"{page_of(claim)}refuse/", {"reason": " "}).status_code == 422
    assert alice.post(f"{page_of(claim)}refuse/", {"reason": "Cancelled."}).status_code == 302

    found = again(acme, claim)
    assert (found.status, found.answer) == (ClaimStatus.REFUSED, "Cancelled.")
    late = alice.post(f"{page_of(claim)}refuse/", {"reason": "Again."}, follow=True)
    assert "Nothing was changed" in words(late.content)


def test_finance_reads_and_does_not_answer(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    claim = store_claim(acme, bob)
    finn = sign_in(add_member(acme, "Finn", Role.FINANCE).user)

    text = words(finn.get(page_of(claim)).content)

    assert "An owner or manager answers claims." in text
    assert "Refuse claim" not in text


@pytest.mark.parametrize("route", ["console:claims", "console:claim"])
def test_what_affiliates_write_is_text(
    acme: Company, bob: Promoter, alice: Client, route: str
) -> None:
    claim = store_claim(acme, bob, order_id=EVIL, message=EVIL)

    html = alice.get(reverse(route, args=[claim.id] if route.endswith("claim") else [])).content

    assert b"<script>alert" not in html
    assert b"&lt;script&gt;alert" in html


def test_no_cell_of_the_csv_is_a_formula(acme: Company, bob: Promoter, alice: Client) -> None:
    store_claim(acme, bob, order_id='=HYPERLINK("https://evil.example")', message="+1+1")

    text = alice.get(reverse("console:claims-export")).content.decode()

    assert "'=HYPERLINK" in text
    assert ",'+1+1," in text


def test_the_history_says_whose_key_it_was(acme: Company, bob: Promoter, alice: Client) -> None:
    key, _text = create_key(affiliate=bob.affiliate, name="My secret script")
    claim = store_claim(acme, bob)
    with merchant_context(acme.id):
        by = Actor(ActorKind.KEY, key.id)
        record_event(
            merchant_id=acme.id, type="claim.withdrawn", subject_id=claim.id, by=by, at=NOON
        )

    for page in (page_of(claim), reverse("console:audit")):
        text = words(alice.get(page).content)

        assert f"key “Bob, fl_pa_…{key.last_four}”" in text
        assert "somebody who is gone" not in text
        assert "My secret script" not in text
