"""Figures of a period as pages show them: tiles with trends, a chart, and the rows behind."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.money import exponent_of
from interfaces.console.filters import COUNTED
from interfaces.console.pages import ConsoleRequest
from interfaces.console.wording import change, money, number
from reports.selectors import Day, Figures, Period, Slice, daily_figures, last_days, total
from tracking.models import ClickClass

RANGES = (7, 30, 90)
DEFAULT_RANGE = 30


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of the page: how it is called and where its rows are."""

    name: str  # The attribute of Figures.
    label: str
    is_money: bool
    rows: str  # The page of the rows behind it.

    def value(self, figures: Figures) -> int:
        """Return the figure."""
        return int(getattr(figures, self.name))

    def text(self, amount: int, currency: str) -> str:
        """Return an amount of it as people read it."""
        return money(amount, currency) if self.is_money else number(amount)


def metrics() -> list[Metric]:
    """Return what the page counts, in the order of a sale: click, conversion, revenue, pay."""
    return [
        Metric("clicks", _("Clicks"), is_money=False, rows="console:clicks"),
        Metric("conversions", _("Conversions"), is_money=False, rows="console:conversions"),
        Metric("revenue_minor", _("Revenue"), is_money=True, rows="console:conversions"),
        Metric("commission_minor", _("Commission"), is_money=True, rows="console:commissions"),
        Metric("epc_minor", _("Earnings per click"), is_money=True, rows="console:clicks"),
    ]


def chosen_days(request: ConsoleRequest) -> int:
    """Return the length of the period that the address asks for."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in RANGES} else DEFAULT_RANGE


def chosen_period(request: ConsoleRequest) -> Period:
    """Return the period that the address asks for."""
    return last_days(chosen_days(request), at=request.at)


def figures_context(request: ConsoleRequest, whose: Slice, period: Period) -> dict[str, Any]:
    """Return tiles, chart and choices of a period: what `console/parts/figures.html` shows."""
    days, before = daily_figures(whose, period), daily_figures(whose, period.before())
    asked = request.GET.get("metric")
    known = metrics()
    shown = next((metric for metric in known if metric.name == asked), known[2])
    return {
        "tiles": [tile(metric, days, before, whose, period) for metric in known],
        "chart": chart(shown, days, before, whose.currency),
        "is_empty": total(days) == total(before) == Figures(),
        "ranges": range_links(request, period.days),
        "against": against_words(period.days),
        "metric_links": [
            {
                "label": metric.label,
                "url": with_query(request, metric=metric.name),
                "current": metric.name == shown.name,
            }
            for metric in known
        ],
    }


def tile(
    metric: Metric, days: list[Day], before: list[Day], whose: Slice, period: Period
) -> dict[str, Any]:
    """Return one figure with its trend and the address of the rows that it sums."""
    value, was = metric.value(total(days)), metric.value(total(before))
    trend, direction = change(value, was)
    return {
        "label": metric.label,
        "value": metric.text(value, whose.currency),
        "exact": _("%(value)s, before: %(was)s")
        % {
            "value": metric.text(value, whose.currency),
            "was": metric.text(was, whose.currency),
        },
        "trend": trend,
        "direction": direction,
        "href": rows_url(metric.rows, whose, period),
    }


def rows_url(page: str, whose: Slice, period: Period) -> str:
    """Return the list whose rows sum to a figure."""
    query = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    if page == "console:clicks":
        query["kind"] = ClickClass.HUMAN.value
    else:
        query |= {"show": COUNTED, "currency": whose.currency}
    if whose.program_id:
        query["program"] = str(whose.program_id)
    if whose.enrollment_id:
        query["enrollment"] = str(whose.enrollment_id)
    return f"{reverse(page)}?{urlencode(query)}"


def chart(metric: Metric, days: list[Day], before: list[Day], currency: str) -> dict[str, Any]:
    """Return what components/chart.html draws: this period and, as a thin line, the one before."""
    rows = []
    for day, was in zip(days, before, strict=True):
        values = [metric.value(day.figures), metric.value(was.figures)]
        rows.append(
            {
                "x": day.day.isoformat(),
                "label": date_format(day.day, "MONTH_DAY_FORMAT"),
                "values": values,
                "texts": [metric.text(value, currency) for value in values],
            }
        )
    return {
        "title": _("%(figure)s per day") % {"figure": metric.label},
        "kind": "area" if metric.is_money else "bars",
        "series": [_("This period"), _("The period before")],
        "rows": rows,
        "unit": {"currency": currency, "exponent": exponent_of(currency)}
        if metric.is_money
        else None,
    }


def with_query(request: ConsoleRequest, **changes: str) -> str:
    """Return this page's address with some parameters set."""
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


def range_links(request: ConsoleRequest, days: int) -> list[dict[str, Any]]:
    """Return the periods to choose from."""
    return [
        {
            "label": ngettext("%(days)s day", "%(days)s days", choice) % {"days": choice},
            "url": with_query(request, days=str(choice)),
            "current": choice == days,
        }
        for choice in RANGES
    ]


def against_words(days: int) -> str:
    """Return what a trend compares with."""
    return _("the %(days)s days before") % {"days": days}


def currency_links(
    request: ConsoleRequest, currencies: list[str], current: str
) -> list[dict[str, Any]]:
    """Return the currencies to choose from; one alone is no choice."""
    if len(currencies) < 2:
        return []
    return [
        {"label": code, "url": with_query(request, currency=code), "current": code == current}
        for code in currencies
    ]
