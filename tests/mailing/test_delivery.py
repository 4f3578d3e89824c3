"""Mails go at once, wait for the day's mail, or stay away, as each reader chose."""

import ast
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError

from affiliates.models import AccountRole, AffiliateUser
from common.refusals import BadValue
from mailing.delivery import Mail, deliver_to, next_digest_at
from mailing.kinds import CATALOGUE, OPTIONAL, Audience, Kind, When
from mailing.models import MailChoice
from mailing.readers import Reader, standing_of
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, add_member
from tests.mailing.telling import as_member, as_user, claims, held, news, set_choice, tell
from tests.portal.accounts import add_person
from tests.style.test_code import SOURCES, source_id


def test_the_catalogue_is_whole() -> None:
    assert set(CATALOGUE) == set(Kind)
    for facts in CATALOGUE.values():
        assert facts.right is None or facts.audience == Audience.MEMBER
        assert facts.because is None or facts.default == When.NOW
        assert facts.because or facts.audience != Audience.ADDRESS


def test_no_mail_goes_past_the_catalogue() -> None:
    past = [
        source_id(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.core.mail")
    ]

    assert set(past) == {"mailing/delivery.py", "mailing/digests.py"}


def test_without_a_choice_the_default_holds(acme: Company, bob: Promoter) -> None:
    add_member(acme, "Finn", Role.FINANCE)  # Who does not answer claims.
    waits = Mail(Kind.APPLICATIONS, "Dave applied", "Dave applied.")

    assert tell(acme, claims(), news(bob), waits) == [
        ("alice@acme.example", "Claim 1"),
        ("bob@example.com", "News 1"),
    ]
    assert held(acme) == [(Kind.APPLICATIONS, "Dave applied")]


@pytest.mark.parametrize(
    ("when", "goes", "waits"), [(When.NOW, 1, 0), (When.DIGEST, 0, 1), (When.NEVER, 0, 0)]
)
def test_each_reader_is_told_when_they_chose(
    acme: Company, bob: Promoter, when: When, goes: int, waits: int
) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    set_choice(as_member(acme.owner), {Kind.CLAIMS: when})
    set_choice(as_user(bob), {Kind.NEWS: when})

    told = [who for who, _subject in tell(acme, claims(), news(bob))]

    assert told.count("alice@acme.example") == told.count("bob@example.com") == goes
    assert told.count(mona.user.email) == 1
    assert len(held(acme)) == 2 * waits


def test_a_retry_holds_nothing_twice(acme: Company) -> None:
    set_choice(as_member(acme.owner), {Kind.CLAIMS: When.DIGEST})

    for _attempt in range(2):
        tell(acme, claims(1), claims(2))

    assert held(acme) == [(Kind.CLAIMS, "Claim 1"), (Kind.CLAIMS, "Claim 2")]


def test_a_choice_holds_for_one_merchant_alone(acme: Company, globex: Company) -> None:
    with merchant_context(globex.id):
        globex.merchant.refresh_from_db()
    member = add_member(globex, "Mona", Role.MANAGER)
    set_choice(as_member(globex.owner), {Kind.CLAIMS: When.NEVER})

    assert tell(acme, claims()) == [("alice@acme.example", "Claim 1")]
    assert tell(globex, claims()) == [(member.user.email, "Claim 1")]


def test_money_and_law_are_never_switched_off(acme: Company, bob: Promoter) -> None:
    with pytest.raises(BadValue):
        set_choice(as_user(bob), {Kind.RATES: When.NEVER})
    with pytest.raises(DatabaseError, match="may_be_chosen"), affiliate_context(bob.affiliate.id):
        MailChoice.objects.create(**as_user(bob).own, kind=Kind.RATES, when=When.NEVER)
    with pytest.raises(AssertionError):
        deliver_to(["bob@example.com"], news(bob))

    rates = Mail(Kind.RATES, "Your rates change", "To 5 %.", affiliate=bob.affiliate)
    assert tell(acme, rates) == [("bob@example.com", "Your rates change")]
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers
    assert mail.outbox[0].body == "To 5 %."


def test_who_knows_it_already_is_not_told(acme: Company) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    waits = Mail(Kind.BATCHES, "Batch 1 waits", "It waits.", but=acme.owner.id)

    assert tell(acme, waits) == [(finn.user.email, "Batch 1 waits")]


def test_others_of_an_account_hear_of_what_they_ask_for(acme: Company, bob: Promoter) -> None:
    mia = add_person(bob, "Mia", AccountRole.MANAGER)
    own = Reader(mia.user_id, affiliate_id=bob.affiliate.id)
    assert [who for who, _subject in tell(acme, news(bob))] == ["bob@example.com"]

    set_choice(own, {Kind.NEWS: When.NOW})
    set_choice(as_user(bob), {Kind.NEWS: When.NEVER})

    assert [who for who, _subject in tell(acme, news(bob))] == [mia.user.email]
    with affiliate_context(bob.affiliate.id):
        AffiliateUser.objects.filter(id=mia.id).delete()
        assert standing_of(own) is None
    assert tell(acme, news(bob)) == []


def test_an_account_without_users_is_told_at_its_address(acme: Company, bob: Promoter) -> None:
    with affiliate_context(bob.affiliate.id):
        AffiliateUser.objects.all().delete()

    assert tell(acme, news(bob)) == [("bob@example.com", "News 1")]
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_a_merchant_reads_and_writes_no_choice_of_an_affiliate(
    acme: Company, bob: Promoter
) -> None:
    set_choice(as_user(bob), {Kind.NEWS: When.NEVER})

    with merchant_context(acme.id):
        assert MailChoice.objects.count() == 0
    with pytest.raises(DatabaseError, match="row-level security"), merchant_context(acme.id):
        MailChoice.objects.create(**as_user(bob).own, kind=Kind.TIERS, when=When.NEVER)


def test_daily_mails_go_out_at_eight() -> None:
    eight = NOON.replace(hour=8)

    assert next_digest_at(eight - timedelta(seconds=1)) == eight
    assert next_digest_at(eight) == eight + timedelta(days=1)
    assert len(OPTIONAL) == len({kind for kind, facts in CATALOGUE.items() if not facts.because})
