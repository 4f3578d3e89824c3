"""Giving a conversion, or a customer, to another affiliate: what it moves is shown first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.reassignment_preview import (
    Moved,
    preview_conversion_reassignment,
    preview_customer_reassignment,
)
from commissions.services import reassign_conversion, reassign_customer
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.console.access import edits
from interfaces.console.conversion import get_conversion
from interfaces.console.customers import get_customer
from interfaces.console.forms.reassign import ReassignForm
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from programs.models import Program
from programs.selectors import programs_of


@edits(Right.REVIEW_CONVERSIONS)
def conversion_reassign(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Ask for the affiliate and the reason, show what moves, then move it."""
    found = get_conversion(request, conversion_id)
    form = ReassignForm(
        request.POST or None, merchant_id=request.merchant.id, program=found.program
    )
    page = {
        "title": _("Give this conversion to another affiliate"),
        "subject": found.external_id,
        "text": _(
            "Attribution leaves it alone from then on. What was earned before is answered by lines"
            " of the opposite sign, even if it was paid; that nets against the next payout."
        ),
        "back": reverse("console:conversion", args=[found.id]),
    }
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, page)
    to, reason = form.cleaned_data["affiliate"], form.cleaned_data["reason"]
    whose = {"conversion": found, "enrollment": to, "by": request.actor, "at": request.at}
    try:
        if request.POST.get("confirmed"):
            reassign_conversion(reason=reason, **whose)
            messages.success(request, _("Reassigned to %(name)s.") % {"name": to.affiliate.name})
            return redirect("console:conversion", found.id)
        return _ask(request, form, page, moved=preview_conversion_reassignment(**whose))
    except BadValue as error:
        form.add_error(None, str(error))
    except IllegalMove:
        form.add_error(None, _("Tests, declined and unconfirmed conversions are not reassigned."))
    return _ask(request, form, page)


@edits(Right.REVIEW_CONVERSIONS)
def customer_reassign(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Bind a customer of one program to another affiliate, with what is open."""
    found = get_customer(request, customer_id)
    programs = programs_of(request.merchant.id)
    program = _program(request, programs)
    form = ReassignForm(request.POST or None, merchant_id=request.merchant.id, program=program)
    page = {
        "title": _("Bind this customer to another affiliate"),
        "subject": found.external_id,
        "text": _(
            "From now on this counts, whatever brought them before. Their conversions of which"
            " nothing was paid go with it; what is paid stays where it is."
        ),
        "back": reverse("console:customer", args=[found.id]),
        "tabs": [
            {"label": row.name, "url": f"?program={row.id}", "current": row.id == program.id}
            for row in programs
        ]
        if len(programs) > 1
        else [],
    }
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, page)
    to = form.cleaned_data["affiliate"]
    whose: dict[str, Any] = {"customer": found, "program": program, "enrollment": to}
    whose |= {"by": request.actor, "at": request.at}
    try:
        if request.POST.get("confirmed"):
            ids = reassign_customer(reason=form.cleaned_data["reason"], **whose)
            _tell_how_many(request, len(ids))
            return redirect("console:customer", found.id)
        return _ask(request, form, page, moved=preview_customer_reassignment(**whose))
    except BadValue as error:
        form.add_error(None, str(error))
    return _ask(request, form, page)


def _program(request: ConsoleRequest, programs: Sequence[Program]) -> Program:
    """Return the program of `?program=`, else the newest.

    :raises Http404: if the merchant has no such program.
    """
    wanted = request.GET.get("program", "")
    found = [row for row in programs if not wanted or str(row.id) == wanted]
    if not found:
        raise Http404
    return found[0]


def _tell_how_many(request: ConsoleRequest, count: int) -> None:
    said = ngettext(
        "Bound. %(count)s conversion went with them.",
        "Bound. %(count)s conversions went with them.",
        count,
    )
    messages.success(request, said % {"count": count})


def _ask(
    request: ConsoleRequest,
    form: ReassignForm,
    page: dict[str, Any],
    *,
    moved: list[Moved] | None = None,
) -> HttpResponse:
    context = {**page, "form": form, "moved": moved, "is_preview": moved is not None}
    status = 422 if form.errors else 200
    template = "console/conversions/reassign.html"
    return show_page(request, template, context, nav="conversions", status=status)
