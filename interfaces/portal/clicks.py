"""Clicks by day, and each of them with why it counted or did not."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from interfaces.portal.charts import clicks_chart, number
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.filters import ClickFilter, link_chosen
from interfaces.portal.tables import ClickTable
from reports.affiliate_money import Period
from reports.affiliate_traffic import (
    clicks_of,
    first_day_of_clicks,
    has_clicks,
    links_of,
    traffic_by_day,
)
from tracking.models import ClickClass

PER_PAGE = 50
RANGES = ("7", "30", "90", "all")
DEFAULT_RANGE = "30"


@require_safe
@affiliate_page
def clicks(visit: Visit) -> HttpResponse:
    """Show the traffic of a period."""
    link = link_chosen(visit)
    chosen = visit.request.GET.get("days", "")
    chosen = chosen if chosen in RANGES else DEFAULT_RANGE
    period = _period(visit, chosen)
    narrowed = {"program_id": visit.program_id, "link_id": link.id if link else None}
    now = traffic_by_day(visit.affiliate.id, period=period, **narrowed)
    before = traffic_by_day(visit.affiliate.id, period=period.before, **narrowed)
    asked = ClickFilter(visit.request.GET)
    rows = clicks_of(visit.affiliate.id, period=period, **narrowed)
    if asked.chosen("show") != "all":
        rows = rows.filter(kind=ClickClass.HUMAN)
    if asked.chosen("show") == "counted":
        rows = rows.filter(refusal="")
    names = {row.id: str(row) for row in links_of(visit.affiliate.id)}
    table = ClickTable(rows, names=names)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    people, people_before = ([day.human for day in series] for series in (now, before))
    context = {
        "human": number(sum(people)),
        "credited": number(sum(day.credited for day in now)),
        "chart": clicks_chart(_("Clicks a day"), period, people, people_before),
        "ranges": [_range(visit, choice, chosen) for choice in RANGES],
        "filter": asked,
        "link": link,
        "table": table,
        "has_any": has_clicks(visit.affiliate.id) or bool(rows[:1]),
    }
    return visit.show("portal/clicks.html", context, nav="clicks", by_program=True)


def _period(visit: Visit, chosen: str) -> Period:
    """Return the days of a range; all of them start with the first click."""
    if chosen != "all":
        return Period.until(visit.at, days=int(chosen))
    today = Period.until(visit.at, days=1)
    first = first_day_of_clicks(visit.affiliate.id) or today.first
    return Period(min(first, today.first), today.last)


def _range(visit: Visit, choice: str, current: str) -> dict[str, Any]:
    query: QueryDict = visit.request.GET.copy()
    query["days"] = choice
    query.pop("page", None)
    days = _("All") if choice == "all" else _("%(days)s days") % {"days": choice}
    return {
        "label": days,
        "url": f"{visit.request.path}?{query.urlencode()}",
        "current": choice == current,
    }
