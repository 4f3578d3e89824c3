"""Messages of affiliates: the inbox, a thread, and a first word to one of them."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import cell, page_of
from interfaces.messages import MessageForm, ThreadForm, conversation_of, give_file
from merchants.rights import Right
from messaging.models import Side, Thread, ThreadStatus
from messaging.selectors import attachment_of, inbox_of, seen_by, threads_of
from messaging.services import (
    REACHABLE,
    NotReachable,
    Writer,
    as_member,
    close_thread,
    mark_read,
    reopen_thread,
    start_thread,
    write_message,
)
from programs.selectors import programs_of

UNREAD = "unread"
SHOWN_OF_ONE = 5  # Threads on an affiliate's page.


class ThreadFilter(ListFilter):
    """Threads by program and state; found by affiliate or subject."""

    q = search_field(gettext_lazy("Affiliate or subject"))
    program = django_filters.ChoiceFilter(
        field_name="enrollment__program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    show = django_filters.ChoiceFilter(
        method="standing",
        label=gettext_lazy("Show"),
        empty_label=gettext_lazy("Everything"),
        choices=[(UNREAD, gettext_lazy("Unread")), *ThreadStatus.choices],
    )
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the subject, or of the affiliate's name or address."""
        return rows.filter(
            Q(subject__icontains=text)
            | Q(affiliate__name__icontains=text)
            | Q(affiliate__email__icontains=text)
        )

    def standing(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep what the member has not seen, or what is open or closed."""
        return rows.filter(is_unread=True) if wanted == UNREAD else rows.filter(status=wanted)


class ThreadTable(tables.Table):
    """Threads, the latest word first."""

    subject = cell("thread", gettext_lazy("Subject"), orderable=False)
    affiliate = cell("thread_affiliate", gettext_lazy("Affiliate"), orderable=False)
    status = cell("status", gettext_lazy("Status"), orderable=False)
    last_at = cell("time", gettext_lazy("Last message"))

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("thread")}
        attrs = {"caption": gettext_lazy("Messages"), "id": "results"}
        empty_text = gettext_lazy("No thread matches. Take a filter away to see more.")


@reads
def threads(request: ConsoleRequest) -> HttpResponse:
    """List what affiliates and the merchant write to each other."""
    # Of one affiliate everything is shown, also what nobody has answered yet.
    of_one = "enrollment" in request.GET
    found = threads_of(request.merchant.id) if of_one else inbox_of(request.merchant.id)
    rows = seen_by(found, request.user, Side.MERCHANT)
    filters = ThreadFilter(request.GET, rows, programs=programs_of(request.merchant.id))
    context = show_table(request, ThreadTable(filters.rows), filters=filters)
    return show_page(request, "console/messages/list.html", context, nav="messages")


def threads_context(request: ConsoleRequest, enrollment: Enrollment) -> dict[str, Any]:
    """Return what an affiliate's page shows of their messages."""
    rows = threads_of(request.merchant.id).filter(enrollment=enrollment)
    found = list(seen_by(rows, request.user, Side.MERCHANT)[: SHOWN_OF_ONE + 1])
    return {
        "threads": found[:SHOWN_OF_ONE],
        "has_more_threads": len(found) > SHOWN_OF_ONE,
        "is_reachable": enrollment.status in REACHABLE,
    }


def get_thread(request: ConsoleRequest, thread_id: UUID) -> Thread:
    """Return the merchant's thread.

    :raises Http404: if the merchant has no such thread.
    """
    found = threads_of(request.merchant.id).filter(id=thread_id).first()
    if found is None:
        raise Http404
    return found


@reads
def thread(request: ConsoleRequest, thread_id: UUID) -> HttpResponse:
    """Show a thread; whoever sees it has read it."""
    found = get_thread(request, thread_id)
    mark_read(thread=found, user=request.user, side=Side.MERCHANT, at=request.at)
    return _show(request, found, MessageForm())


def _show(request: ConsoleRequest, found: Thread, form: MessageForm) -> HttpResponse:
    context = {
        "thread": found,
        "conversation": conversation_of(
            found, own=Side.MERCHANT, before=request.GET.get("before", "")
        ),
        "is_closed": found.status == ThreadStatus.CLOSED,
        "form": form,
    }
    status = 422 if form.errors else 200
    return show_page(
        request, "console/messages/thread.html", context, nav="messages", status=status
    )


def _writer(request: ConsoleRequest) -> Writer:
    return as_member(request.member, request.actor)


@reads
def thread_file(request: ConsoleRequest, thread_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Give a file of a thread."""
    file = attachment_of(get_thread(request, thread_id), attachment_id)
    if file is None:
        raise Http404
    return give_file(file)


@acts(Right.WRITE_MESSAGES)
def thread_answer(request: ConsoleRequest, thread_id: UUID) -> HttpResponse:
    """Write in a thread."""
    found = get_thread(request, thread_id)
    form = MessageForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            write_message(thread=found, **form.cleaned_data, by=_writer(request), at=request.at)
        except BadValue as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Sent."))
            return redirect("console:thread", found.id)
    return _show(request, found, form)


@acts(Right.WRITE_MESSAGES)
def thread_close(request: ConsoleRequest, thread_id: UUID) -> HttpResponse:
    """Settle a thread."""
    found = get_thread(request, thread_id)
    with refusal_told(request):
        close_thread(thread=found, by=request.actor, at=request.at)
        messages.success(request, _("Closed. It opens again when somebody writes in it."))
    return redirect("console:thread", found.id)


@acts(Right.WRITE_MESSAGES)
def thread_reopen(request: ConsoleRequest, thread_id: UUID) -> HttpResponse:
    """Open a settled thread again."""
    found = get_thread(request, thread_id)
    with refusal_told(request):
        reopen_thread(thread=found, by=request.actor, at=request.at)
        messages.success(request, _("Open again."))
    return redirect("console:thread", found.id)


@edits(Right.WRITE_MESSAGES)
def thread_create(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Begin a thread with an affiliate."""
    enrollment = enrollments_of(request.merchant.id).filter(id=enrollment_id).first()
    if enrollment is None:
        raise Http404
    form = ThreadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        begun = _begun(request, enrollment, form)
        if begun is not None:
            messages.success(request, _("Sent."))
            return redirect("console:thread", begun.id)
    context = {"form": form, "enrollment": enrollment}
    status = 422 if form.errors else 200
    template = "console/messages/create.html"
    return show_page(request, template, context, nav="affiliates", status=status)


def _begun(request: ConsoleRequest, enrollment: Enrollment, form: ThreadForm) -> Thread | None:
    """Return the new thread; without one the form says what is wrong."""
    try:
        return start_thread(
            enrollment=enrollment, **form.cleaned_data, by=_writer(request), at=request.at
        )
    except BadValue as error:
        form.add_error(error.field, str(error))
    except NotReachable:
        form.add_error(None, _("They are not in the program, so nobody would read it."))
    return None
