"""Clicks: every visit through a link, and why some earn nothing."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.request import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_tables2.paginators import LazyPaginator

from interfaces.console.access import reads
from interfaces.console.figures import DEFAULT_RANGE
from interfaces.console.filters import ClickFilter
from interfaces.console.links import link_tabs
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import ClickTable
from interfaces.console.wording import number
from programs.selectors import programs_of
from reports.merchant_traffic import Traffic, daily_traffic, destination_names
from reports.selectors import Period, last_days
from tracking.selectors import clicks_between, links_by_id

CHART_DAYS_MIN = 2  # One bar is no chart.


@reads
def clicks(request: ConsoleRequest) -> HttpResponse:
    """List clicks of some days, the newest first, below their counts by day."""
    merchant_id = request.merchant.id
    period = _period(request)
    query = request.GET.copy()
    query["since"], query["until"] = period.first.isoformat(), period.last.isoformat()
    rows = clicks_between(merchant_id=merchant_id, since=period.starts_at, until=period.ends_at)
    filters = ClickFilter(query, rows, programs=programs_of(merchant_id))
    table = ClickTable(filters.rows)
    context: dict[str, Any] = show_table(request, table, paginator=LazyPaginator)
    shown = records(table)
    table.links = links_by_id(merchant_id=merchant_id, ids={row.link_id for row in shown})
    table.destinations = destination_names(
        merchant_id, {row.destination_id for row in shown if row.destination_id}
    )
    # The counts by day know nothing of destinations.
    is_whole = "destination" not in request.GET
    days = daily_traffic(merchant_id, period, **_of_whom(filters)) if is_whole else []
    context |= {
        "filter": filters,
        "is_filtered": bool(request.GET),
        "tabs": link_tabs("clicks"),
        "totals": _totals(days) if is_whole else [],
        "chart": _chart(days) if len(days) >= CHART_DAYS_MIN else None,
    }
    return show_page(request, "console/clicks.html", context, nav="links")


def _of_whom(filters: ClickFilter) -> dict[str, UUID | None]:
    """Return whose clicks the counts are of: rollups know programs, affiliates and links."""
    if not filters.form.is_valid():
        return {}
    said = filters.form.cleaned_data
    program_id = UUID(said["program"]) if said["program"] else None
    return {"program_id": program_id, "enrollment_id": said["enrollment"], "link_id": said["link"]}


def _totals(days: list[Traffic]) -> list[dict[str, str]]:
    """Return the counts of the days, from everything that asked to what may earn."""
    everything = sum(day.clicks for day in days)
    people = sum(day.human for day in days)
    unique = sum(day.uniques for day in days)
    credited = sum(day.credited for day in days)
    return [
        {"label": _("Everything that asked"), "value": number(everything)},
        {"label": pgettext("clicks", "People"), "value": number(people)},
        {"label": _("Unique in 24 hours"), "value": number(unique)},
        {"label": _("Credited"), "value": number(credited)},
        {"label": _("Robots and other machines"), "value": number(everything - people)},
    ]


def _chart(days: list[Traffic]) -> dict[str, Any]:
    return {
        "title": _("Clicks per day"),
        "kind": "bars",
        "series": [_("Credited"), _("Everything that asked")],
        "rows": [
            {
                "x": day.day.isoformat(),
                "label": date_format(day.day, "MONTH_DAY_FORMAT"),
                "values": [day.credited, day.clicks],
                "texts": [number(day.credited), number(day.clicks)],
            }
            for day in days
        ],
        "unit": None,
    }


def _period(request: ConsoleRequest) -> Period:
    """Return the days that the address names; without any, the last ones."""
    usual = last_days(DEFAULT_RANGE, at=request.at)
    first = _day(request.GET, "since") or usual.first
    last = _day(request.GET, "until") or usual.last
    return Period(min(first, last), last)


def _day(query: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None
