"""Messages: what the affiliate and its merchants write to each other."""

from typing import Any
from uuid import UUID

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tables2 import RequestConfig

from affiliates.models import Enrollment
from common.refusals import BadValue
from interfaces.messages import MessageForm, ThreadForm, conversation_of, give_file
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.tables import show_time, two_lines
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from messaging.models import Side, Thread, ThreadStatus
from messaging.selectors import attachment_of, seen_by, threads_of_affiliate
from messaging.services import (
    REACHABLE,
    NotReachable,
    TooManyMessages,
    Writer,
    as_affiliate,
    mark_read,
    start_thread,
    write_message,
)

PER_PAGE = 25


class InboxTable(tables.Table):
    """Threads, the latest word first."""

    subject = tables.Column(gettext_lazy("Subject"), orderable=False)
    program = tables.Column(
        gettext_lazy("Program"), accessor="enrollment__program__name", orderable=False
    )
    last_at = tables.Column(gettext_lazy("Last message"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Messages"), "id": "rows"}
        row_attrs = {"data-href": lambda record: thread_url(record.id)}

    def render_subject(self, record: Thread, value: str) -> SafeString:
        url = thread_url(record.id)
        link = format_html('<a href="{}"><bdi>{}</bdi></a>', url, value)
        if not record.is_unread:  # type: ignore[attr-defined]
            return link
        return format_html(
            '<span class="ui-unread">{} <span class="ui-sub">{}</span></span>', link, _("New")
        )

    def render_program(self, record: Thread, value: str) -> SafeString:
        return two_lines(value, record.enrollment.program.merchant.name)

    def render_last_at(self, value: object) -> SafeString:
        return show_time(value)


class NewThreadForm(ThreadForm):
    """A first message, and to whom it goes: the merchant of a program."""

    to = forms.ChoiceField(label=gettext_lazy("To"))
    field_order = ["to", "subject", "body", "attachments"]

    def __init__(self, *args: Any, enrollments: list[Enrollment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(row.id): row for row in enrollments}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (id, f"{row.program.merchant.name} · {row.program.name}")
            for id, row in self.known.items()
        ]


def thread_url(thread_id: UUID) -> str:
    """Return the address of a thread's page."""
    return reverse("portal:thread", args=[thread_id])


def _reachable(visit: Visit) -> list[Enrollment]:
    return [row for row in visit.enrollments if row.status in REACHABLE]


def _writer(visit: Visit) -> Writer:
    return as_affiliate(visit.affiliate, acting_user(visit.user), visit.user)


@require_safe
@affiliate_page
def inbox(visit: Visit) -> HttpResponse:
    """List the threads, those with something new marked."""
    rows = seen_by(threads_of_affiliate(visit.affiliate.id), visit.user, Side.AFFILIATE)
    if visit.program_id:
        rows = rows.filter(enrollment__program_id=visit.program_id)
    table = InboxTable(rows)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {"table": table, "has_any": bool(rows[:1]), "may_start": bool(_reachable(visit))}
    return visit.show("portal/messages.html", context, nav="messages", by_program=True)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def create(visit: Visit) -> HttpResponse:
    """Write to a merchant."""
    enrollments = _reachable(visit)
    if not enrollments:
        return redirect("portal:messages")
    form = NewThreadForm(
        visit.request.POST or None, visit.request.FILES or None, enrollments=enrollments
    )
    if form.is_valid() and (begun := _begun(visit, form)):
        messages.success(visit.request, _("Sent."))
        return redirect("portal:thread", begun.id)
    status = 422 if form.is_bound else 200
    return visit.show("portal/message_create.html", {"form": form}, nav="messages", status=status)


def _begun(visit: Visit, form: NewThreadForm) -> Thread | None:
    """Return the new thread; without one the form says what is wrong."""
    said = form.cleaned_data
    enrollment = form.known[said["to"]]
    try:
        with merchant_context(enrollment.merchant_id):
            return start_thread(
                enrollment=enrollment,
                subject=said["subject"],
                body=said["body"],
                attachments=said["attachments"],
                by=_writer(visit),
                at=visit.at,
            )
    except BadValue as error:
        form.add_error(error.field, str(error))
    except TooManyMessages as error:
        form.add_error(None, str(error))
    except NotReachable:
        form.add_error("to", _("You are not in this program any more."))
    return None


def _get(visit: Visit, thread_id: UUID) -> Thread:
    return get_object_or_404(threads_of_affiliate(visit.affiliate.id), id=thread_id)


@require_safe
@affiliate_page
def thread(visit: Visit, thread_id: UUID) -> HttpResponse:
    """Show a thread; whoever sees it has read it."""
    found = _get(visit, thread_id)
    with merchant_context(found.merchant_id):
        mark_read(thread=found, user=visit.user, side=Side.AFFILIATE, at=visit.at)
    return _show(visit, found, MessageForm())


def _show(visit: Visit, found: Thread, form: MessageForm) -> HttpResponse:
    context = {
        "thread": found,
        "conversation": conversation_of(
            found, own=Side.AFFILIATE, before=visit.request.GET.get("before", "")
        ),
        "is_closed": found.status == ThreadStatus.CLOSED,
        "form": form,
    }
    status = 422 if form.errors else 200
    return visit.show("portal/message.html", context, nav="messages", status=status)


@require_safe
@affiliate_page
def file(visit: Visit, thread_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Give a file of a thread."""
    found = attachment_of(_get(visit, thread_id), attachment_id)
    if found is None:
        raise Http404
    return give_file(found)


@require_POST
@affiliate_page
def answer(visit: Visit, thread_id: UUID) -> HttpResponse:
    """Write in a thread."""
    found = _get(visit, thread_id)
    form = MessageForm(visit.request.POST, visit.request.FILES)
    if form.is_valid():
        try:
            with merchant_context(found.merchant_id):
                write_message(thread=found, **form.cleaned_data, by=_writer(visit), at=visit.at)
        except BadValue as error:
            form.add_error(error.field, str(error))
        except TooManyMessages as error:
            form.add_error(None, str(error))
        else:
            messages.success(visit.request, _("Sent."))
            return redirect("portal:thread", found.id)
    return _show(visit, found, form)
