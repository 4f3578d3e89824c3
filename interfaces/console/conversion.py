"""One conversion: its state, its reasons, its money, and what is decided about it."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.selectors import lines_of_conversion
from commissions.services import (
    approve_conversion,
    decline_conversion,
    hold_conversion,
    release_conversion,
)
from interfaces.console.access import acts, reads
from interfaces.console.forms.conversions import DecisionForm, RefundForm
from interfaces.console.history import told_history
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.story import story_of
from merchants.rights import Right
from tracking.models import MAY_COME_FROM, Conversion, ConversionStatus
from tracking.selectors import (
    bindings_of,
    conversions_of,
    credits_of,
    refunds_of,
    statuses_of,
)
from tracking.services import (
    TooMuchRefunded,
    confirm_conversion,
    left_to_refund,
    record_refund,
)

ALSO_BOUGHT_SHOWN = 5


def get_conversion(request: ConsoleRequest, conversion_id: UUID) -> Conversion:
    """Return the merchant's conversion.

    :raises Http404: if the merchant has no such conversion.
    """
    found = conversions_of(request.merchant.id).filter(id=conversion_id)
    conversion = found.select_related("program", "goal", "customer").first()
    if conversion is None:
        raise Http404
    return conversion


@reads
def conversion(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Show one conversion: its state, its reasons, its money."""
    return _show(request, get_conversion(request, conversion_id))


def _show(
    request: ConsoleRequest, found: Conversion, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    credits, lines, refunds = credits_of(found), lines_of_conversion(found), refunds_of(found)
    left_minor = left_to_refund(found)
    waiting = [line for line in lines if line.status in ("PENDING", "HELD")]
    context: dict[str, Any] = {
        "conversion": found,
        "credits": credits,
        "lines": lines,
        "earned_minor": sum(line.amount_minor for line in lines if line.status != "DECLINED"),
        "waiting_minor": sum(line.amount_minor for line in waiting),
        "waiting_count": len(waiting),
        "refunds": refunds,
        "statuses": statuses_of(found),
        **_customer(request, found),
        "left_minor": left_minor,
        "story": story_of(found, credits, lines),
        "raw": raw_report(found),
        "history": told_history(request.merchant.id, found.id),
        "moves": _moves(found),
        "can_reassign": not found.is_test
        and not found.is_unverified
        and found.status != ConversionStatus.DECLINED,
        "decline_form": DecisionForm(auto_id="decline_%s"),
        "hold_form": DecisionForm(auto_id="hold_%s"),
        "refund_form": RefundForm(
            currency=found.original_currency or found.currency,
            left_minor=left_minor,
            auto_id="refund_%s",
        ),
        **(bad or {}),
    }
    template = "console/conversions/detail.html"
    return show_page(request, template, context, nav="conversions", status=422 if bad else 200)


def _customer(request: ConsoleRequest, found: Conversion) -> dict[str, Any]:
    """Return what bound the buyer to whom, and what else they did."""
    if found.customer is None:
        return {}
    merchant_id = request.merchant.id
    others = conversions_of(merchant_id).filter(customer=found.customer).exclude(id=found.id)
    return {
        "bindings": bindings_of(merchant_id, [found.customer.id]).get(found.customer.id, []),
        "also": others[:ALSO_BOUGHT_SHOWN],
    }


def _moves(found: Conversion) -> list[str]:
    """Return where the conversion may go now; what attribution has not seen goes nowhere yet."""
    if found.attributed_at is None:
        return []
    return [to.value for to, origins in MAY_COME_FROM.items() if found.status in origins]


def raw_report(found: Conversion) -> str:
    """Return the report as it arrived, for people who look into their shop's side."""
    customer = found.customer
    report = {
        "id": str(found.id),
        "goal": found.goal.code,
        "external_id": found.external_id,
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "tax_minor": found.tax_minor,
        "shipping_minor": found.shipping_minor,
        "discount_minor": found.discount_minor,
        "occurred_at": found.occurred_at.isoformat(),
        "received_at": found.created_at.isoformat(),
        "source": found.source,
        "is_test": found.is_test,
        "confirmed_at": found.confirmed_at.isoformat() if found.confirmed_at else None,
        "click_id": found.click_token,
        "coupon": found.coupon_code,
        "via": found.referral_code,
        "customer": customer.external_id if customer else None,
        "customer_is_new": found.customer_is_new,
        "items": found.items,
        "metadata": found.metadata,
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


# Decisions ---------------------------------------------------------------------------------------


@acts(Right.REVIEW_COMMISSIONS)
def conversion_approve(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Approve its commissions before their hold ends."""
    found = get_conversion(request, conversion_id)
    with refusal_told(request):
        approve_conversion(conversion=found, by=request.actor, at=request.at)
        messages.success(request, _("Approved: its commissions are payable."))
    return redirect("console:conversion", found.id)


@acts(Right.REVIEW_COMMISSIONS)
def conversion_release(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Let a held conversion wait for its hold again."""
    found = get_conversion(request, conversion_id)
    with refusal_told(request):
        release_conversion(conversion=found, by=request.actor, at=request.at)
        messages.success(request, _("Released: it is approved when its hold ends."))
    return redirect("console:conversion", found.id)


@acts(Right.REVIEW_COMMISSIONS)
def conversion_decline(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Decline it with its commissions that still wait."""
    found = get_conversion(request, conversion_id)
    form = DecisionForm(request.POST, auto_id="decline_%s")
    if not form.is_valid():
        return _show(request, found, bad={"decline_form": form})
    reason = form.cleaned_data["reason"]
    with refusal_told(request):
        decline_conversion(conversion=found, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Declined."))
    return redirect("console:conversion", found.id)


@acts(Right.REVIEW_COMMISSIONS)
def conversion_hold(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Hold it with its commissions until somebody has looked into it."""
    found = get_conversion(request, conversion_id)
    form = DecisionForm(request.POST, auto_id="hold_%s")
    if not form.is_valid():
        return _show(request, found, bad={"hold_form": form})
    reason = form.cleaned_data["reason"]
    with refusal_told(request):
        hold_conversion(conversion=found, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Held: nothing of it is paid until you release it."))
    return redirect("console:conversion", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def conversion_confirm(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Take a browser's word for it: attribution looks at it again, and it earns."""
    found = get_conversion(request, conversion_id)
    with refusal_told(request):
        confirm_conversion(conversion=found, by=request.actor, at=request.at)
        messages.success(request, _("Confirmed: its commissions are reckoned within seconds."))
    return redirect("console:conversion", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def refund_create(request: ConsoleRequest, conversion_id: UUID) -> HttpResponse:
    """Note that part of it was given back to the buyer."""
    found = get_conversion(request, conversion_id)
    form = RefundForm(
        request.POST,
        currency=found.original_currency or found.currency,
        left_minor=left_to_refund(found),
        auto_id="refund_%s",
    )
    if form.is_valid() and _record_refund(request, found, form):
        return redirect("console:conversion", found.id)
    return _show(request, found, bad={"refund_form": form})


def _record_refund(request: ConsoleRequest, found: Conversion, form: RefundForm) -> bool:
    facts = form.cleaned_data
    try:
        _refund, is_new = record_refund(
            conversion=found,
            external_id=facts["external_id"],
            amount_minor=facts["amount"],
            currency=found.original_currency or found.currency,
            reason=facts["reason"],
            occurred_at=request.at,
            by=request.actor,
            at=request.at,
        )
    except TooMuchRefunded:
        form.add_error("amount", _("All refunds together would exceed what was paid."))
        return False
    if is_new:
        messages.success(request, _("Recorded. Its commissions are taken back within seconds."))
    else:
        messages.warning(request, _("This refund was recorded before; nothing was changed."))
    return True
