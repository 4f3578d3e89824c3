"""Mails of messages: to the other side once, as they chose, and again only if none went out."""

from datetime import timedelta

import pytest
from django.core import mail

from mailing.delivery import Mail
from mailing.kinds import Kind, When
from mailing.models import HeldMail
from merchants.rights import Role
from merchants.tenancy import OPS, merchant_context
from messaging import mails
from messaging.directory import merchants_with_mails
from messaging.mails import MAILS_BATCH, tell_of_messages
from messaging.models import Message
from tests.cast import Company, Promoter, add_member
from tests.mailing.telling import as_user, set_choice
from tests.messaging.writing import EVENING, answer, begin, merchant_of


def told(company: Company) -> list[tuple[str, str]]:
    """Tell of everything; return who was mailed, under which subject."""
    mail.outbox.clear()
    while tell_of_messages(merchant_id=company.id, at=EVENING):
        pass
    return [(to, message.subject) for message in mail.outbox for to in message.to]


def test_a_question_goes_to_those_who_may_answer(acme: Company, bob: Promoter) -> None:
    add_member(acme, "Sam", Role.SALES)
    add_member(acme, "Ann", Role.VIEWER)
    begin(acme, bob)
    assert merchants_with_mails() == [acme.id]

    went = told(acme)

    subject = "Bob: Banners for spring"
    assert went == [("alice@acme.example", subject), ("sam@acme.example", subject)]
    assert "Are there banners in green?" in mail.outbox[0].body
    assert "/console/messages/" in mail.outbox[0].body
    assert merchants_with_mails() == []
    assert told(acme) == []


def test_an_answer_goes_to_the_affiliate_as_they_chose(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob, by=merchant_of(acme))
    assert told(acme) == [("bob@example.com", "Acme: Banners for spring")]
    assert "/portal/messages/" in mail.outbox[0].body
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers

    set_choice(as_user(bob), {Kind.INBOX: When.DIGEST})
    answer(thread, merchant_of(acme))
    assert told(acme) == []
    assert HeldMail.objects.using(OPS).get().subject == "Acme: Banners for spring"

    set_choice(as_user(bob), {Kind.INBOX: When.NEVER})
    answer(thread, merchant_of(acme))
    assert told(acme) == []
    assert not HeldMail.objects.using(OPS).exists()


def test_what_a_name_or_subject_holds_reaches_no_header(acme: Company, bob: Promoter) -> None:
    bob.affiliate.name = "Eve\r\nBcc: all@example.com"
    begin(acme, bob, subject="Hi\nBcc: all@example.com")

    [(to, subject)] = told(acme)

    assert to == "alice@acme.example"
    assert "\n" not in subject
    assert "\nBcc:" not in mail.outbox[0].message().as_string()


def test_a_mail_server_that_is_away_loses_nothing(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(acme, bob)

    def away(_mails: list[Mail], **_facts: object) -> None:
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(mails, "deliver", away)
        assert tell_of_messages(merchant_id=acme.id, at=EVENING) == 0
    with merchant_context(acme.id):
        assert Message.objects.get().mail_due_at == EVENING

    assert [to for to, _subject in told(acme)] == ["alice@acme.example"]


def test_many_are_told_in_batches(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob, by=merchant_of(acme))
    for number in range(MAILS_BATCH):
        answer(thread, merchant_of(acme), at=EVENING + timedelta(minutes=number))

    assert tell_of_messages(merchant_id=acme.id, at=EVENING) == MAILS_BATCH
    assert tell_of_messages(merchant_id=acme.id, at=EVENING) == 1
    assert tell_of_messages(merchant_id=acme.id, at=EVENING) == 0
