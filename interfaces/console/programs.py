"""A merchant's programs: the list, a new one, one in numbers, its page and its settings."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import ModelForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.presets import PRESETS, ProgramPreset
from commissions.selectors import rates_in_force
from commissions.services.presets import start_program
from interfaces.console.access import acts, edits, reads
from interfaces.console.budget_rows import budget_rows
from interfaces.console.figures import chosen_period, figures_context
from interfaces.console.forms.programs import ProgramForm, ProgramPageForm, ProgramSettingsForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.presets import chosen_preset, preset_cards, preset_told
from interfaces.console.program_tabs import tabs_of
from interfaces.console.snippets import join_url
from interfaces.console.target_rows import target_rows
from merchants.rights import Right
from programs.models import MAY_COME_FROM, Program, Status
from programs.selectors import find_program, programs_of
from programs.services import (
    ProgramDraft,
    SlugTaken,
    create_program,
    move_program,
    update_program,
)
from reports.selectors import Slice, last_days, program_figures

LIST_DAYS = 30


@reads
def programs(request: ConsoleRequest) -> HttpResponse:
    """List the programs with what they did in the last 30 days."""
    rows = programs_of(request.merchant.id)
    period = last_days(LIST_DAYS, at=request.at)
    figures = program_figures(request.merchant.id, period)
    rates = rates_in_force([program.id for program in rows], at=request.at)
    context = {
        "rows": [
            {
                "program": program,
                "figures": figures[program.id],
                "rates": [rate for rate in rates[program.id] if rate.version],
            }
            for program in rows
        ]
    }
    return show_page(request, "console/programs/list.html", context, nav="programs")


@edits(Right.EDIT_PROGRAMS)
def program_create(request: ConsoleRequest) -> HttpResponse:
    """Create a program, from a preset or from scratch, and go on to what it pays."""
    asked = request.POST.get("preset") or request.GET.get("preset", "")
    preset = chosen_preset(asked)
    if request.method != "POST" and not asked:
        cards = {"cards": preset_cards()}
        return show_page(request, "console/programs/start.html", cards, nav="programs")
    initial = {"currency": request.merchant.currency}
    if preset is not None:
        initial |= {"kind": PRESETS[preset].kind, "join_mode": PRESETS[preset].join_mode}
    form = ProgramForm(request.POST or None, initial=initial, preset=preset)
    if request.method == "POST" and form.is_valid():
        program = _create(request, preset, ProgramDraft(**form.cleaned_data))
        messages.success(request, _("The program is a draft: say what it pays, then open it."))
        return redirect("console:program-rates", program.id)
    told = preset_told(preset, request.merchant.currency) if preset else None
    context = {"form": form, "told": told, "preset": asked}
    status = 422 if form.errors else 200
    template = "console/programs/create.html"
    return show_page(request, template, context, nav="programs", status=status)


def _create(request: ConsoleRequest, preset: ProgramPreset | None, draft: ProgramDraft) -> Program:
    facts: dict[str, Any] = {"draft": draft, "by": request.actor, "at": request.at}
    if preset is None:
        return create_program(merchant=request.merchant, **facts)
    return start_program(merchant=request.merchant, preset=preset, **facts)


def get_program(request: ConsoleRequest, program_id: UUID) -> Program:
    """Return the merchant's program.

    :raises Http404: if the merchant has no such program.
    """
    program = find_program(merchant_id=request.merchant.id, program_id=program_id)
    if program is None:
        raise Http404
    return program


def show_tab(
    request: ConsoleRequest,
    program: Program,
    tab: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render one tab of a program's pages."""
    facts = {
        "program": program,
        **tabs_of(request, program, tab),
        "join_url": join_url(program),
        "moves": [to.value for to, origins in MAY_COME_FROM.items() if program.status in origins],
        **(context or {}),
    }
    template = f"console/programs/{tab.removeprefix('program-')}.html"
    return show_page(request, template, facts, nav="programs", status=status)


@reads
def program(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show a program in numbers."""
    found = get_program(request, program_id)
    period = chosen_period(request)
    whose = Slice(request.merchant.id, found.currency, program_id=found.id)
    rates = rates_in_force([found.id], at=request.at)[found.id]
    context = {
        **figures_context(request, whose, period),
        "rates": rates,
        "budgets": budget_rows(found, at=request.at),
        "targets": target_rows(found, at=request.at),
    }
    return show_tab(request, found, "program", context)


@acts(Right.EDIT_PROGRAMS)
def program_move(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Open, pause or end a program."""
    found = get_program(request, program_id)
    to = request.POST.get("to", "")
    if to not in MAY_COME_FROM:
        raise Http404
    with refusal_told(request):
        move_program(program=found, to=Status(to), by=request.actor, at=request.at)
        messages.success(
            request,
            _("%(program)s is now: %(status)s.")
            % {"program": found.name, "status": found.get_status_display()},
        )
    return redirect("console:program", found.id)


@edits(Right.EDIT_PROGRAMS)
def program_page(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Edit what the public page says and who gets in."""
    found = get_program(request, program_id)
    form = ProgramPageForm(request.POST or None, instance=copy(found))
    return _edit(request, found, "program-page", form)


@edits(Right.EDIT_PROGRAMS)
def program_settings(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Edit where links lead and what is paid out."""
    found = get_program(request, program_id)
    form = ProgramSettingsForm(request.POST or None, instance=copy(found))
    return _edit(request, found, "program-settings", form)


def _edit(request: ConsoleRequest, found: Program, tab: str, form: ModelForm) -> HttpResponse:
    """Save a form that stands on a copy of the program, or show it with what is wrong."""
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=found):
            try:
                update_program(
                    program=found, changes=form.cleaned_data, by=request.actor, at=request.at
                )
            except SlugTaken:
                form.add_error("slug", _("Another program of yours has this address."))
            else:
                messages.success(request, _("Saved."))
                return redirect(f"console:{tab}", found.id)
    return show_tab(request, found, tab, {"form": form}, status=422 if form.errors else 200)
