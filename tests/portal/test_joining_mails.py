"""The mails to applicants: one for where they stand, not one for each thing that happened."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from affiliates.models import Application, Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, create_affiliate, move_enrollment
from interfaces.portal.tasks import mail_applications
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Program
from tests.cast import NOON, Company, make_user
from tracking.services import approve_enrollment, join_program


def apply(company: Company, mode: JoinMode = JoinMode.APPLICATION) -> Enrollment:
    """Let Dave apply to the company's program."""
    with merchant_context(company.id):
        Program.objects.update(join_mode=mode, reapply_days=30)
        program = Program.objects.get(id=company.program.id)
    user = make_user("Dave")
    return join_program(
        program=program,
        affiliate=create_affiliate(name="Dave <b>", email=user.email, user=user),
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )


def test_an_application_that_arrived_is_acknowledged_once(acme: Company) -> None:
    apply(acme)

    mail_applications()
    mail_applications()

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (
        ["dave@example.com"],
        "Your application to Acme Partners arrived",
    )
    assert "Hello Dave <b>," in sent.body


def test_who_is_let_in_is_told_with_the_merchants_words(acme: Company) -> None:
    enrollment = apply(acme)
    with merchant_context(acme.id):
        approve_enrollment(enrollment=enrollment, by=SYSTEM, at=NOON, message="Welcome & hello!")

    mail_applications()

    (sent,) = mail.outbox
    assert sent.subject == "You are in: Acme Partners"
    assert "Welcome & hello!" in sent.body


def test_who_joins_an_open_program_is_welcomed(acme: Company) -> None:
    apply(acme, JoinMode.OPEN)

    mail_applications()

    assert [sent.subject for sent in mail.outbox] == ["You are in: Acme Partners"]


def test_who_is_turned_down_reads_why_and_when_to_return(acme: Company) -> None:
    enrollment = apply(acme)
    with merchant_context(acme.id):
        at = NOON + timedelta(days=1)
        facts: Any = {"to": Status.REJECTED, "by": SYSTEM, "at": at, "reason": "Too new."}
        move_enrollment(enrollment=enrollment, **facts)

    mail_applications()

    (sent,) = mail.outbox
    assert "The reason: Too new." in sent.body
    assert "from 2 Apr 2026 on" in sent.body


def test_a_mail_server_that_is_away_loses_nothing(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(acme)

    def away(*_arguments: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        mail_applications()
        with merchant_context(acme.id):
            assert Application.objects.get().mail_due_at is not None
    mail_applications()

    assert len(mail.outbox) == 1
