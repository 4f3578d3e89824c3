"""A program's budgets: how much of each is used and how fast, new ones, and the end of one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commissions.budget_use import BurnDown, budgets_of, burn_down_of, nearest_of
from commissions.models import Budget, BudgetPeriod, BudgetScope
from commissions.services.budgets import archive_budget, create_budget, update_budget
from common.money import exponent_of
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.budgets import (
    BUDGET_INITIAL,
    BudgetChangeForm,
    BudgetForm,
    initial_of,
)
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import money
from merchants.rights import Right
from programs.models import Program

NEARLY_USED_PERCENT = 80
CHART_DAYS_MIN = 2  # One point is no curve.


@reads
def program_budgets(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the budgets with how much of each is used in this period, and since when."""
    program = get_program(request, program_id)
    rows = [_row(program, budget, request.at) for budget in budgets_of(program, at=request.at)]
    return show_tab(request, program, "program-budgets", {"rows": rows})


def _row(program: Program, budget: Budget, at: datetime) -> dict[str, Any]:
    used: int = budget.used_minor  # type: ignore[attr-defined]
    percent = max(used, 0) * 100 // budget.limit_minor
    burnt = burn_down_of(budget, at=at)
    is_each = budget.scope == BudgetScope.ENROLLMENT and budget.enrollment_id is None
    is_drawn = not is_each and len(burnt.days) >= CHART_DAYS_MIN and any(burnt.used_minor)
    nearest = nearest_of(budget, at=at) if is_each else []
    return {
        "budget": budget,
        "title": budget_words(budget, program.currency),
        "whose": _whose(budget),
        "used": money(used, program.currency),
        "limit": money(budget.limit_minor, program.currency),
        "left": money(max(budget.limit_minor - used, 0), program.currency),
        "percent": min(percent, 100),
        "tone": _tone(percent),
        "nearest": [_use(budget, name, minor, program.currency) for name, minor in nearest],
        "anew_at": burnt.ends_at,
        "chart": _chart(budget, burnt, program.currency) if is_drawn else None,
    }


def _use(budget: Budget, name: str, used_minor: int, currency: str) -> dict[str, Any]:
    percent = used_minor * 100 // budget.limit_minor
    return {
        "name": name,
        "used": money(used_minor, currency),
        "percent": min(percent, 100),
        "tone": _tone(percent),
    }


def _tone(percent: int) -> str:
    return "bad" if percent >= 100 else "wait" if percent >= NEARLY_USED_PERCENT else "good"


def budget_words(budget: Budget, currency: str) -> str:
    """Return a budget as a sentence's beginning: “At most €500.00 a month”."""
    periods = {
        BudgetPeriod.DAY: _("At most %(limit)s a day"),
        BudgetPeriod.WEEK: _("At most %(limit)s a week"),
        BudgetPeriod.MONTH: _("At most %(limit)s a month"),
        BudgetPeriod.QUARTER: _("At most %(limit)s a quarter"),
        BudgetPeriod.YEAR: _("At most %(limit)s a year"),
        BudgetPeriod.ALL: _("At most %(limit)s in all"),
    }
    return periods[BudgetPeriod(budget.period)] % {"limit": money(budget.limit_minor, currency)}


def _whose(budget: Budget) -> str:
    if budget.enrollment is not None:
        return _("for %(affiliate)s") % {"affiliate": budget.enrollment.affiliate.name}
    if budget.scope == BudgetScope.ENROLLMENT:
        return _("for each affiliate")
    return _("for the whole program")


def _chart(budget: Budget, burnt: BurnDown, currency: str) -> dict[str, Any]:
    rows = []
    for day, used in zip(burnt.days, burnt.used_minor, strict=True):
        values = [used, budget.limit_minor]
        rows.append(
            {
                "x": day.isoformat(),
                "label": date_format(day, "j M"),
                "values": values,
                "texts": [money(value, currency) for value in values],
            }
        )
    return {
        "title": _("Used so far, by day"),
        "kind": "area",
        "series": [_("Used"), _("Limit")],
        "rows": rows,
        "unit": {"currency": currency, "exponent": exponent_of(currency)},
    }


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
        "whose": _whose(budget) if budget else "",
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
