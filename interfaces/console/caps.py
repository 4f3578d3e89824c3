"""A program's caps: how much of each is used, new ones, and the end of one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.audience import country_name
from interfaces.console.forms.caps import CAP_INITIAL, CapForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import number
from merchants.rights import Right
from programs.selectors import destinations_of
from tracking.caps import period_start
from tracking.models import Cap, CapPeriod, CapScope, CapUnit
from tracking.selectors import caps_of
from tracking.services import archive_cap, create_cap

NEARLY_FULL_PERCENT = 80


@reads
def program_caps(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the caps with how much of each is used in this period."""
    program = get_program(request, program_id)
    context = {"rows": [_row(cap, request.at) for cap in caps_of(program, at=request.at)]}
    return show_tab(request, program, "program-caps", context)


def _row(cap: Cap, at: datetime) -> dict[str, Any]:
    used: int = cap.used  # type: ignore[attr-defined]
    percent = used * 100 // cap.limit
    return {
        "cap": cap,
        "title": cap_words(cap),
        "whose": _whose(cap),
        "used": used,
        "percent": min(percent, 100),
        "tone": "bad" if percent >= 100 else "wait" if percent >= NEARLY_FULL_PERCENT else "good",
        "anew_at": _next_period(cap.period, at),
    }


def cap_words(cap: Cap) -> str:
    """Return a cap as a sentence's beginning: “At most 500 clicks a day”."""
    counts = {
        CapUnit.CLICKS: _("At most %(limit)s clicks %(period)s"),
        CapUnit.CONVERSIONS: _("At most %(limit)s conversions %(period)s"),
    }
    periods = {
        CapPeriod.HOUR: _("an hour"),
        CapPeriod.DAY: _("a day"),
        CapPeriod.MONTH: _("a month"),
        CapPeriod.ALL: _("in all"),
    }
    said = {"limit": number(cap.limit), "period": periods[CapPeriod(cap.period)]}
    return counts[CapUnit(cap.unit)] % said


def _whose(cap: Cap) -> str:
    if cap.destination is not None:
        return _("to %(destination)s") % {"destination": cap.destination.name}
    if cap.enrollment is not None:
        return _("of %(affiliate)s") % {"affiliate": cap.enrollment.affiliate.name}
    if cap.country:
        return _("from %(country)s") % {"country": country_name(cap.country)}
    every = {
        CapScope.PROGRAM: _("of the whole program"),
        CapScope.DESTINATION: _("to each destination by itself"),
        CapScope.ENROLLMENT: _("of each affiliate by itself"),
        CapScope.COUNTRY: _("from each country by itself"),
    }
    return every[CapScope(cap.scope)]


def _next_period(period: str, at: datetime) -> datetime | None:
    """Return when the count begins anew; None if it never does."""
    lengths = {
        CapPeriod.HOUR: timedelta(hours=1),
        CapPeriod.DAY: timedelta(days=1),
        CapPeriod.MONTH: timedelta(days=32),  # Some moment of the next month.
    }
    if period not in lengths:
        return None
    return period_start(period, period_start(period, at) + lengths[CapPeriod(period)])


@edits(Right.EDIT_PROGRAMS)
def cap_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a cap, in force at once."""
    program = get_program(request, program_id)
    destinations = destinations_of(program)
    form = CapForm(
        request.POST or None, program=program, destinations=destinations, initial=CAP_INITIAL
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            create_cap(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("In force. What this period has already, counts."))
            return redirect("console:program-caps", program.id)
    context = {"program": program, "form": form, "has_destinations": bool(destinations)}
    status = 422 if form.errors else 200
    return show_page(request, "console/programs/cap.html", context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def cap_archive(request: ConsoleRequest, program_id: UUID, cap_id: UUID) -> HttpResponse:
    """End a cap: nothing is refused for it any more."""
    program = get_program(request, program_id)
    found = next((cap for cap in caps_of(program, at=request.at) if cap.id == cap_id), None)
    if found is None:
        raise Http404
    archive_cap(cap=found, by=request.actor, at=request.at)
    messages.success(request, _("The cap has ended."))
    return redirect("console:program-caps", program.id)
