"""What members note, tag and plan about affiliates."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from affiliates.care import notes, tags
from affiliates.care.selectors import channels_of, references_of, tags_by_enrollment, tags_of
from affiliates.health import judge_health
from affiliates.models import Enrollment, Note, Tag, Task
from affiliates.selectors import enrollments_of
from commissions.services.violations import violations_of
from common.refusals import BadValue
from interfaces.console.access import acts, reads
from interfaces.console.forms.care import NoteForm, OwnerForm, TaskForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.violations import ResolutionForm
from merchants.rights import Right
from reports.health import vitals_of


def _enrollment(request: ConsoleRequest, enrollment_id: UUID) -> Enrollment:
    found = enrollments_of(request.merchant.id).filter(id=enrollment_id).first()
    if found is None:
        raise Http404
    return found


def care_context(request: ConsoleRequest, enrollment: Enrollment) -> dict[str, Any]:
    """Return what an affiliate's page shows of how they are looked after."""
    merchant_id = request.merchant.id
    vitals = vitals_of(merchant_id, [enrollment.id], at=request.at)[enrollment.id]
    return {
        "health": judge_health(vitals) if enrollment.is_active else None,
        "tags": tags_by_enrollment(merchant_id, [enrollment.id]).get(enrollment.id, []),
        "known_tags": tags_of(merchant_id),
        "owner_form": OwnerForm(
            initial={"owner": str(enrollment.owner_id or "")}, merchant_id=merchant_id
        ),
        "notes": notes.notes_of(enrollment),
        "note_form": NoteForm(auto_id="note_%s"),
        "tasks": notes.tasks_about(enrollment),
        "task_form": TaskForm(merchant_id=merchant_id, auto_id="task_%s"),
        "channels": channels_of(enrollment.affiliate),
        "violations": violations_of(enrollment),
        "resolution_form": ResolutionForm(),
        "references": references_of(enrollment.affiliate),
    }


def _told(request: ConsoleRequest, error: Exception) -> None:
    messages.error(request, str(error))


@acts(Right.REVIEW_AFFILIATES)
def note_write(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Keep a note about an affiliate."""
    enrollment = _enrollment(request, enrollment_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        body = form.cleaned_data["body"]
        notes.write_note(member=request.member, enrollment=enrollment, body=body, at=request.at)
    else:
        messages.error(request, _("A note needs a text of up to 5,000 characters."))
    return redirect(_card(enrollment, "notes"))


@acts(Right.REVIEW_AFFILIATES)
def note_delete(request: ConsoleRequest, enrollment_id: UUID, note_id: UUID) -> HttpResponse:
    """Delete a note of one's own."""
    enrollment = _enrollment(request, enrollment_id)
    rows = Note.objects.filter(merchant_id=request.merchant.id, enrollment=enrollment)
    note = rows.filter(id=note_id).first()
    if note is None:
        raise Http404
    try:
        notes.delete_note(member=request.member, note=note)
    except BadValue as error:
        _told(request, error)
    return redirect(_card(enrollment, "notes"))


@acts(Right.REVIEW_AFFILIATES)
def tag_add(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Put a tag on an affiliate, a new one if need be."""
    enrollment = _enrollment(request, enrollment_id)
    name = request.POST.get("name", "")
    try:
        tags.tag_enrollment(enrollment=enrollment, name=name, by=request.actor, at=request.at)
    except BadValue as error:
        _told(request, error)
    return redirect(_card(enrollment, "care"))


@acts(Right.REVIEW_AFFILIATES)
def tag_remove(request: ConsoleRequest, enrollment_id: UUID, tag_id: UUID) -> HttpResponse:
    """Take a tag off an affiliate."""
    enrollment = _enrollment(request, enrollment_id)
    tag = Tag.objects.filter(merchant_id=request.merchant.id, id=tag_id).first()
    if tag is None:
        raise Http404
    tags.untag_enrollment(enrollment=enrollment, tag=tag, by=request.actor, at=request.at)
    return redirect(_card(enrollment, "care"))


@acts(Right.REVIEW_AFFILIATES)
def owner_assign(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Say who looks after an affiliate."""
    enrollment = _enrollment(request, enrollment_id)
    form = OwnerForm(request.POST, merchant_id=request.merchant.id)
    if not form.is_valid():
        raise Http404  # The page offers only members that there are.
    tags.assign_owner(enrollment=enrollment, owner=form.chosen, by=request.actor, at=request.at)
    return redirect(_card(enrollment, "care"))


@acts(Right.REVIEW_AFFILIATES)
def task_set(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Give somebody something to do about an affiliate."""
    enrollment = _enrollment(request, enrollment_id)
    form = TaskForm(request.POST, merchant_id=request.merchant.id)
    if form.is_valid():
        assignee = form.chosen or request.member
        notes.set_task(
            made_by=request.member,
            assignee=assignee,
            title=form.cleaned_data["title"],
            due_on=form.cleaned_data["due_on"],
            enrollment=enrollment,
        )
    else:
        messages.error(request, _("A task needs a title and, if any, a day that there is."))
    return redirect(_card(enrollment, "tasks"))


@acts(None)
def task_finish(request: ConsoleRequest, task_id: UUID) -> HttpResponse:
    """Mark a task as done: one's own, or, with the right to care for affiliates, anybody's."""
    task = Task.objects.filter(merchant_id=request.merchant.id, id=task_id).first()
    if task is None:
        raise Http404
    mine = task.assignee_id == request.member.id
    if mine or request.member.may(Right.REVIEW_AFFILIATES):
        notes.finish_task(task=task, at=request.at)
    else:
        messages.error(request, _("This is a task of somebody else."))
    return redirect(_next(request, reverse("console:tasks")))


@reads
def tasks(request: ConsoleRequest) -> HttpResponse:
    """List what the member is to do."""
    context = {"tasks": notes.open_tasks_of(request.member), "today": request.at.date()}
    return show_page(request, "console/affiliates/tasks.html", context, nav="affiliates")


def _card(enrollment: Enrollment, card: str) -> str:
    return f"{reverse('console:affiliate', args=[enrollment.id])}#{card}"


def _next(request: ConsoleRequest, otherwise: str) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise
