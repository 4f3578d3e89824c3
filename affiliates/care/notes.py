"""Notes, tasks and saved filters: what members tell each other, and what they are to do."""

from datetime import date, datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, Note, SavedList, Segment, Task
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Member, acting_user


def write_note(*, member: Member, enrollment: Enrollment, body: str, at: datetime) -> Note:
    """Keep what a member knows of an affiliate, who never sees it; return it.

    :raises BadValue: if it is empty or too long.
    """
    return Note.objects.create(
        merchant_id=enrollment.merchant_id,
        enrollment=enrollment,
        member=member,
        body=cleaned(Note, "body", body.strip()),
        at=at,
    )


def delete_note(*, member: Member, note: Note) -> None:
    """Delete a note.

    :raises BadValue: if somebody else wrote it.
    """
    if note.member_id != member.id:
        raise BadValue("note", "not_yours", _("Only who wrote a note deletes it."))
    note.delete()


def notes_of(enrollment: Enrollment) -> list[Note]:
    """Return what members noted, newest first."""
    notes = Note.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(notes.select_related("member__user").order_by("-at", "-id"))


def set_task(
    *,
    made_by: Member,
    assignee: Member,
    title: str,
    due_on: date | None,
    enrollment: Enrollment | None = None,
) -> Task:
    """Give a member, perhaps oneself, something to do; return it.

    :raises BadValue: if it has no title, or the assignee is disabled.
    """
    if assignee.merchant_id != made_by.merchant_id or assignee.disabled_at is not None:
        raise BadValue("assignee", "no_member", _("This is nobody of yours."))
    return Task.objects.create(
        merchant_id=made_by.merchant_id,
        enrollment=enrollment,
        assignee=assignee,
        made_by=made_by,
        title=cleaned(Task, "title", title.strip()),
        due_on=due_on,
    )


def finish_task(*, task: Task, at: datetime) -> None:
    """Mark a task as done. Safe to repeat: the first time counts."""
    open_tasks = Task.objects.filter(merchant_id=task.merchant_id, id=task.id, done_at=None)
    open_tasks.update(done_at=at)


def open_tasks_of(member: Member) -> QuerySet[Task]:
    """Return what a member is still to do, the most urgent first."""
    tasks = Task.objects.filter(merchant_id=member.merchant_id, assignee=member, done_at=None)
    by_day = tasks.order_by(F("due_on").asc(nulls_last=True), "id")
    return by_day.select_related("enrollment__affiliate", "made_by__user")


def tasks_about(enrollment: Enrollment) -> list[Task]:
    """Return what is to be done about an enrollment, then what was done, the newest first."""
    tasks = Task.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    newest = tasks.order_by(F("done_at").desc(nulls_first=True), "-id")
    return list(newest.select_related("assignee__user"))


def save_segment(
    *, member: Member, list: SavedList, name: str, query: str, at: datetime
) -> Segment:
    """Give a filter of a list a name; the same name again gets the new filter. Return it.

    :raises BadValue: if the name is empty or too long, or nothing is filtered.
    """
    if not query:
        raise BadValue("query", "empty", _("Filter the list first."))
    segment, _is_new = Segment.objects.update_or_create(
        merchant_id=member.merchant_id,
        list=list,
        name=cleaned(Segment, "name", name.strip()),
        defaults={"query": cleaned(Segment, "query", query), "made_by": member},
    )
    _record(segment, "segment.saved", member, at)
    return segment


def delete_segment(*, member: Member, segment: Segment, at: datetime) -> None:
    """Forget a saved filter; nothing happens to whom it found."""
    _record(segment, "segment.deleted", member, at)
    segment.delete()


def segments_of(member: Member, list: SavedList) -> QuerySet[Segment]:
    """Return the merchant's saved filters of a list by name."""
    return Segment.objects.filter(merchant_id=member.merchant_id, list=list).order_by("name")


def _record(segment: Segment, type: str, member: Member, at: datetime) -> None:
    record_event(
        merchant_id=segment.merchant_id,
        type=type,
        subject_id=segment.id,
        by=acting_user(member.user),
        at=at,
        data={"list": segment.list, "name": segment.name, "query": segment.query},
    )
