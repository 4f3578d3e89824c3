"""The link in a mail: it names one person and one kind, and only a press of a button acts."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail, signing
from django.test import Client

from affiliates.models import AccountRole
from mailing.choices import SALT, unsubscribe_url
from mailing.delivery import Mail
from mailing.kinds import CATALOGUE, OPTIONAL, Audience, Kind, When
from merchants.models import Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member
from tests.mailing.telling import as_member, as_user, claims, held, news, set_choice, tell
from tests.portal.accounts import add_person
from tests.portal.people import browser_of, text_of


def path_of(url: str) -> str:
    """Return an address without its host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_mail_says_how_to_switch_it_off(acme: Company, bob: Promoter) -> None:
    tell(acme, news(bob))

    (letter,) = mail.outbox
    header = letter.extra_headers["List-Unsubscribe"]
    assert re.fullmatch(r"<http://[^<>\s]+/unsubscribe/\?token=[\w:.-]+>", header)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert header.strip("<>") in letter.body
    assert "/portal/notifications/" in letter.body
    assert len(header) < 900  # A line of a mail has 998 characters at the most.


def test_a_mail_program_switches_off_by_itself(acme: Company, bob: Promoter) -> None:
    tell(acme, news(bob))
    path = path_of(mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>"))
    program = Client(enforce_csrf_checks=True)

    for _time in range(2):
        assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert tell(acme, news(bob), claims()) == [("alice@acme.example", "Claim 1")]


def test_opening_the_link_switches_nothing_off(acme: Company) -> None:
    path = path_of(unsubscribe_url(as_member(acme.owner), Kind.CLAIMS))

    for ask in (Client().get, Client().head):
        answer = ask(path)
        assert answer.status_code == 200
        assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == (
            "no-referrer",
            True,
        )

    assert "Switch it off" in text_of(Client().get(path))
    assert len(tell(acme, claims())) == 1
    assert "It is switched off" in text_of(Client().post(path))
    assert tell(acme, claims()) == []


def test_the_link_of_a_daily_mail_ends_what_comes_daily(acme: Company) -> None:
    reader = as_member(acme.owner)
    set_choice(reader, {Kind.CLAIMS: When.DIGEST})
    tell(acme, claims())

    Client().post(path_of(unsubscribe_url(reader, None)))

    offer = Mail(Kind.OFFERS, "An offer", "Bob offers.")
    assert tell(acme, claims(2), offer) == [("alice@acme.example", "An offer")]
    assert held(acme) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_is_none(acme: Company, method: str) -> None:
    path = path_of(unsubscribe_url(as_member(acme.owner), Kind.CLAIMS))
    other = signing.dumps(["x", "y"], salt="another")
    odd = signing.dumps(["no id", "", "", "NEWS"], salt=SALT)
    short = signing.dumps("text", salt=SALT)

    for wrong in (
        path[:-2],
        "/unsubscribe/",
        *(f"/unsubscribe/?token={t}" for t in (other, odd, short)),
    ):
        assert getattr(Client(), method)(wrong).status_code == 404

    assert len(tell(acme, claims())) == 1


def test_nothing_but_the_named_kind_of_the_named_person(acme: Company, bob: Promoter) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    Client().post(path_of(unsubscribe_url(as_member(mona), Kind.CLAIMS)))
    rates = path_of(unsubscribe_url(as_user(bob), Kind.RATES))

    assert Client().post(rates).status_code == 404
    assert [who for who, _subject in tell(acme, claims(), news(bob))] == [
        "alice@acme.example",
        "bob@example.com",
    ]


def test_who_left_has_nothing_to_switch_off(acme: Company) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    path = path_of(unsubscribe_url(as_member(mona), Kind.CLAIMS))
    with merchant_context(acme.id):
        Member.objects.filter(id=mona.id).update(disabled_at=NOON)

    assert Client().post(path).status_code == 404


# The pages on which everything is chosen ---------------------------------------------------------


def test_a_member_chooses_on_a_page_of_the_settings(acme: Company) -> None:
    browser = browser_of(acme.owner.user)
    page = browser.get("/console/settings/notifications/")
    assert "Claims to answer" in text_of(page)
    assert "Payout batches that wait for approval It is about money." in text_of(page)
    kinds = [kind for kind in OPTIONAL if CATALOGUE[kind].audience == Audience.MEMBER]

    wrong = browser.post("/console/settings/notifications/edit/", {"CLAIMS": "SOMETIMES"})
    saved = browser.post("/console/settings/notifications/edit/", dict.fromkeys(kinds, "NEVER"))

    assert (wrong.status_code, saved.status_code) == (422, 302)
    assert tell(acme, claims()) == []


def test_a_role_that_acts_on_nothing_hears_of_its_own_tasks_alone(acme: Company) -> None:
    ann = add_member(acme, "Ann", Role.VIEWER)

    page = browser_of(ann.user).get("/console/settings/notifications/")

    assert page.content.decode().count("<select") == 1
    assert "Your tasks on the day they fall due" in text_of(page)


def test_each_user_of_an_account_chooses_for_themselves(acme: Company, bob: Promoter) -> None:
    vera = add_person(bob, "Vera", AccountRole.VIEWER)
    kinds = ["APPLICATION", "INBOX", "BROADCASTS", "NEWS", "TIERS", "PROPOSALS", "CLAIM_ANSWERS"]
    kinds += ["PARTNERSHIP"]
    page = browser_of(vera.user).get("/portal/notifications/")
    assert "vera@example.com" in text_of(page)
    assert page.content.decode().count('value="NEVER" selected') == len(kinds)

    browser_of(vera.user).post("/portal/notifications/", dict.fromkeys(kinds, "NOW"))

    assert [who for who, _subject in tell(acme, news(bob))] == [
        "bob@example.com",
        "vera@example.com",
    ]
    bobs = browser_of(bob.user).get("/portal/notifications/")
    assert "Changes of your rates" in text_of(bobs)
