"""What recruiting brought, by source; and whether affiliates may recruit others."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from interfaces.console.access import edits, reads
from interfaces.console.forms.letters import RecruitingOfferForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program
from interfaces.console.prospects import NAV
from interfaces.console.wording import money, number
from merchants.rights import Right
from programs.models import Program
from programs.selectors import programs_of
from recruiting.bounties import offer_of, set_offer
from recruiting.report import SourceRow, report_sources
from recruiting.selectors import prospects_of

STEPS = ("prospects", "contacted", "applied", "approved", "sold")


@reads
def recruiting_report(request: ConsoleRequest) -> HttpResponse:
    """Show what each source of prospects brought, in one program."""
    programs = list(programs_of(request.merchant.id))
    newest = prospects_of(request.merchant.id).first()
    wanted = request.GET.get("program", "") or str(newest.program_id if newest else "")
    program = next((row for row in programs if str(row.id) == wanted), None)
    program = program or (programs[0] if programs else None)
    rows = report_sources(program) if program else []
    context = {
        "program": program,
        "programs": [_tab(row, program) for row in programs] if len(programs) > 1 else [],
        "rows": [_row(row, program) for row in rows if program],
        "steps": _steps(rows),
        "offers": [(row, offer_of(row)) for row in programs],
    }
    return show_page(request, "console/recruiting/report.html", context, nav=NAV)


def _tab(program: Program, shown: Program | None) -> dict[str, Any]:
    url = f"{reverse('console:recruiting-report')}?program={program.id}"
    return {"label": program.name, "url": url, "current": program == shown}


def _row(row: SourceRow, program: Program) -> dict[str, Any]:
    return {
        "source": row.source.label,
        "url": f"{reverse('console:prospects')}?program={program.id}&source={row.source}",
        "counts": [number(getattr(row, step)) for step in STEPS],
        "revenue": money(row.revenue_minor, program.currency),
        "cost": money(row.cost_minor, program.currency),
    }


def _steps(rows: list[SourceRow]) -> list[dict[str, Any]]:
    """Return how many came how far, of all sources: what the bars show."""
    labels = (_("Prospects"), _("Contacted"), _("Applied"), _("Approved"), _("First sale"))
    sums = [sum(getattr(row, step) for row in rows) for step in STEPS]
    return [
        {"label": label, "count": number(value), "value": value, "max": max(sums) or 1}
        for label, value in zip(labels, sums, strict=True)
    ]


@edits(Right.EDIT_PROGRAMS)
def recruiting_offer(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say whether affiliates of a program may recruit others, and for what."""
    program = get_program(request, program_id)
    offer = offer_of(program)
    form = RecruitingOfferForm(
        request.POST or None,
        currency=program.currency,
        initial={"is_open": offer.is_open, "bounty": offer.bounty_minor},
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            set_offer(
                program=program,
                is_open=form.cleaned_data["is_open"],
                bounty_minor=form.cleaned_data["bounty"],
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Saved."))
            return redirect("console:recruiting-report")
    context = {"form": form, "program": program}
    status = 422 if form.errors else 200
    return show_page(request, "console/recruiting/offer.html", context, nav=NAV, status=status)
