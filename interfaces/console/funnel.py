"""How people come into a program, step by step and day by day."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interfaces.console.access import reads
from interfaces.console.figures import chosen_period, range_links
from interfaces.console.pages import ConsoleRequest
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import number
from reports.joining import FunnelDay, funnel_days, funnel_totals


def step_labels() -> list[str]:
    """Return the steps in words, in the order of `reports.joining.STEPS`."""
    return [
        _("Saw the page"),
        _("Began the form"),
        _("Applied or joined"),
        _("Approved"),
        _("First click"),
        _("First conversion"),
    ]


@reads
def program_funnel(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show how many came how far, in sum and per day."""
    program = get_program(request, program_id)
    period = chosen_period(request)
    days = funnel_days(program, period)
    totals = funnel_totals(days)
    context = {
        "steps": _steps(totals),
        "days": [
            {"day": row.day, "counts": [number(count) for count in row.counts]}
            for row in reversed(days)
            if any(row.counts)
        ],
        "labels": step_labels(),
        "chart": _chart(days),
        "is_empty": not any(totals),
        "ranges": range_links(request, period.days),
    }
    return show_tab(request, program, "program-funnel", context)


def _steps(totals: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return each step with its count, its part of the largest, and of the step before."""
    largest = max(totals) or 1
    rows = []
    for place, (label, count) in enumerate(zip(step_labels(), totals, strict=True)):
        before = totals[place - 1] if place else 0
        rows.append(
            {
                "label": label,
                "count": number(count),
                "value": count,
                "max": largest,
                "of_before": f"{100 * count / before:.1f} %" if before else "",
            }
        )
    return rows


def _chart(days: list[FunnelDay]) -> dict[str, Any]:
    """Return what components/chart.html draws: who applied, and who of all was approved."""
    return {
        "title": _("Per day"),
        "kind": "bars",
        "series": [_("Applied or joined"), _("Approved")],
        "rows": [
            {
                "x": row.day.isoformat(),
                "label": date_format(row.day, "MONTH_DAY_FORMAT"),
                "values": [row.counts[2], row.counts[3]],
                "texts": [number(row.counts[2]), number(row.counts[3])],
            }
            for row in days
        ],
        "unit": None,
    }
