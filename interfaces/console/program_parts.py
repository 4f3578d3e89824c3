"""The tabs of a program: goals and rates."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commissions.selectors import RateHistory, preview_award, rate_histories
from commissions.services import change_rates
from interfaces.console.access import edits, reads
from interfaces.console.forms.fields import MoneyField
from interfaces.console.forms.programs import GoalForm, GoalWordsForm
from interfaces.console.forms.setup import RatesForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.rule_rows import ended_rows, levels_of, marked, rule_rows
from merchants.rights import Right
from programs.models import Goal, Program
from programs.selectors import goals_of, steps_by_goal
from programs.services import (
    GoalDraft,
    GoalTaken,
    add_goal,
    set_goal_attribution,
    update_goal,
    update_program,
)
from tracking.selectors import progress_of

# Goals -------------------------------------------------------------------------------------------


@reads
def program_goals(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what the program can pay for, with its definition and rate."""
    program = get_program(request, program_id)
    context = {
        "goals": rate_histories(program, at=request.at),
        "steps": steps_by_goal(program),
        "progress": progress_of(program),
    }
    return show_tab(request, program, "program-goals", context)


@edits(Right.EDIT_PROGRAMS)
def goal_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a goal."""
    program = get_program(request, program_id)
    form = GoalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        draft = GoalDraft(**form.cleaned_data)
        try:
            add_goal(program=program, draft=draft, by=request.actor, at=request.at)
        except GoalTaken:
            form.add_error("code", _("The program has a goal with this code."))
        else:
            messages.success(request, _("Added. It pays nothing yet: set its rate."))
            return redirect("console:program-rates", program.id)
    return _show_goal(request, program, form, _("New goal"))


@edits(Right.EDIT_PROGRAMS)
def goal_edit(request: ConsoleRequest, program_id: UUID, goal_id: UUID) -> HttpResponse:
    """Change the words of a goal."""
    program = get_program(request, program_id)
    goal = next((goal for goal in goals_of(program) if goal.id == goal_id), None)
    if goal is None:
        raise Http404
    form = GoalWordsForm(request.POST or None, instance=copy(goal))
    if request.method == "POST" and form.is_valid():
        _save_goal(request, goal, form)
        messages.success(request, _("Saved."))
        return redirect("console:program-goals", program.id)
    return _show_goal(request, program, form, goal.name)


def _save_goal(request: ConsoleRequest, goal: Goal, form: GoalWordsForm) -> None:
    facts = form.cleaned_data
    by, at = request.actor, request.at
    update_goal(goal=goal, name=facts["name"], definition=facts["definition"], by=by, at=at)
    set_goal_attribution(
        goal=goal,
        window_days=facts["window_days"],
        attribution_model=facts["attribution_model"],
        by=by,
        at=at,
    )


def _show_goal(request: ConsoleRequest, program: Program, form: Any, title: str) -> HttpResponse:
    context = {"program": program, "form": form, "title": title}
    status = 422 if form.errors else 200
    return show_page(request, "console/programs/goal.html", context, nav="programs", status=status)


# Rates -------------------------------------------------------------------------------------------


@reads
def program_rates(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show every rule in the order in which it is asked, and what an amount would pay."""
    program = get_program(request, program_id)
    histories = rate_histories(program, at=request.at)
    preview = _preview(program, histories, request.GET.get("amount", ""))
    if request.htmx:
        context = {"program": program, "preview": preview}
        return render(request, "console/programs/preview.html", context)
    rows = rule_rows(program, at=request.at)
    paid = {row.rule.goal_id for row in rows if row.rule.is_base}
    context = {
        "levels": levels_of([row for row in rows if row.is_per_conversion]),
        "beside": marked([row for row in rows if not row.is_per_conversion]),
        "ended": ended_rows(program, at=request.at),
        "unpaid": [row.goal for row in histories if row.goal.id not in paid],
        "preview": preview,
    }
    return show_tab(request, program, "program-rates", context)


def _preview(program: Program, histories: list[RateHistory], text: str) -> dict[str, Any]:
    """Return what each goal would pay for the amount that was typed, or why it cannot be read."""
    field = MoneyField(currency=program.currency, required=False)
    try:
        amount_minor = field.clean(text)
    except ValidationError as error:
        return {"amount": text, "error": " ".join(error.messages)}
    if amount_minor is None:
        return {"amount": ""}
    awards = [
        (row.goal, row.current, preview_award(row.current, amount_minor=amount_minor))
        for row in histories
        if row.current
    ]
    return {"amount": text, "amount_minor": amount_minor, "awards": awards}


@edits(Right.EDIT_PROGRAMS)
def rates_edit(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Change what the goals pay from now on."""
    program = get_program(request, program_id)
    histories = rate_histories(program, at=request.at)
    form = RatesForm(request.POST or None, program=program, histories=histories)
    if request.method == "POST" and form.is_valid():
        hold = {"hold_days": form.cleaned_data["hold_days"]}
        update_program(program=program, changes=hold, by=request.actor, at=request.at)
        change_rates(program=program, rates=form.rates(), by=request.actor, at=request.at)
        messages.success(request, _("Saved. What happened before keeps its rate."))
        return redirect("console:program-rates", program.id)
    context = {"program": program, "form": form}
    status = 422 if form.errors else 200
    return show_page(
        request, "console/programs/rates_edit.html", context, nav="programs", status=status
    )
