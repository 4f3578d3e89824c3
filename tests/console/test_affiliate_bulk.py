"""Bulk actions: counted first, agreed to, carried out by a worker, watched and stopped."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.models import BulkItem, BulkJob, BulkStatus, Enrollment, Status, Tagging
from affiliates.services import move_enrollment
from commissions.services.bulk_jobs import run_bulk_jobs
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.console.conftest import words

BULK = reverse("console:affiliates-bulk")


@pytest.fixture
def crowd(acme: Company) -> list[Promoter]:
    """Return five promoters, the last of them suspended."""
    crowd = [make_promoter(acme, name) for name in ("Ada", "Ben", "Cleo", "Dan", "Eda")]
    suspend(acme, crowd[-1])
    return crowd


def suspend(company: Company, promoter: Promoter) -> None:
    with merchant_context(company.id):
        enrollment = Enrollment.objects.get(id=promoter.enrollment.id)
        move_enrollment(
            enrollment=enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON, reason="Spam"
        )


def begin(client: Client, url: str = BULK, **said: object) -> BulkJob | None:
    """Ask, agree to what is shown, and return the job that began."""
    shown = client.post(url, {"seen": "", **said})
    seen = re.search(r'name="seen" value="([^"]*)"', shown.content.decode())
    assert seen, words(shown.content)
    agreed = client.post(url, {**said, "seen": seen.group(1)})
    if agreed.status_code != 302:
        return None
    return BulkJob.objects.using("ops").get(id=agreed.headers["Location"].split("/")[-2])


def work(company: Company, *, limit: int = 0) -> int:
    return run_bulk_jobs(merchant_id=company.id, at=NOON, limit=limit)


def statuses(company: Company) -> list[str]:
    with merchant_context(company.id):
        return list(Enrollment.objects.order_by("id").values_list("status", flat=True))


def test_the_dry_run_counts_and_changes_nothing(
    acme: Company, crowd: list[Promoter], alice: Client
) -> None:
    said = {"action": "SUSPEND", "all": "1", "reason": "Review", "seen": ""}

    page = words(alice.post(BULK, said).content)

    assert "Applies to 4" in page
    assert "Stay as they are 1 1 Suspended" in page
    assert "Do this to 4 affiliates" in page
    assert not BulkJob.objects.using("ops").exists()
    assert statuses(acme).count(Status.APPROVED) == 4


def test_a_job_suspends_those_it_applies_to_and_is_audited(
    acme: Company, crowd: list[Promoter], alice: Client
) -> None:
    job = begin(alice, action="SUSPEND", all="1", reason="Review")
    assert job is not None
    assert (job.status, job.total) == (BulkStatus.RUNNING, 4)

    assert work(acme) == 4
    assert work(acme) == 0

    job = BulkJob.objects.using("ops").get()
    assert (job.status, job.done, job.skipped) == (BulkStatus.DONE, 4, 0)
    assert set(statuses(acme)) == {Status.SUSPENDED}
    with merchant_context(acme.id):
        types = list(Event.objects.filter(subject_id=job.id).values_list("type", flat=True))
        reason = Enrollment.objects.get(id=crowd[0].enrollment.id).status_reason
    assert sorted(types) == ["bulk_job.finished", "bulk_job.started"]
    assert reason == "Review"


def test_only_chosen_rows_are_taken(acme: Company, crowd: list[Promoter], alice: Client) -> None:
    ids = [str(one.enrollment.id) for one in crowd[:2]]

    begin(alice, action="TAG", selected=ids, tag_name="Spring")
    work(acme)

    with merchant_context(acme.id):
        tagged = set(Tagging.objects.values_list("enrollment_id", flat=True))
    assert tagged == {one.enrollment.id for one in crowd[:2]}


def test_the_whole_filter_is_taken(acme: Company, crowd: list[Promoter], alice: Client) -> None:
    job = begin(alice, f"{BULK}?status=SUSPENDED", action="REINSTATE", all="1")
    work(acme)

    assert job is not None
    assert job.total == 1
    assert set(statuses(acme)) == {Status.APPROVED}


def test_what_changed_since_it_was_shown_is_asked_again(
    acme: Company, crowd: list[Promoter], alice: Client
) -> None:
    said = {"action": "SUSPEND", "all": "1", "reason": "Review"}
    shown = alice.post(BULK, {**said, "seen": ""}).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', shown)
    suspend(acme, crowd[0])

    asked = alice.post(BULK, {**said, "seen": seen.group(1) if seen else ""})

    assert "Applies to 3" in words(asked.content)
    assert not BulkJob.objects.using("ops").exists()


def test_a_worker_that_dies_within_a_slice_loses_nothing_and_does_nothing_twice(
    acme: Company, crowd: list[Promoter], alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(alice, action="SUSPEND", all="1", reason="Review")
    assert work(acme, limit=2) == 2

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(BulkJob, "advance", die)  # After the work, before the mark and the commit.
        with pytest.raises(SystemExit):
            work(acme, limit=2)
    assert statuses(acme).count(Status.SUSPENDED) == 3

    assert work(acme, limit=2) == 2

    with merchant_context(acme.id):
        suspended = Event.objects.filter(type="enrollment.suspended").count()
    assert suspended == 5  # Each once, Eda before.
    job = BulkJob.objects.using("ops").get()
    assert (job.status, job.done) == (BulkStatus.DONE, 4)


def test_who_moved_meanwhile_is_named_with_the_reason(
    acme: Company, crowd: list[Promoter], alice: Client
) -> None:
    job = begin(alice, action="SUSPEND", all="1", reason="Review")
    suspend(acme, crowd[1])

    work(acme)

    with merchant_context(acme.id):
        assert BulkItem.objects.get().enrollment_id == crowd[1].enrollment.id
    page = words(alice.get(reverse("console:bulk-job", args=[job.id if job else ""])).content)
    assert "Chosen 4 Done 3 Could not be done 1" in page
    assert "Ben Suspended" in page


def test_a_job_is_stopped_where_it_is(acme: Company, crowd: list[Promoter], alice: Client) -> None:
    job = begin(alice, action="SUSPEND", all="1", reason="Review")
    assert job is not None
    work(acme, limit=1)

    alice.post(reverse("console:bulk-job-cancel", args=[job.id]))

    assert work(acme) == 0
    assert statuses(acme).count(Status.APPROVED) == 3
    assert "Cancelled" in words(alice.get(reverse("console:bulk-job", args=[job.id])).content)


def test_owners_are_assigned_and_tags_removed(
    acme: Company, crowd: list[Promoter], alice: Client
) -> None:
    begin(alice, action="TAG", all="1", tag_name="Spring")
    work(acme)
    with merchant_context(acme.id):
        tag = Tagging.objects.values_list("tag_id", flat=True)[0]

    begin(alice, action="ASSIGN_OWNER", all="1", owner=str(acme.owner.id))
    begin(alice, f"{BULK}?status=SUSPENDED", action="UNTAG", all="1", tag=str(tag))
    while work(acme):
        pass

    with merchant_context(acme.id):
        assert Enrollment.objects.filter(owner=acme.owner).count() == 5
        assert Tagging.objects.count() == 4


def test_nothing_to_do_begins_nothing(acme: Company, crowd: list[Promoter], alice: Client) -> None:
    page = words(alice.post(BULK, {"action": "APPROVE", "all": "1", "seen": ""}).content)

    assert "Applies to 0" in page
    assert "Do this to" not in page
