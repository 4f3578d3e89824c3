"""Members hear once, in their language, of tasks that are due and of hosts that fail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from affiliates.care.notes import finish_task, set_task
from affiliates.models import Enrollment
from mailing import directory, tasks
from mailing.kinds import Kind, When
from mailing.reminders import tell_of_domains, tell_of_tasks
from merchants.domains import Finding, add_domain, note_finding
from merchants.models import SYSTEM, Domain, Purpose
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member
from tests.mailing.telling import as_member, held, sent, set_choice

DAY = timedelta(days=1)


def test_each_hears_of_their_own_tasks_on_the_day_and_once(acme: Company, bob: Promoter) -> None:
    vera = add_member(acme, "Vera", Role.VIEWER)
    set_choice(as_member(vera), {Kind.TASKS: When.NOW})
    today = NOON.date()
    with merchant_context(acme.id):
        about = Enrollment.objects.get(id=bob.enrollment.id)
        facts = {"made_by": acme.owner, "due_on": today}
        set_task(assignee=vera, title="Ask for figures", enrollment=about, **facts)
        set_task(assignee=vera, title="Order pens", **facts)
        set_task(assignee=acme.owner, title="Look at the terms", **facts)
        set_task(made_by=vera, assignee=vera, title="Later", due_on=today + DAY)
        set_task(made_by=vera, assignee=vera, title="Whenever", due_on=None)
        finish_task(task=set_task(assignee=vera, title="Done", **facts), at=NOON)

    told = [tell_of_tasks(merchant_id=acme.id, at=NOON) for _round in range(2)]

    assert told == [3, 0]
    assert sent() == [("vera@acme.example", "2 tasks are due")]
    text = mail.outbox[0].body
    assert "- Ask for figures (Bob), due on" in text
    assert "- Order pens, due on" in text
    assert "Later" not in text
    assert "/console/tasks/" in text
    assert held(acme) == [("TASKS", "1 task is due")]  # Alice's, with her daily mail.
    assert directory.merchants_with_tasks_due(at=NOON) == []
    assert directory.merchants_with_tasks_due(at=NOON + DAY) == [acme.id]


def failing(company: Company, *, days: int, purpose: Purpose = Purpose.TRACKING) -> Domain:
    """Return a host that was proven at noon, and that fails since the next day, for so long."""
    with merchant_context(company.id):
        domain = add_domain(
            merchant=company.merchant, host="go.acme.example", purpose=purpose, by=SYSTEM, at=NOON
        )
        note_finding(domain=domain, finding=Finding.FINE, at=NOON)
        for day in range(1, days + 2):
            note_finding(domain=domain, finding=Finding.NO_PROOF, at=NOON + day * DAY)
    return domain


def test_a_host_that_fails_is_told_of_once_and_again_when_it_is_given_up(acme: Company) -> None:
    add_member(acme, "Vera", Role.VIEWER)
    domain = failing(acme, days=0, purpose=Purpose.PORTAL)

    assert directory.merchants_with_failing_domains() == [acme.id]
    assert [tell_of_domains(merchant_id=acme.id, at=NOON) for _round in range(2)] == [1, 0]
    assert sent() == [("alice@acme.example", "go.acme.example will stop working")]
    text = mail.outbox[0].body
    assert "The TXT record is not there yet." in text
    assert "Your portal is still reached there until" in text
    assert f"TXT  _fairlead.go.acme.example\n    {domain.proof}" in text

    with merchant_context(acme.id):
        note_finding(domain=domain, finding=Finding.NO_PROOF, at=NOON + 8 * DAY)
    tasks.tell_of_domains()
    tasks.tell_of_domains()

    assert [subject for _to, subject in sent()][1:] == ["go.acme.example no longer works"]
    assert "Your portal is not reached there any more." in mail.outbox[1].body


def test_a_host_that_works_again_is_told_of_anew(acme: Company) -> None:
    domain = failing(acme, days=0)
    tell_of_domains(merchant_id=acme.id, at=NOON)

    with merchant_context(acme.id):
        note_finding(domain=domain, finding=Finding.FINE, at=NOON + 2 * DAY)
        assert directory.merchants_with_failing_domains() == []
        note_finding(domain=domain, finding=Finding.NO_RECORD, at=NOON + 3 * DAY)

    assert tell_of_domains(merchant_id=acme.id, at=NOON + 3 * DAY) == 1


def test_a_host_that_was_never_proven_is_nothing_to_tell_of(acme: Company) -> None:
    with merchant_context(acme.id):
        domain = add_domain(merchant=acme.merchant, host="a.example", by=SYSTEM, at=NOON)
        for day in (0, 9):
            note_finding(domain=domain, finding=Finding.NO_RECORD, at=NOON + day * DAY)

    assert directory.merchants_with_failing_domains() == []


def test_a_mail_server_that_is_away_delays_the_mails_alone(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_choice(as_member(acme.owner), {Kind.TASKS: When.NOW})
    failing(acme, days=0)
    with merchant_context(acme.id):
        set_task(made_by=acme.owner, assignee=acme.owner, title="Call", due_on=NOON.date())

    def away(*_args: Any, **_options: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        assert tell_of_tasks(merchant_id=acme.id, at=NOON) == 0
        assert tell_of_domains(merchant_id=acme.id, at=NOON) == 0

    tasks.tell_of_tasks()
    tasks.tell_of_domains()
    assert [subject for _to, subject in sent()] == [
        "1 task is due",
        "go.acme.example will stop working",
    ]
