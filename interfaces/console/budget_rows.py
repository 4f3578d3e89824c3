"""A program's budgets as cards show them: how much of each is used, and how fast."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commissions.budget_use import BurnDown, budgets_of, burn_down_of, nearest_of
from commissions.models import Budget, BudgetPeriod, BudgetScope
from common.money import exponent_of
from interfaces.console.wording import money
from programs.models import Program

NEARLY_USED_PERCENT = 80
CHART_DAYS_MIN = 2  # One point is no curve.


def budget_rows(program: Program, *, at: datetime) -> list[dict[str, Any]]:
    """Return the program's budgets with how much of each is used in this period, since when."""
    return [_row(program, budget, at) for budget in budgets_of(program, at=at)]


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
        "whose": whose_words(budget),
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


def whose_words(budget: Budget) -> str:
    """Return whose money a budget counts: “for each affiliate”."""
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
                "label": date_format(day, "MONTH_DAY_FORMAT"),
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
