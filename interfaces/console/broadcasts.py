"""Broadcasts: written for a filter of the affiliates, looked at, tried, counted, and sent."""

from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.care.jobs import Plan
from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.console.access import acts, edits, reads
from interfaces.console.affiliate_lists import EnrollmentFilter
from interfaces.console.forms.broadcasts import AsForm, BroadcastForm, StartForm
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import NUMBER, cell, page_of
from merchants.rights import Right
from messaging.broadcasts import (
    Letter,
    Reach,
    broadcasts_of,
    cancel_broadcast,
    draft_broadcast,
    edit_broadcast,
    first_reached,
    letter_to,
    plan_broadcast,
    reach_of,
    send_broadcast,
    send_test,
)
from messaging.merge import TAGS
from messaging.models import Broadcast, BroadcastStatus
from programs.selectors import programs_of

TO_COME = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED)
UNDER_WAY = (BroadcastStatus.SCHEDULED, BroadcastStatus.RUNNING)


class BroadcastTable(tables.Table):
    """Broadcasts, the newest first."""

    subject = cell("broadcast", gettext_lazy("Subject"), orderable=False)
    status = cell("status", gettext_lazy("Status"), orderable=False)
    starts_at = cell("time", gettext_lazy("Sent"), orderable=False)
    sent = cell("broadcast_sent", gettext_lazy("Affiliates"), orderable=False, attrs=NUMBER)
    read = cell("broadcast_read", gettext_lazy("Read"), orderable=False, attrs=NUMBER)
    answered = cell("broadcast_answered", gettext_lazy("Answered"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("broadcast")}
        attrs = {"caption": gettext_lazy("Broadcasts"), "id": "results"}


@reads
def broadcasts(request: ConsoleRequest) -> HttpResponse:
    """List the broadcasts with what became of them."""
    table = BroadcastTable(broadcasts_of(request.merchant.id))
    context = show_table(request, table)
    table.reach = reach_of(request.merchant.id, [row.id for row in records(table)])
    return show_page(request, "console/messages/broadcasts.html", context, nav="messages")


def _chosen(request: ConsoleRequest, query: str) -> QuerySet[Enrollment]:
    """Return the affiliates that a filter of their list finds now."""
    filters = EnrollmentFilter(
        QueryDict(query),
        enrollments_of(request.merchant.id),
        programs=programs_of(request.merchant.id),
        merchant_id=request.merchant.id,
    )
    rows: QuerySet[Enrollment] = filters.rows
    return rows


def _get(request: ConsoleRequest, broadcast_id: UUID) -> Broadcast:
    found = broadcasts_of(request.merchant.id).filter(id=broadcast_id).first()
    if found is None:
        raise Http404
    return found


# Writing -----------------------------------------------------------------------------------------


@edits(Right.REVIEW_AFFILIATES)
def broadcast_create(request: ConsoleRequest) -> HttpResponse:
    """Write to the affiliates of the filter in the address."""
    form, query = BroadcastForm(request.POST or None), request.GET.urlencode()
    if form.is_valid():
        try:
            drafted = draft_broadcast(
                member=request.member,
                **form.cleaned_data,
                query=query,
                by=request.actor,
                at=request.at,
            )
            return redirect("console:broadcast", drafted.id)
        except BadValue as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return _show_form(request, form, query, back=f"{reverse('console:affiliates')}?{query}")


@edits(Right.REVIEW_AFFILIATES)
def broadcast_edit(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Change the texts of a draft."""
    found = _get(request, broadcast_id)
    form = BroadcastForm(
        request.POST or None, initial={"subject": found.subject, "body": found.body}
    )
    if form.is_valid():
        try:
            with refusal_told(request):
                edit_broadcast(broadcast=found, **form.cleaned_data)
            return redirect("console:broadcast", found.id)
        except BadValue as error:
            form.add_error(error.field, str(error))
    back = reverse("console:broadcast", args=[found.id])
    return _show_form(request, form, found.query, back=back)


def _show_form(
    request: ConsoleRequest, form: BroadcastForm, query: str, *, back: str
) -> HttpResponse:
    context = {
        "form": form,
        "tags": [(f"{{{name}}}", tag.label) for name, tag in TAGS.items()],
        "plan": plan_broadcast(_chosen(request, query)),
        "list_url": f"{reverse('console:affiliates')}?{query}",
        "is_everybody": not query,
        "back": back,
    }
    status = 422 if form.errors else 200
    template = "console/messages/broadcast_form.html"
    return show_page(request, template, context, nav="messages", status=status)


# Looking, trying, sending ------------------------------------------------------------------------


@reads
def broadcast(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Show a draft with whom it would reach and how it reads, else what became of it."""
    return _show(request, _get(request, broadcast_id))


def _show(
    request: ConsoleRequest, found: Broadcast, start_form: StartForm | None = None
) -> HttpResponse:
    is_draft = found.status == BroadcastStatus.DRAFT
    context = {
        **_progress(request, found),
        "is_draft": is_draft,
        "may_cancel": found.status in UNDER_WAY,
        "list_url": f"{reverse('console:affiliates')}?{found.query}",
        "letter": _letter(request, found),
        "as_form": _as_form(request),
        "start_form": start_form or StartForm(auto_id="start_%s"),
        **({"plan": _plan(request, found)} if is_draft else {}),
    }
    status = 422 if start_form is not None else 200
    template = "console/messages/broadcast.html"
    return show_page(request, template, context, nav="messages", status=status)


def _plan(request: ConsoleRequest, found: Broadcast) -> Plan:
    return plan_broadcast(_chosen(request, found.query))


def _as_form(request: ConsoleRequest) -> AsForm:
    form = AsForm(request.GET if "affiliate" in request.GET else None, auto_id="as_%s")
    form.fields["affiliate"].choose_from(request.merchant.id)  # type: ignore[attr-defined]
    return form


def _letter(request: ConsoleRequest, found: Broadcast) -> Letter | None:
    """Return the broadcast as whoever was chosen reads it, else the first whom it reaches."""
    form = _as_form(request)
    chosen = form.cleaned_data["affiliate"] if form.is_bound and form.is_valid() else None
    if chosen is not None:
        return letter_to(found, chosen)
    reader = first_reached(_chosen(request, found.query))
    return letter_to(found, reader) if reader else None


def _progress(request: ConsoleRequest, found: Broadcast) -> dict[str, Any]:
    reach = reach_of(request.merchant.id, [found.id]).get(found.id, Reach())
    return {
        "broadcast": found,
        "reach": reach,
        "is_running": found.status == BroadcastStatus.RUNNING
        or (found.status == BroadcastStatus.SCHEDULED and _is_due(found, request)),
        "is_out": found.status not in TO_COME,
    }


def _is_due(found: Broadcast, request: ConsoleRequest) -> bool:
    return found.starts_at is not None and found.starts_at <= request.at


@reads
def broadcast_progress(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Say how far it is: what the page asks again until everybody has it."""
    context = _progress(request, _get(request, broadcast_id))
    answer = render(request, "console/messages/progress.html", context)
    if not context["is_running"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@acts(Right.REVIEW_AFFILIATES)
def broadcast_test(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Mail it to oneself, as it reads for whoever is shown."""
    found = _get(request, broadcast_id)
    letter = _letter(request, found)
    if letter is None:
        messages.error(request, _("There is nobody whom it would reach."))
    else:
        send_test(letter=letter, member=request.member)
        said = {"address": request.user.email}
        messages.success(request, _("A test is on its way to %(address)s.") % said)
    return redirect("console:broadcast", found.id)


@acts(Right.REVIEW_AFFILIATES)
def broadcast_send(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Let it go out to whom the person saw counted."""
    found = _get(request, broadcast_id)
    form = StartForm(request.POST, auto_id="start_%s")
    if not form.is_valid():
        return _show(request, found, form)
    try:
        with refusal_told(request):
            send_broadcast(
                broadcast=found,
                rows=_chosen(request, found.query),
                expected=request.POST.get("expected", ""),
                by=request.actor,
                at=request.at,
                starts_at=form.cleaned_data["starts_at"],
            )
    except BadValue as error:
        if error.field == "starts_at":
            form.add_error("starts_at", str(error))
            return _show(request, found, form)
        messages.error(request, str(error))
    return redirect("console:broadcast", found.id)


@acts(Right.REVIEW_AFFILIATES)
def broadcast_cancel(request: ConsoleRequest, broadcast_id: UUID) -> HttpResponse:
    """Let it reach nobody further."""
    found = _get(request, broadcast_id)
    try:
        cancel_broadcast(broadcast=found, by=request.actor, at=request.at)
        messages.success(request, _("Cancelled. Who has it keeps it."))
    except IllegalMove:
        messages.info(request, _("It had ended already."))
    return redirect("console:broadcast", found.id)
