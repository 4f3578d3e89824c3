"""The daily mail: one for each person, of everything that waits, and nothing of it twice."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connections

from affiliates.services import ApplicationDraft, Consent
from mailing import delivery, tasks
from mailing.digests import LEASE, send_digest
from mailing.directory import readers_due
from mailing.kinds import Kind, When
from mailing.models import HeldMail
from mailing.tasks import send_digests
from merchants.models import Member
from merchants.rights import Role
from merchants.tenancy import OPS, merchant_context
from tests.cast import NOON, Company, Promoter, add_member, make_promoter
from tests.mailing.telling import as_member, as_user, claims, held, news, sent, set_choice, tell
from tracking.services import join_program

MORNING = NOON.replace(hour=8) + timedelta(days=1)


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker look the next day at eight."""
    monkeypatch.setattr(tasks, "now", lambda: MORNING)


@pytest.fixture
def daily(acme: Company, bob: Promoter) -> None:
    """Let Alice and Bob be told once a day, and have something to tell."""
    set_choice(as_member(acme.owner), {Kind.CLAIMS: When.DIGEST})
    set_choice(as_user(bob), {Kind.NEWS: When.DIGEST})
    tell(acme, claims(1), claims(2), news(bob))


@pytest.mark.usefixtures("daily")
def test_one_mail_tells_each_person_everything_once(acme: Company) -> None:
    assert readers_due(at=MORNING - timedelta(seconds=1), claimed_before=NOON) == []

    send_digests()
    send_digests()

    assert sorted(sent()) == [
        ("alice@acme.example", "Your day: 2 messages"),
        ("bob@example.com", "Your day: 1 message"),
    ]
    letter = next(one for one in mail.outbox if one.to == ["alice@acme.example"])
    assert "Claim 1 of Bob." in letter.body
    assert "Claim 2 of Bob." in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert held(acme) == []


def test_an_affiliate_gets_one_mail_of_all_its_merchants(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    consent = Consent(user=bob.user, terms_version=None)
    draft = ApplicationDraft()
    join_program(
        program=globex.program, affiliate=bob.affiliate, consent=consent, application=draft, at=NOON
    )
    set_choice(as_user(bob), {Kind.NEWS: When.DIGEST})
    tell(acme, news(bob, 1))
    tell(globex, news(bob, 2))

    send_digests()

    (letter,) = mail.outbox
    assert letter.subject == "Your day: 2 messages"
    assert "Change 1" in letter.body
    assert "Change 2" in letter.body


@pytest.mark.usefixtures("daily")
def test_two_workers_at_once_send_it_once(acme: Company) -> None:
    reader, together = as_member(acme.owner), Barrier(2)

    def work() -> None:
        together.wait()
        try:
            send_digest(reader, at=MORNING)
        finally:
            connections.close_all()

    workers = [Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sent() == [("alice@acme.example", "Your day: 2 messages")]


@pytest.mark.usefixtures("daily")
def test_what_a_dead_worker_held_is_sent_when_its_lease_is_over(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    class Server:
        def send_messages(self, _mails: object) -> int:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "get_connection", Server)
        with pytest.raises(Killed):
            send_digests()
    first_ones = len(mail.outbox)

    send_digests()  # The other person is not kept waiting.
    assert (first_ones, len(mail.outbox)) == (0, 1)
    monkeypatch.setattr(tasks, "now", lambda: MORNING + LEASE + timedelta(seconds=1))
    send_digests()
    send_digests()

    assert sorted(who for who, _subject in sent()) == ["alice@acme.example", "bob@example.com"]
    assert HeldMail.objects.using(OPS).count() == 0


@pytest.mark.usefixtures("daily")
def test_a_mail_server_that_is_away_is_asked_again(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def send_messages(self, _mails: object) -> int:
            raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "get_connection", Away)
        assert not send_digest(as_member(acme.owner), at=MORNING)
    assert len(held(acme)) == 3

    assert send_digest(as_member(acme.owner), at=MORNING + LEASE * 2)

    assert sent() == [("alice@acme.example", "Your day: 2 messages")]


@pytest.mark.usefixtures("daily")
def test_what_is_switched_off_meanwhile_is_not_told(acme: Company) -> None:
    set_choice(as_member(acme.owner), {Kind.CLAIMS: When.NEVER})

    assert held(acme) == [(Kind.NEWS, "News 1")]


def test_who_left_or_lost_the_right_hears_nothing(acme: Company) -> None:
    mona, nick = (add_member(acme, name, Role.MANAGER) for name in ("Mona", "Nick"))
    for member in (mona, nick):
        set_choice(as_member(member), {Kind.CLAIMS: When.DIGEST})
    tell(acme, claims())
    mail.outbox.clear()
    with merchant_context(acme.id):
        Member.objects.filter(id=mona.id).update(disabled_at=NOON)
        Member.objects.filter(id=nick.id).update(role=Role.VIEWER)

    send_digests()

    assert (sent(), held(acme)) == ([], [])


def test_nobody_reads_what_waits_for_another(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carol")
    set_choice(as_user(bob), {Kind.NEWS: When.DIGEST})
    tell(acme, news(bob))

    with as_user(carol).context():
        assert HeldMail.objects.count() == 0
    with as_user(bob).context():
        assert HeldMail.objects.count() == 1
