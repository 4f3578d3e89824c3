"""How affiliates are looked after: notes, tasks, saved views, health and violations."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.care.notes import set_task
from affiliates.models import Enrollment, Note, Segment, Severity, Status, Task, Violation
from commissions.models import Commission, Side
from commissions.models import Status as CommissionStatus
from commissions.services.violations import file_violation
from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from reports.health import judge_all
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell
from tests.console.clicks import store_clicks
from tests.console.conftest import TODAY, SignIn, words
from tests.proposals import propose

LIST = reverse("console:affiliates")


def url(name: str, promoter: Promoter) -> str:
    return reverse(f"console:{name}", args=[promoter.enrollment.id])


def page_of(client: Client, promoter: Promoter) -> str:
    return words(client.get(url("affiliate", promoter)).content)


def test_notes_are_kept_and_deleted_by_who_wrote_them(
    acme: Company, bob: Promoter, alice: Client, sign_in: SignIn
) -> None:
    mia = sign_in(add_member(acme, "Mia", Role.MANAGER).user)
    alice.post(url("note-write", bob), {"body": "Met at the fair."})
    assert "Met at the fair. Alice" in page_of(mia, bob)
    with merchant_context(acme.id):
        note = Note.objects.get()
    delete = reverse("console:note-delete", args=[bob.enrollment.id, note.id])

    mia.post(delete)
    assert "Met at the fair." in page_of(alice, bob)
    alice.post(delete)

    assert "Met at the fair." not in page_of(alice, bob)


def test_tags_and_owner_are_shown_and_told_in_the_history(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    alice.post(url("tag-add", bob), {"name": "Key account"})
    alice.post(url("owner-assign", bob), {"owner": str(acme.owner.id)})

    page = page_of(alice, bob)

    assert "Key account" in page
    with merchant_context(acme.id):
        rows = Event.objects.filter(subject_id=bob.enrollment.id).order_by("at", "id")
        types = [event.type for event in rows]
        owner = Enrollment.objects.get(id=bob.enrollment.id).owner_id
    assert types[-2:] == ["enrollment.tagged", "enrollment.owner_changed"]
    assert owner == acme.owner.id


def test_a_task_is_with_whom_it_was_given_to_until_it_is_done(
    acme: Company, bob: Promoter, alice: Client, sign_in: SignIn
) -> None:
    vera = add_member(acme, "Vera", Role.VIEWER)
    facts = {"title": "Ask for figures", "due_on": "2026-03-01", "assignee": str(vera.id)}
    alice.post(url("task-set", bob), facts)
    client = sign_in(vera.user)

    mine = words(client.get(reverse("console:tasks")).content)
    assert "Ask for figures Bob Overdue" in mine
    assert "Nothing is to be done" in words(alice.get(reverse("console:tasks")).content)
    with merchant_context(acme.id):
        task = Task.objects.get()
    client.post(reverse("console:task-finish", args=[task.id]))

    assert "Nothing is to be done" in words(client.get(reverse("console:tasks")).content)


def test_a_viewer_finishes_nobody_elses_task(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    with merchant_context(acme.id):
        task = set_task(made_by=acme.owner, assignee=acme.owner, title="Call", due_on=None)
    vera = sign_in(add_member(acme, "Vera", Role.VIEWER).user)

    vera.post(reverse("console:task-finish", args=[task.id]))

    with merchant_context(acme.id):
        assert Task.objects.get().done_at is None


def test_a_saved_view_is_a_link_for_all_members(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    save = f"{reverse('console:segment-save')}?status=APPROVED&country=DE"
    alice.post(save, {"name": "Germans", "list": "AFFILIATES"})
    nothing = {"name": "Everybody", "list": "AFFILIATES"}  # Filters nothing.
    alice.post(reverse("console:segment-save"), nothing)

    with merchant_context(acme.id):
        segment = Segment.objects.get()
    html = alice.get(LIST).content.decode()
    assert 'href="/console/affiliates/?status=APPROVED&amp;country=DE">Germans' in html

    alice.post(reverse("console:segment-delete", args=[segment.id]))

    assert "Germans" not in alice.get(LIST).content.decode()


def test_home_shows_own_tasks_and_proposals_to_answer(
    acme: Company, bob: Promoter, alice: Client, sign_in: SignIn
) -> None:
    mia = add_member(acme, "Mia", Role.MANAGER)
    with merchant_context(acme.id):
        set_task(
            made_by=mia,
            assignee=acme.owner,
            title="Call <b>Bob</b>",
            due_on=TODAY.date() - timedelta(days=1),
            enrollment=bob.enrollment,
        )
        found = propose(acme, bob, side=Side.AFFILIATE)

    page = alice.get(reverse("console:home")).content
    of_mia = words(sign_in(mia.user).get(reverse("console:home")).content)

    assert "Call &lt;b&gt;Bob&lt;/b&gt;" in page.decode()
    assert "Overdue" in words(page)
    assert reverse("console:proposal", args=[found.id]) in page.decode()
    assert "Proposals to answer" in of_mia
    assert "Call" not in of_mia


@pytest.mark.parametrize("page", ["conversions", "commissions"])
def test_other_lists_keep_views_of_their_own(
    page: str, acme: Company, bob: Promoter, alice: Client
) -> None:
    sell(acme, click=click_of(bob))
    there = reverse(f"console:{page}")
    assert "Save this view" in alice.get(there, {"show": "APPROVED"}).content.decode()

    save = f"{reverse('console:segment-save')}?show=APPROVED"
    alice.post(save, {"name": "<b>Kept ones</b>", "list": page.upper()})

    shown = alice.get(there).content.decode()
    assert f'href="{there}?show=APPROVED">&lt;b&gt;Kept ones&lt;/b&gt;' in shown
    assert "Kept ones" not in alice.get(LIST).content.decode()


def test_whoever_decides_on_a_list_keeps_its_views(acme: Company, sign_in: SignIn) -> None:
    finn = sign_in(add_member(acme, "Finn", Role.FINANCE).user)
    save = f"{reverse('console:segment-save')}?show=HELD"

    statuses = [
        finn.post(save, {"name": "Held", "list": name}).status_code
        for name in ("COMMISSIONS", "CONVERSIONS", "AFFILIATES", "NONSENSE")
    ]

    assert statuses == [302, 403, 403, 404]


def test_health_is_judged_by_what_happened(acme: Company, bob: Promoter, alice: Client) -> None:
    store_clicks(acme, bob, at=NOON, count=20)
    sell(acme, click=click_of(bob))

    assert judge_all(merchant_id=acme.id, at=TODAY) == 1
    assert judge_all(merchant_id=acme.id, at=TODAY) == 0  # Nothing changed since.

    with merchant_context(acme.id):
        health = Enrollment.objects.get(id=bob.enrollment.id).health
    assert health == 90  # All but the profile, of which everything is missing.
    assert "Good 90" in words(alice.get(LIST).content)
    assert "Brings visitors and sales 35 of 35" in page_of(alice, bob)


@pytest.mark.parametrize(
    ("severity", "status", "enrollment_status"),
    [
        (Severity.WARN, CommissionStatus.PENDING, Status.APPROVED),
        (Severity.HOLD, CommissionStatus.HELD, Status.APPROVED),
        (Severity.SUSPEND, CommissionStatus.PENDING, Status.SUSPENDED),
        (Severity.CLAW_BACK, CommissionStatus.DECLINED, Status.APPROVED),
    ],
)
def test_each_severity_has_its_consequence_and_a_mail(
    severity: Severity,
    status: CommissionStatus,
    enrollment_status: Status,
    acme: Company,
    bob: Promoter,
    alice: Client,
    mailoutbox: list,
) -> None:
    sell(acme, click=click_of(bob))
    facts = {"severity": severity.value, "rule": "No brand bidding", "evidence": "Seen on 1 March"}

    answer = alice.post(url("violation-file", bob), facts)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        assert Commission.objects.get().status == status
        assert Enrollment.objects.get(id=bob.enrollment.id).status == enrollment_status
    [mail] = mailoutbox
    assert (mail.to, "No brand bidding" in mail.body) == (["bob@example.com"], True)
    assert "Seen on 1 March" not in mail.body


def test_who_may_not_touch_money_files_no_hold(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = add_member(acme, "Vera", Role.VIEWER)
    said = {"severity": Severity.HOLD, "rule": "No spam", "evidence": "A mail", "at": NOON}

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        file_violation(member=vera, enrollment=bob.enrollment, **said)

    with merchant_context(acme.id):
        assert not Violation.objects.exists()


def test_a_violation_is_resolved_once(acme: Company, bob: Promoter, alice: Client) -> None:
    facts = {"severity": "WARN", "rule": "No spam", "evidence": "A mail"}
    alice.post(url("violation-file", bob), facts)
    with merchant_context(acme.id):
        violation = Violation.objects.get()
    resolve = reverse("console:violation-resolve", args=[bob.enrollment.id, violation.id])

    alice.post(resolve, {"resolution": "It was a mistake"})
    alice.post(resolve, {"resolution": "It was not"})

    with merchant_context(acme.id):
        violation = Violation.objects.get()
    assert violation.resolution == "It was a mistake"
    assert violation.resolved_at is not None
    assert abs(violation.resolved_at - TODAY) < timedelta(minutes=5)
    assert "Resolved It was a mistake" in page_of(alice, bob)
