"""The first page: what did I earn, when do I get it, and what can I do next?"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from affiliates.models import Status
from affiliates.services import hide_checklist
from interfaces.portal.charts import clicks_chart, day_label, earnings_chart
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.next_payout import expected_told
from interfaces.portal.next_steps import notices_of, steps_of
from interfaces.portal.offer import Offer, offer_of
from interfaces.portal.tables import ConversionTable
from interfaces.portal.terms import rate_news_of
from interfaces.portal.text import money
from interfaces.portal.wish import wish_of
from payouts.methods import method_in_force
from reports.affiliate_money import (
    Balance,
    Period,
    State,
    balances,
    commissions_of,
    conversions_of,
    earnings_by_day,
    next_due,
    total_by_currency,
)
from reports.affiliate_programs import Membership, memberships_of
from reports.affiliate_traffic import links_of, traffic_by_day
from tracking.models import Link

CHART_DAYS = 30
RECENT = 5


@require_safe
@affiliate_page
def home(visit: Visit) -> HttpResponse:
    """Show where the affiliate stands."""
    standing = balances(visit.affiliate.id, program_id=visit.program_id)
    links = links_of(visit.affiliate.id, program_id=visit.program_id)
    shared = links.filter(archived_at=None, enrollment__status=Status.APPROVED)
    method = method_in_force(visit.affiliate.id)
    recent = list(conversions_of(visit.affiliate.id, program_id=visit.program_id)[:RECENT])
    approved = [row for row in visit.enrollments if row.is_active]
    active = [row for row in approved if visit.program_id in (None, row.program_id)]
    memberships = memberships_of(active, at=visit.at)
    link = shared.order_by("created_at").first()
    context = {
        "money": _money(visit, standing),
        "expected": [] if visit.program_id else expected_told(visit, method),
        "link": link,
        "offer": _offer_of(link, memberships),
        "steps": steps_of(visit, bool(approved), method, bool(recent)),
        "notices": [
            *({"tone": "info", "label": _("Look"), **row} for row in rate_news_of(visit, active)),
            *notices_of(visit, memberships, method),
        ],
        "charts": _charts(visit, standing),
        "recent": ConversionTable(recent, prefix="c-", orderable=False) if recent else None,
        "has_program": bool(active),
        "wish": wish_of(visit.request),
        "invitations": visit.invitations,
    }
    return visit.show("portal/home.html", context, nav="home", by_program=True)


@require_POST
@affiliate_page
def hide_steps(visit: Visit) -> HttpResponse:
    """Put the checklist away."""
    hide_checklist(affiliate=visit.affiliate, at=visit.at)
    messages.success(visit.request, _("The list is put away. All of it is in the menu."))
    return redirect("portal:home")


def _offer_of(link: Link | None, memberships: Sequence[Membership]) -> Offer | None:
    found = (row for row in memberships if link and row.enrollment.id == link.enrollment_id)
    membership = next(found, None)
    return offer_of(membership) if membership else None


def _currencies(visit: Visit, standing: Sequence[Balance]) -> list[str]:
    earned = [row.currency for row in standing]
    offered = {row.program.currency for row in visit.enrollments if row.is_active}
    return earned or sorted(offered)


def _money(visit: Visit, standing: Sequence[Balance]) -> list[dict[str, Any]]:
    """Return the three figures of each currency, each with the address of its rows."""
    month = Period.month_of(visit.at)
    lines = commissions_of(visit.affiliate.id, program_id=visit.program_id, period=month)
    earned = total_by_currency(lines)
    by_currency = {row.currency: row for row in standing}
    figures = []
    for currency in _currencies(visit, standing):
        balance = by_currency.get(currency) or Balance(currency, 0, 0, 0, 0, 0)
        figures.append(
            {
                "currency": currency,
                "earned": money(earned.get(currency, 0), currency),
                "earned_url": rows_url(visit, month=f"{month.first:%Y-%m}", currency=currency),
                "on_its_way": money(balance.on_its_way_minor, currency),
                "on_its_way_url": rows_url(visit, state=State.ON_ITS_WAY, currency=currency),
                "on_its_way_note": _when(visit, balance),
                "paid": money(balance.paid_minor, currency),
                "paid_url": rows_url(visit, state=State.PAID, currency=currency),
            }
        )
    return figures


def rows_url(visit: Visit, **filters: str) -> str:
    """Return the address of the earnings behind a figure, the chosen program included."""
    query = QueryDict(mutable=True)
    query.update(filters)
    if visit.program_id:
        query["program"] = str(visit.program_id)
    return f"{reverse('portal:earnings')}?{query.urlencode()}"


def _when(visit: Visit, balance: Balance) -> str:
    """Say when what is on its way arrives: payouts first, then holds that end."""
    currency = balance.currency
    parts = []
    if balance.in_payout_minor:
        amount = money(balance.in_payout_minor, currency)
        parts.append(_("%(amount)s is in a payout") % {"amount": amount})
    if balance.approved_minor > 0:
        amount = money(balance.approved_minor, currency)
        parts.append(_("%(amount)s goes into the next payout") % {"amount": amount})
    due = next_due(visit.affiliate.id, currency=currency, program_id=visit.program_id)
    if due is not None:
        said = {"amount": money(due.amount_minor, currency), "day": day_label(due.day)}
        parts.append(_("%(amount)s is payable from %(day)s") % said)
    return " · ".join(parts)


def _charts(visit: Visit, standing: Sequence[Balance]) -> list[dict[str, Any]]:
    """Return clicks and, for each currency, earnings of the last days; leave zeros out."""
    period = Period.until(visit.at, days=CHART_DAYS)
    affiliate_id, program_id = visit.affiliate.id, visit.program_id

    def clicks(of: Period) -> list[int]:
        return [day.human for day in traffic_by_day(affiliate_id, period=of, program_id=program_id)]

    def earnings(of: Period, currency: str) -> list[int]:
        return earnings_by_day(affiliate_id, currency=currency, period=of, program_id=program_id)

    charts = []
    now, before = clicks(period), clicks(period.before)
    if any(now) or any(before):
        chart = clicks_chart(_("Clicks, 30 days"), period, now, before)
        charts.append({"id": "clicks", "chart": chart})
    for balance in standing:
        currency = balance.currency
        earned, old = earnings(period, currency), earnings(period.before, currency)
        if any(earned) or any(old):
            title = _("Earnings in %(currency)s, 30 days") % {"currency": currency}
            chart = earnings_chart(title, period, earned, old, currency=currency)
            charts.append({"id": f"earnings-{currency}", "chart": chart})
    return charts
