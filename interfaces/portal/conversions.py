"""Conversions, and why each earns what it earns. What is the customer's stays the merchant's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from commissions.claims import claims_of_affiliate
from commissions.models import Commission, Kind, Status
from commissions.words import describe_award
from common.money import WHOLE_PPM, divide_half_even
from interfaces.portal.charts import day_label
from interfaces.portal.claims import may_claim
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.filters import ConversionFilter, link_chosen
from interfaces.portal.tables import ConversionTable, payout_url
from interfaces.portal.text import (
    commission_status,
    conversion_status,
    language,
    mask_order,
    money,
    rate_in_words,
)
from payouts.models import Payout
from reports.affiliate_money import conversions_of, lines_of_credit, payouts_by_commission
from reports.affiliate_traffic import links_of
from tracking.models import Conversion, ConversionStatus, Credit

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
        "story": _story(credit, lines, payouts),
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
        {"label": _("Through"), "value": str(link) if link else _("Discount code")},
    ]
    if lines and lines[0].status == Status.PENDING:
        facts.append({"label": _("Payable from"), "value": day_label(lines[0].hold_until)})
    return facts


def _story(
    credit: Credit, lines: list[Commission], payouts: dict[UUID, Payout]
) -> list[dict[str, Any]]:
    """Return what happened, in order: one's own touches, the conversion, and each line."""
    fact = credit.conversion
    story = [_touch(touch) for touch in _own_touches(credit)]
    happened = money(credit.amount_minor, fact.currency)
    said = {"goal": fact.goal.name, "amount": happened}
    story.append({"title": _("%(goal)s: %(amount)s") % said, "at": fact.occurred_at, "text": ""})
    for line in lines:
        story.append(_line_event(line, credit))
        story.append(_what_next(line, payouts.get(line.id)))
    if fact.status == ConversionStatus.DECLINED and not lines:
        story.append(_declined(fact))
    return [event for event in story if event]


def _own_touches(credit: Credit) -> list[dict[str, Any]]:
    touches = credit.conversion.trace.get("touches", [])
    return [touch for touch in touches if touch["enrollment"] == str(credit.enrollment_id)]


REASONS = {
    "accepted": gettext_lazy("It counts: it was the last one before the event."),
    "outside_window": gettext_lazy("Too long before the event."),
    "after_the_event": gettext_lazy("After the event."),
    "not_enrolled": gettext_lazy("You were not approved in the program then."),
}


def _touch(touch: dict[str, Any]) -> dict[str, Any]:
    by_code = touch["kind"] == "coupon"
    return {
        "title": _("Your discount code was used") if by_code else _("Your link was clicked"),
        "at": datetime.fromisoformat(touch["at"]),
        "muted": not touch["accepted"],
        "reason": REASONS.get(touch["reason"], ""),
        "tone": "info" if touch["accepted"] else "",
    }


def _line_event(line: Commission, credit: Credit) -> dict[str, Any]:
    amount = money(line.amount_minor, line.currency)
    if line.kind == Kind.REVERSAL:
        return {
            "title": _("Taken back: %(amount)s") % {"amount": amount},
            "at": line.earned_at,
            "text": _("The customer was refunded, so its share of what you earned is taken back."),
            "tone": "bad",
        }
    return {
        "title": _("Earned: %(amount)s") % {"amount": amount},
        "at": line.earned_at,
        "text": arithmetic(line, credit),
        "tone": "good",
    }


def arithmetic(line: Commission, credit: Credit) -> str:
    """Return the rate, and how the amount came out of it."""
    fact = credit.conversion
    net_minor = max(fact.amount_minor - fact.tax_minor - fact.shipping_minor, 0)
    sum_of_it = describe_award(
        line.rule_version,
        net_minor=divide_half_even(net_minor * credit.share_ppm, WHOLE_PPM),
        earned_minor=line.amount_minor,
        currency=line.currency,
        language=language(),
    )
    rate = rate_in_words(line.rule_version, fact.goal, line.currency)
    return f"{rate}. {sum_of_it}"


def _what_next(line: Commission, payout: Payout | None) -> dict[str, Any]:
    """Return where the money of a line is now; a take-back follows its earning."""
    if line.kind == Kind.REVERSAL:
        return {}
    if line.status == Status.PENDING:
        return {
            "title": _("Payable from %(day)s") % {"day": day_label(line.hold_until)},
            "text": _("Until then the customer may take it back."),
            "tone": "wait",
        }
    if payout is not None:
        said = {"reference": payout.reference}
        paid = payout.paid_at is not None
        title = _("Paid with %(reference)s") if paid else _("In payout %(reference)s")
        return {"title": title % said, "at": payout.paid_at, "tone": "good" if paid else "info"}
    said_of_it = commission_status(line)
    return {
        "title": said_of_it.word,
        "at": line.status_changed_at,
        "text": said_of_it.reason,
        "tone": said_of_it.tone,
    }


def _declined(fact: Conversion) -> dict[str, Any]:
    return {"title": fact.get_reason_display(), "at": fact.status_changed_at, "tone": "bad"}


def _line(line: Commission, payout: Payout | None) -> dict[str, Any]:
    return {
        "status": commission_status(line),
        "kind": line.get_kind_display(),
        "at": line.earned_at,
        "amount": money(line.amount_minor, line.currency),
        "payout": payout.reference if payout else "",
        "payout_url": payout_url(payout.id) if payout else "",
    }
