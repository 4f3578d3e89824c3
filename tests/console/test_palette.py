"""The command palette finds what people mean, and nothing of another merchant."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissions.services import approve_due
from interfaces.console.palette import ACTIONS, PAGES
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.services import prepare_batch
from reports.finder import Thing, find_anything
from tests.cast import Company, Promoter, add_member, click_of, sell
from tests.console.conftest import TODAY, SignIn, words
from tracking.services import create_coupon

PALETTE = reverse("console:palette")
EVIL = '"><script>alert(1)</script>'


def options(client: Client, text: str) -> dict[str, str]:
    """Return the addresses of what is offered, by what it is called."""
    page = client.get(PALETTE, {"q": text}).content.decode()
    found = re.findall(r'href="([^"]+)".*?ui-palette-name">([^<]*?)\s*<', page, re.S)
    return {name: url for url, name in found}


@pytest.fixture
def stocked(acme: Company, bob: Promoter) -> Company:
    """Return Acme with an order, a coupon and a batch."""
    sell(acme, click=click_of(bob), external_id="ORDER-4711")
    approve_due(merchant_id=acme.id, at=TODAY.replace(month=5))
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")
        prepare_batch(member=acme.owner, currency="EUR", at=TODAY.replace(month=5))
    return acme


def things(company: Company, text: str) -> list[tuple[Thing, str]]:
    """Return what is found at a company."""
    with merchant_context(company.id):
        return [(hit.thing, hit.name) for hit in find_anything(company.id, text)]


def test_everything_is_found_by_what_people_call_it(stocked: Company, bob: Promoter) -> None:
    assert things(stocked, "partn") == [(Thing.PROGRAM, "Acme Partners")]
    assert (Thing.AFFILIATE, "Bob") in things(stocked, "bob@exa")
    assert things(stocked, " ORDER-4711 ") == [(Thing.CONVERSION, "ORDER-4711")]
    assert (Thing.LINK, bob.link.code) in things(stocked, bob.link.code.upper()[:6])
    assert (Thing.COUPON, "BOB10") in things(stocked, "bob1")
    assert things(stocked, "#1") == [(Thing.BATCH, "#1")]
    assert things(stocked, "1") == [(Thing.BATCH, "#1")]


@pytest.mark.parametrize("text", ["", "b", "\0\0", "%%", "__", "²", "9" * 30, "x" * 500, "'; --"])
def test_what_names_nothing_finds_nothing(stocked: Company, text: str) -> None:
    assert things(stocked, text) == []


def test_another_merchants_things_are_not_there(stocked: Company, globex: Company) -> None:
    for text in ("partn", "bob@exa", "ORDER-4711", "bob1", "#1"):
        assert [name for _thing, name in things(globex, text) if name != "Globex Partners"] == []


def test_each_option_leads_to_its_page(stocked: Company, alice: Client) -> None:
    for text, name in [("bob@", "Bob"), ("ORDER-4711", "ORDER-4711"), ("#1", "#1")]:
        assert alice.get(options(alice, text)[name]).status_code == 200


def test_every_page_and_action_answers(acme: Company, bob: Promoter, alice: Client) -> None:
    for place in (*ACTIONS, *PAGES):
        answer = alice.get(reverse(f"console:{place.name}"))
        assert answer.status_code in (200, 302), place.name


def test_pages_are_found_by_other_words_and_in_any_order(acme: Company, alice: Client) -> None:
    assert options(alice, "invite affil")["Invite an affiliate"] == reverse(
        "console:affiliate-invite"
    )
    assert "Members" in options(alice, "team")
    assert "Audit log" in options(alice, "history")


def test_nothing_is_offered_that_a_role_may_not_do(acme: Company, sign_in: SignIn) -> None:
    ann = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    assert "Invite an affiliate" not in options(ann, "invite")
    assert "Audit log" not in options(ann, "audit")
    assert "Members" in options(ann, "members")


def test_nothing_found_is_said_and_typed_text_stays_text(acme: Company, alice: Client) -> None:
    page = alice.get(PALETTE, {"q": EVIL}).content

    assert "Nothing is called" in words(page)
    assert b"<script>alert" not in page


def test_it_asks_the_database_a_fixed_number_of_times(stocked: Company, alice: Client) -> None:
    alice.get(PALETTE, {"q": "bob"})

    with CaptureQueriesContext(connection) as queries:
        alice.get(PALETTE, {"q": "bob"})

    assert len(queries) <= 22


def test_every_page_of_the_console_has_it(acme: Company, alice: Client) -> None:
    page = alice.get(reverse("console:programs")).content.decode()

    assert 'id="palette"' in page
    assert 'src="/static/palette.js"' in page
