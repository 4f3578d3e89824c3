"""What the merchant owes: now, for how long already, and in the weeks to come."""

from typing import Any

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.money import exponent_of, major_of
from common.spreadsheet import write_csv
from interfaces.console.access import reads
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.wording import money
from reports.liabilities import Liability, Week, liabilities_of

COLUMNS = ("currency", "week_from", "due", "expected")


@reads
def liabilities(request: ConsoleRequest) -> HttpResponse:
    """Show by currency what is owed, how old it is, and when it falls due."""
    rows = [_row(found) for found in liabilities_of(request.merchant.id, at=request.at)]
    context = {"rows": rows}
    return show_page(request, "console/payouts/balance.html", context, nav="payouts")


@reads
def liabilities_export(request: ConsoleRequest) -> HttpResponse:
    """Give the weeks to come as a file."""
    content = write_csv(
        COLUMNS,
        [
            (
                found.currency,
                week.begins_on.isoformat(),
                major_of(week.approved_minor, currency=found.currency),
                major_of(week.expected_minor, currency=found.currency),
            )
            for found in liabilities_of(request.merchant.id, at=request.at)
            for week in found.weeks
        ],
    )
    name = f"falls-due-{request.at:%Y-%m-%d}.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _row(found: Liability) -> dict[str, Any]:
    oldest = max(found.ages.values(), default=0)
    return {
        "liability": found,
        "total": money(found.total_minor, found.currency),
        "ages": [
            {
                "label": label,
                "amount": money(minor, found.currency),
                "minor": max(minor, 0),
                "max": max(oldest, 1),
            }
            for label, minor in zip(_age_labels(), found.ages.values(), strict=True)
        ],
        "chart": _chart(found) if any(map(_is_drawn, found.weeks)) else None,
    }


def _age_labels() -> list[str]:
    return [_("Up to 30 days"), _("31 to 60 days"), _("61 to 90 days"), _("Longer")]


def _is_drawn(week: Week) -> bool:
    return bool(week.approved_minor or week.expected_minor)


def _chart(found: Liability) -> dict[str, Any]:
    rows = []
    for week in found.weeks:
        values = [week.approved_minor, week.expected_minor]
        rows.append(
            {
                "x": week.begins_on.isoformat(),
                "label": date_format(week.begins_on, "MONTH_DAY_FORMAT"),
                "values": values,
                "texts": [money(value, found.currency) for value in values],
            }
        )
    return {
        "title": _("Falls due in the week from"),
        "kind": "bars",
        "series": [_("Approved"), _("Still on hold")],
        "rows": rows,
        "unit": {"currency": found.currency, "exponent": exponent_of(found.currency)},
    }
