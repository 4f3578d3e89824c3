"""Conversions, and why each earns what it earns. What is the customer's stays the merchant's."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from commissions.claims import claims_of_affiliate
from commissions.models import Commission, Status
from interfaces.portal.charts import day_label
from interfaces.portal.claims import may_claim
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.filters import ConversionFilter, link_chosen
from interfaces.portal.story import story_of
from interfaces.portal.tables import ConversionTable, payout_url
from interfaces.portal.text import (
    commission_status,
    conversion_status,
    mask_order,
    money,
)
from payouts.models import Payout
from reports.affiliate_money import conversions_of, lines_of_credit, payouts_by_commission
from reports.affiliate_traffic import links_of
from tracking.models import Credit

PER_PAGE = 25


@require_safe
@affiliate_page
def conversions(visit: Visit) -> HttpResponse:
    """List what reached a goal through the affiliate."""
    link = link_chosen(visit)
    asked = ConversionFilter(visit.request.GET)
    rows = conversions_of(visit.affiliate.id, program_id=visit.program_id)
    if link is not None:
        rows = rows.filter(link_id=link.id)
    if status := asked.chosen("status"):
        rows = rows.filter(conversion__status=status)
    table = ConversionTable(rows)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "filter": asked,
        "table": table,
        "link": link,
        "has_any": asked.is_active or bool(rows[:1]),
        "may_claim": may_claim(visit),
        "has_claims": claims_of_affiliate(visit.affiliate.id).exists(),
    }
    return visit.show("portal/conversions.html", context, nav="conversions", by_program=True)


@require_safe
@affiliate_page
def conversion(visit: Visit, conversion_id: UUID) -> HttpResponse:
    """Tell how one conversion came about and what becomes of what it earned."""
    credit = get_object_or_404(conversions_of(visit.affiliate.id), conversion_id=conversion_id)
    fact = credit.conversion
    lines = lines_of_credit(credit)
    earned_minor = sum(line.amount_minor for line in lines if line.status != Status.DECLINED)
    payouts = payouts_by_commission([line.id for line in lines], affiliate_id=visit.affiliate.id)
    context = {
        "conversion": fact,
        "order": mask_order(fact.external_id),
        "status": conversion_status(fact),
        "earned": money(earned_minor, fact.currency),
        "facts": _facts(visit, credit, lines),
        "story": story_of(credit, lines, payouts),
        "lines": [_line(line, payouts.get(line.id)) for line in lines],
    }
    return visit.show("portal/conversion.html", context, nav="conversions")


def _facts(visit: Visit, credit: Credit, lines: list[Commission]) -> list[dict[str, Any]]:
    fact = credit.conversion
    links = links_of(visit.affiliate.id)
    link = links.filter(id=credit.link_id).first() if credit.link_id else None
    facts = [
        {"label": _("Program"), "value": fact.program.name},
        {"label": _("Merchant"), "value": fact.program.merchant.name},
        {"label": _("Goal"), "value": fact.goal.name},
        {"label": _("Amount"), "value": money(credit.amount_minor, fact.currency)},
        {"label": _("Order"), "value": mask_order(fact.external_id)},
        {"label": _("Through"), "value": str(link) if link else _("No link")},
    ]
    if lines and lines[0].status == Status.PENDING:
        facts.append({"label": _("Payable from"), "value": day_label(lines[0].hold_until)})
    return facts


def _line(line: Commission, payout: Payout | None) -> dict[str, Any]:
    return {
        "status": commission_status(line),
        "kind": line.get_kind_display(),
        "at": line.earned_at,
        "amount": money(line.amount_minor, line.currency),
        "payout": payout.reference if payout else "",
        "payout_url": payout_url(payout.id) if payout else "",
    }
