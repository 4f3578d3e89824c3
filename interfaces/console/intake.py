"""The intake log: every call of a public intake, what became of it, and what to do about it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django_tables2.paginators import LazyPaginator

from interfaces.console.access import reads
from interfaces.console.conversions import show_received, testable
from interfaces.console.filters import IntakeCallFilter
from interfaces.console.intake_words import OUTCOMES, click_in, intake_name, reason_told
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import IntakeCallTable
from programs.selectors import find_program, programs_of
from tracking.models import IntakeCall
from tracking.selectors import conversions_of, intake_calls_of


@reads
def intake_calls(request: ConsoleRequest) -> HttpResponse:
    """List what was said to the intakes, newest first."""
    programs = programs_of(request.merchant.id)
    filters = IntakeCallFilter(request.GET, intake_calls_of(request.merchant.id), programs=programs)
    table = IntakeCallTable(filters.rows)
    table.programs = {program.id: program.name for program in programs}
    context = show_table(request, table, filters=filters, paginator=LazyPaginator)
    context["testable"] = testable(request, programs)
    return show_received(request, "intake-calls", "console/intake/list.html", context)


@reads
def intake_call(request: ConsoleRequest, call_id: UUID) -> HttpResponse:
    """Show one call: what it said, what was answered, and what to do about it."""
    call = intake_calls_of(request.merchant.id).filter(id=call_id).first()
    if call is None:
        raise Http404
    context = {
        "call": call,
        "intake": intake_name(call.intake),
        "meaning": OUTCOMES[call.outcome],
        "told": reason_told(call.reason),
        "click_id": click_in(call.said),
        **_references(request, call),
    }
    return show_page(request, "console/intake/detail.html", context, nav="conversions")


def _references(request: ConsoleRequest, call: IntakeCall) -> dict[str, Any]:
    """Return the program and the conversion that the call names, where they are still there."""
    merchant_id = request.merchant.id
    found = conversions_of(merchant_id).filter(id=call.conversion_id) if call.conversion_id else []
    program = (
        find_program(merchant_id=merchant_id, program_id=call.program_id)
        if call.program_id
        else None
    )
    return {"conversion": next(iter(found), None), "program": program}
