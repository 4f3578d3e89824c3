"""Where a program's links lead: its destinations, what each brings, and who would go where."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.audience import audience_words, misfits
from interfaces.console.figures import against_words, chosen_period, range_links
from interfaces.console.forms.destinations import (
    DestinationForm,
    VisitorForm,
    destination_initial,
)
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.targeting import initial_of
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import Destination, Program
from programs.selectors import destinations_of, targeting_of
from programs.services import (
    allowed_hosts_of,
    archive_destination,
    create_destination,
    update_destination,
)
from programs.targeting import Targeting, Visitor, matching
from reports.merchant_traffic import Result, destination_results
from reports.selectors import Period
from tracking.models import ClickClass

WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A destination as the redirect sees it."""

    destination: Destination
    targeting: Targeting


@reads
def program_destinations(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List where links lead with what each page brings, and let one try who goes where."""
    program = get_program(request, program_id)
    rows = destinations_of(program)
    tester = _tester(request, rows)
    if request.htmx:
        return render(request, "console/programs/tester.html", {"program": program, **tester})
    period = chosen_period(request)
    context = {
        "rows": _compared(rows, destination_results(program, period), period),
        "ranges": range_links(request, period.days),
        "against": against_words(period.days),
        **tester,
    }
    return show_tab(request, program, "program-destinations", context)


def _compared(
    rows: list[Destination], results: dict[UUID, Result], period: Period
) -> list[dict[str, Any]]:
    """Return the rows with their results, and how long each bar is beside the longest."""
    found = [(row, results.get(row.id, Result())) for row in rows]
    most = max((result.clicks for _row, result in found), default=0)
    best = max((result.conversion_ppm for _row, result in found), default=0)
    clicks = sum(result.clicks for _row, result in found)
    return [
        {
            "destination": row,
            "audience": audience_words(row),
            "result": result,
            "share_ppm": result.clicks * WHOLE_PPM // clicks if clicks else 0,
            "clicks_url": _clicks_url(row, period),
            "clicks_max": most or 1,
            "conversion_max": best or 1,
            "is_best": bool(best) and result.conversion_ppm == best and len(found) > 1,
        }
        for row, result in found
    ]


def _clicks_url(row: Destination, period: Period) -> str:
    query = {
        "destination": row.id,
        "kind": ClickClass.HUMAN.value,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
    }
    return f"{reverse('console:clicks')}?{urlencode(query)}"


def _tester(request: ConsoleRequest, rows: list[Destination]) -> dict[str, Any]:
    """Return the form of an imagined visitor, and where they would go once it is filled in."""
    asked = "country" in request.GET
    form = VisitorForm(request.GET if asked else None)
    if not asked or not form.is_valid():
        return {"visitor_form": form}
    at = form.cleaned_data["when"] or request.at
    return {"visitor_form": form, "outcomes": _outcomes(rows, form.visitor, at), "tried": True}


def _outcomes(rows: list[Destination], visitor: Visitor, at: datetime) -> list[dict[str, Any]]:
    """Return each destination with the visitor's chance to see it, or why they would not."""
    at = at.astimezone(UTC)
    choices = [Choice(row, targeting_of(row)) for row in rows]
    chosen = matching(choices, visitor, at)
    weight = sum(choice.targeting.weight for choice in chosen)
    outcomes = [
        {
            "destination": choice.destination,
            "chance_ppm": choice.targeting.weight * WHOLE_PPM // weight if choice in chosen else 0,
            "reason": ", ".join(misfits(choice.targeting, visitor, at))
            or (_("another one has a smaller priority") if choice not in chosen else ""),
        }
        for choice in choices
    ]
    return sorted(outcomes, key=lambda outcome: -int(str(outcome["chance_ppm"])))


# Making and changing -----------------------------------------------------------------------------


@edits(Right.EDIT_PROGRAMS)
def destination_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a page that links may lead to."""
    program = get_program(request, program_id)
    form = DestinationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            create_destination(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved. Visitors are led there from now on."))
            return redirect("console:program-destinations", program.id)
    return _show_form(request, program, form, _("New destination"))


@edits(Right.EDIT_PROGRAMS)
def destination_edit(
    request: ConsoleRequest, program_id: UUID, destination_id: UUID
) -> HttpResponse:
    """Change where a destination is and for whom."""
    program = get_program(request, program_id)
    found = _get_destination(program, destination_id)
    initial = {**destination_initial(found), **initial_of(found)}
    form = DestinationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            update_destination(destination=found, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-destinations", program.id)
    return _show_form(request, program, form, found.name, destination=found)


@acts(Right.EDIT_PROGRAMS)
def destination_archive(
    request: ConsoleRequest, program_id: UUID, destination_id: UUID
) -> HttpResponse:
    """Lead nobody there any more; its figures stay."""
    program = get_program(request, program_id)
    found = _get_destination(program, destination_id)
    archive_destination(destination=found, by=request.actor, at=request.at)
    messages.success(request, _("Nobody is led to %(name)s any more.") % {"name": found.name})
    return redirect("console:program-destinations", program.id)


def _get_destination(program: Program, destination_id: UUID) -> Destination:
    found = next((row for row in destinations_of(program) if row.id == destination_id), None)
    if found is None:
        raise Http404
    return found


def _show_form(
    request: ConsoleRequest,
    program: Program,
    form: DestinationForm,
    title: str,
    *,
    destination: Destination | None = None,
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "title": title,
        "destination": destination,
        "hosts": sorted(allowed_hosts_of(program)),
    }
    status = 422 if form.errors else 200
    return show_page(
        request, "console/programs/destination.html", context, nav="programs", status=status
    )
