"""Clicks: every visit through a link, and why some earn nothing."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.http.request import QueryDict
from django_tables2.paginators import LazyPaginator

from interfaces.console.access import reads
from interfaces.console.figures import DEFAULT_RANGE
from interfaces.console.filters import ClickFilter
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import ClickTable
from programs.selectors import programs_of
from reports.selectors import Period, last_days
from tracking.selectors import clicks_between, links_by_id


@reads
def clicks(request: ConsoleRequest) -> HttpResponse:
    """List clicks of some days, the newest first."""
    period = _period(request)
    query = request.GET.copy()
    query["since"], query["until"] = period.first.isoformat(), period.last.isoformat()
    rows = clicks_between(
        merchant_id=request.merchant.id, since=period.starts_at, until=period.ends_at
    )
    filters = ClickFilter(query, rows, programs=programs_of(request.merchant.id))
    table = ClickTable(filters.rows)
    context: dict[str, Any] = show_table(request, table, paginator=LazyPaginator)
    ids = {row.link_id for row in records(table)}
    table.links = links_by_id(merchant_id=request.merchant.id, ids=ids)
    context |= {"filter": filters, "is_filtered": bool(request.GET)}
    return show_page(request, "console/clicks.html", context, nav="home")


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
