"""A program's budgets: the list, new ones, and the end of one."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.budget_use import budgets_of
from commissions.models import Budget
from commissions.services.budgets import archive_budget, create_budget, update_budget
from interfaces.console.access import acts, edits, reads
from interfaces.console.budget_rows import budget_rows, budget_words, whose_words
from interfaces.console.forms.budgets import (
    BUDGET_INITIAL,
    BudgetChangeForm,
    BudgetForm,
    initial_of,
)
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right
from programs.models import Program


@reads
def program_budgets(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the budgets with how much of each is used in this period, and since when."""
    program = get_program(request, program_id)
    rows = budget_rows(program, at=request.at)
    return show_tab(request, program, "program-budgets", {"rows": rows})


@edits(Right.EDIT_PROGRAMS)
def budget_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Set a budget, in force at once."""
    program = get_program(request, program_id)
    form = BudgetForm(request.POST or None, program=program, initial=BUDGET_INITIAL)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            create_budget(program=program, draft=form.draft, by=request.actor, at=request.at)
            messages.success(request, _("In force. What this period has cost already, counts."))
            return redirect("console:program-budgets", program.id)
    return _show_form(request, program, form, None)


@edits(Right.EDIT_PROGRAMS)
def budget_edit(request: ConsoleRequest, program_id: UUID, budget_id: UUID) -> HttpResponse:
    """Change how much a budget is, how strict, and when it warns."""
    program = get_program(request, program_id)
    budget = _get_budget(request, program, budget_id)
    form = BudgetChangeForm(request.POST or None, program=program, initial=initial_of(budget))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_budget(budget=budget, **form.changes, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-budgets", program.id)
    return _show_form(request, program, form, budget)


def _get_budget(request: ConsoleRequest, program: Program, budget_id: UUID) -> Budget:
    found = budgets_of(program, at=request.at).filter(id=budget_id).first()
    if found is None:
        raise Http404
    return found


def _show_form(
    request: ConsoleRequest, program: Program, form: BudgetChangeForm, budget: Budget | None
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "title": budget_words(budget, program.currency) if budget else _("New budget"),
        "whose": whose_words(budget) if budget else "",
    }
    status = 422 if form.errors else 200
    return show_page(
        request, "console/programs/budget.html", context, nav="programs", status=status
    )


@acts(Right.EDIT_PROGRAMS)
def budget_archive(request: ConsoleRequest, program_id: UUID, budget_id: UUID) -> HttpResponse:
    """End a budget: nothing is cut off for it any more."""
    program = get_program(request, program_id)
    budget = _get_budget(request, program, budget_id)
    archive_budget(budget=budget, by=request.actor, at=request.at)
    messages.success(request, _("The budget has ended."))
    return redirect("console:program-budgets", program.id)
