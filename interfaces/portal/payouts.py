"""Payouts and their statements."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.next_payout import expected_told
from interfaces.portal.tables import PayoutTable, StatementTable, show_date
from interfaces.portal.tax import merchants_who_wait
from interfaces.portal.text import PAYOUTS, money
from interfaces.portal.withdrawals import requests_told, waiting_told
from payouts.methods import method_in_force
from payouts.models import Payout
from reports.affiliate_money import payouts_of, statement_lines

PER_PAGE = 25


@require_safe
@affiliate_page
def payouts(visit: Visit) -> HttpResponse:
    """List the payouts."""
    rows = payouts_of(visit.affiliate.id)
    table = PayoutTable(rows)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    method = method_in_force(visit.affiliate.id)
    context = {
        "table": table if rows.exists() else None,
        "method": method,
        "tax_needed_by": ", ".join(merchants_who_wait(visit)),
        "expected": expected_told(visit, method),
        "waiting": waiting_told(visit),
        "requests": requests_told(visit),
    }
    return visit.show("portal/payouts.html", context, nav="payouts")


@require_safe
@affiliate_page
def payout(visit: Visit, payout_id: UUID) -> HttpResponse:
    """Show one payout's statement, fit to be printed."""
    found = get_object_or_404(payouts_of(visit.affiliate.id), id=payout_id)
    lines = statement_lines(found)
    table = StatementTable(lines)
    context = {
        "payout": found,
        "amount": money(found.amount_minor, found.currency),
        "status": PAYOUTS[found.status],
        "facts": _facts(visit, found),
        "table": table,
        "line_count": len(lines),
    }
    return visit.show("portal/payout.html", context, nav="payouts")


def _facts(visit: Visit, found: Payout) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("From"), "value": found.merchant.name},
        {"label": _("To"), "value": visit.affiliate.name},
        {"label": _("Account"), "value": found.method_masked},
        {"label": _("Reference"), "value": found.reference},
        {"label": _("Prepared"), "value": show_date(found.created_at)},
    ]
    if found.paid_at:
        facts.append({"label": _("Paid"), "value": show_date(found.paid_at)})
        facts.append({"label": _("Proof of payment"), "value": found.provider_ref})
    elif found.status_reason:
        facts.append({"label": _("Reason"), "value": found.status_reason})
    return facts
