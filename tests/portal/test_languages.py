"""Which language people are spoken to in: chosen, the merchant's, or what the browser asks for."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import gettext

from mailing.delivery import Mail, in_each_language
from mailing.digests import send_digest
from mailing.kinds import Kind, When
from merchants.rights import Role
from merchants.services import update_merchant
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member
from tests.mailing.telling import as_user, set_choice, tell
from tests.portal.people import browser_of
from tests.portal.test_host import HOST, browser, prove
from users.languages import set_language_of

WORDS = {"en": "Earnings", "zh-hans": "收益", "zh-hant": "收益"}
SIGN_IN = {"en": "Sign in", "zh-hans": "登录", "zh-hant": "登入"}


def choose(client: Client, code: str, **more: Any) -> Any:
    """Send the form that each page has."""
    return client.post("/language/", {"language": code, "next": "/accounts/login/"} | more)


def speak(company: Company, code: str) -> None:
    """Let a company choose the language of its pages."""
    with merchant_context(company.id):
        update_merchant(
            member=company.owner, name="Acme", website="", accent="#0f766e", language=code, at=NOON
        )


@pytest.mark.parametrize("code", SIGN_IN)
def test_a_visitor_chooses_and_comes_back_to_the_page(code: str) -> None:
    client = Client()

    answer = choose(client, code)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/")
    page = client.get("/accounts/login/", headers={"accept-language": "de"})
    assert f'<html lang="{code}"' in page.content.decode()
    assert SIGN_IN[code] in page.content.decode()
    assert page.headers["Content-Language"] == code
    assert client.cookies["django_language"]["httponly"]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("zh-TW", "zh-hant"),
        ("zh-HK,en", "zh-hant"),
        ("de-DE", "en"),
        ("", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_without_a_choice_it_is_what_the_browser_asks_for(asked: str, spoken: str) -> None:
    page = Client().get("/accounts/login/", headers={"accept-language": asked})

    assert page.headers["Content-Language"] == spoken
    assert "Accept-Language" in page.headers["Vary"]


@pytest.mark.parametrize("code", ["xx", "", "de", "../../etc"])
def test_an_unknown_language_changes_nothing(code: str, bob: Promoter) -> None:
    client = browser_of(bob.user)

    choose(client, code)

    bob.user.refresh_from_db()
    assert bob.user.language == ""
    assert client.get("/portal/").headers["Content-Language"] == "en"
    client.cookies["django_language"] = code
    assert client.get("/portal/").headers["Content-Language"] == "en"


def test_the_way_back_leads_nowhere_else() -> None:
    answer = choose(Client(), "zh-hans", next="https://evil.example/")

    assert answer.headers["Location"] == "/"
    assert Client().get("/language/").status_code == 405
    assert choose(Client(enforce_csrf_checks=True), "zh-hans").status_code == 403


def test_an_account_knows_its_language_in_every_browser(bob: Promoter) -> None:
    choose(browser_of(bob.user), "zh-hant")

    page = browser_of(bob.user).get("/portal/")

    assert page.headers["Content-Language"] == "zh-hant"
    assert WORDS["zh-hant"] in page.content.decode()


def test_a_merchants_host_speaks_its_language_to_who_chose_none(acme: Company) -> None:
    prove(acme, HOST)
    speak(acme, "zh-hans")
    client = browser(HOST)

    assert client.get("/accounts/login/").headers["Content-Language"] == "zh-hans"
    assert "加入" in client.get("/join/acme/partners/").content.decode()
    choose(client, "en")
    assert client.get("/accounts/login/").headers["Content-Language"] == "en"
    assert 'lang="en"' in client.get("/join/acme/partners/").content.decode()


@in_each_language
def claim_waits() -> Mail:
    """Return a mail to members in each language."""
    return Mail(Kind.CLAIMS, gettext("Clicks"), gettext("Clicks"))


def test_each_reader_has_a_mail_in_their_own_language(acme: Company) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    set_language_of(mona.user, "zh-hant")

    found = dict(tell(acme, claim_waits()))

    assert found == {"alice@acme.example": "Clicks", "mona@acme.example": "點選"}


def test_who_chose_none_is_written_to_in_the_merchants_language(acme: Company) -> None:
    speak(acme, "zh-hans")

    assert tell(acme, claim_waits()) == [("alice@acme.example", "点击")]


def test_the_foot_and_the_daily_mail_are_in_the_same_language(acme: Company, bob: Promoter) -> None:
    set_language_of(bob.user, "zh-hans")
    tell(acme, tiers(bob))
    (letter,) = mail.outbox
    assert (letter.subject, "No more mails" in letter.body) == ("等级", False)
    set_choice(as_user(bob), {Kind.TIERS: When.DIGEST})
    tell(acme, tiers(bob))

    assert send_digest(as_user(bob), at=NOON + timedelta(days=1))

    (letter,) = mail.outbox
    assert letter.subject == "今日汇总：1 条消息"
    assert "等级" in letter.body


@in_each_language
def tiers(promoter: Promoter) -> Mail:
    """Return a mail to an affiliate in each language."""
    return Mail(Kind.TIERS, gettext("Tiers"), gettext("Tiers"), affiliate=promoter.affiliate)
