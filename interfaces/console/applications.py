"""Applications that wait for a person: the list, one at a time, and what is decided."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.applications import waiting_applications
from affiliates.models import Channel, Enrollment, Reference, Status
from affiliates.selectors import applications_of
from affiliates.services import move_enrollment
from common.states import IllegalMove
from interfaces.console.access import acts, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.application_table import ApplicationTable
from interfaces.console.forms.joining import ApproveForm, RejectForm
from interfaces.console.history import told_history
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.review_words import told_answers, told_checks
from merchants.rights import Right
from tracking.services import approve_enrollment

BULK_MAX = 200


@reads
def applications(request: ConsoleRequest) -> HttpResponse:
    """List who waits for an answer, the oldest first."""
    rows = waiting_applications(request.merchant.id)
    table = ApplicationTable(rows)
    may_review = request.member.may(Right.REVIEW_AFFILIATES)
    if not may_review:
        table.exclude = ("select",)
    context = show_table(request, table)
    first = rows.first()
    context |= {
        "count": rows.count(),
        "first": first.enrollment_id if first else None,
        "actions": [{"label": _("Approve"), "value": "approve", "kind": "primary"}],
    }
    return show_page(request, "console/applications/list.html", context, nav="affiliates")


@acts(Right.REVIEW_AFFILIATES)
def applications_approve(request: ConsoleRequest) -> HttpResponse:
    """Approve those that were selected; whom somebody else decided about is left out."""
    chosen = [id for id in request.POST.getlist("selected") if _is_id(id)][:BULK_MAX]
    approved = 0
    waiting = waiting_applications(request.merchant.id)
    for row in waiting.filter(enrollment_id__in=chosen):
        try:
            approve_enrollment(enrollment=row.enrollment, by=request.actor, at=request.at)
        except IllegalMove:
            continue
        approved += 1
    told = ngettext("%(count)s approved.", "%(count)s approved.", approved) % {"count": approved}
    messages.success(request, told)
    return redirect("console:applications")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@reads
def application(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Show what an applicant wrote, what was checked, and what is known of them."""
    return _show(request, get_enrollment(request, enrollment_id))


def _show(
    request: ConsoleRequest, enrollment: Enrollment, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    written = applications_of(enrollment)
    if not written:
        raise Http404
    affiliate_id = enrollment.affiliate_id
    context: dict[str, Any] = {
        "enrollment": enrollment,
        "application": written[0],
        "answers": told_answers(written[0]),
        "checks": told_checks(written[0]),
        "earlier": [(row, told_answers(row)) for row in written[1:]],
        "channels": Channel.objects.filter(affiliate_id=affiliate_id).order_by("created_at"),
        "references": Reference.objects.filter(affiliate_id=affiliate_id).order_by("created_at"),
        "history": told_history(request.merchant.id, enrollment.id),
        "waits": enrollment.status == Status.APPLIED,
        "approve_form": ApproveForm(auto_id="approve_%s"),
        "reject_form": RejectForm(auto_id="reject_%s"),
        **_neighbours(request, enrollment),
        **(bad or {}),
    }
    status = 422 if bad else 200
    template = "console/applications/one.html"
    return show_page(request, template, context, nav="affiliates", status=status)


def _neighbours(request: ConsoleRequest, enrollment: Enrollment) -> dict[str, Any]:
    """Return who waits before and after this one, and how many wait."""
    ids = list(waiting_applications(request.merchant.id).values_list("enrollment_id", flat=True))
    if enrollment.id not in ids:
        return {"next": ids[0] if ids else None, "previous": None, "count": len(ids)}
    here = ids.index(enrollment.id)
    return {
        "previous": ids[here - 1] if here else None,
        "next": ids[here + 1] if here + 1 < len(ids) else None,
        "number": here + 1,
        "count": len(ids),
    }


@acts(Right.REVIEW_AFFILIATES)
def application_approve(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Let an applicant in, and go on to the next."""
    enrollment = get_enrollment(request, enrollment_id)
    form = ApproveForm(request.POST, auto_id="approve_%s")
    if not form.is_valid():
        return _show(request, enrollment, bad={"approve_form": form})
    after = _neighbours(request, enrollment)
    with refusal_told(request):
        approve_enrollment(
            enrollment=enrollment,
            by=request.actor,
            at=request.at,
            message=form.cleaned_data["message"],
        )
        messages.success(request, _("Approved: %(name)s.") % {"name": enrollment.affiliate})
    return _go_on(after)


@acts(Right.REVIEW_AFFILIATES)
def application_reject(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Turn an applicant down with a reason, and go on to the next."""
    enrollment = get_enrollment(request, enrollment_id)
    form = RejectForm(request.POST, auto_id="reject_%s")
    if not form.is_valid():
        return _show(request, enrollment, bad={"reject_form": form})
    after = _neighbours(request, enrollment)
    with refusal_told(request):
        move_enrollment(
            enrollment=enrollment,
            to=Status.REJECTED,
            by=request.actor,
            at=request.at,
            reason=form.cleaned_data["reason"],
            message=form.cleaned_data["message"],
        )
        messages.success(request, _("Rejected: %(name)s.") % {"name": enrollment.affiliate})
    return _go_on(after)


def _go_on(neighbours: dict[str, Any]) -> HttpResponse:
    other = neighbours["next"] or neighbours["previous"]
    return redirect("console:application", other) if other else redirect("console:applications")
