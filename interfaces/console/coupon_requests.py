"""Codes that affiliates ask for: each is given with its limits, or refused with a reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.affiliates import ReasonForm
from interfaces.console.forms.coupons import LimitsForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.links import link_tabs
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from merchants.rights import Right
from programs.selectors import programs_of
from tracking.models import CouponRequest, CouponRequestStatus
from tracking.selectors import coupon_requests_of
from tracking.services import give_requested, refuse_requested

ANSWERED_SHOWN = 20


@reads
def coupon_requests(request: ConsoleRequest) -> HttpResponse:
    """List what waits for an answer, and the last answers."""
    rows = coupon_requests_of(request.merchant.id)
    answered = rows.exclude(status=CouponRequestStatus.OPEN).order_by("-answered_at", "-id")
    programs = programs_of(request.merchant.id)
    context: dict[str, Any] = {
        "tabs": link_tabs("coupon-requests"),
        "open": rows.filter(status=CouponRequestStatus.OPEN),
        "answered": answered[:ANSWERED_SHOWN],
        "refuse_form": ReasonForm(auto_id=False),
        "taking": [program for program in programs if program.takes_coupon_requests],
        "programs": programs,
    }
    return show_page(request, "console/coupons/requests.html", context, nav="links")


def _get_request(request: ConsoleRequest, request_id: UUID) -> CouponRequest:
    found = coupon_requests_of(request.merchant.id).filter(id=request_id).first()
    if found is None:
        raise Http404
    return found


@edits(Right.REVIEW_AFFILIATES)
def coupon_request_give(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    """Give the affiliate the code, with its limits."""
    found = _get_request(request, request_id)
    form = LimitsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form), refusal_told(request):
            give_requested(request=found, by=request.actor, at=request.at, **form.limits)
            messages.success(request, _("%(code)s is theirs.") % {"code": found.code})
            return redirect("console:coupon-requests")
    context = {"asked": found, "form": form}
    status = 422 if form.errors else 200
    return show_page(request, "console/coupons/give.html", context, nav="links", status=status)


@acts(Right.REVIEW_AFFILIATES)
def coupon_request_refuse(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    """Say no, and why."""
    found = _get_request(request, request_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: the affiliate reads it."))
        return redirect("console:coupon-requests")
    with refusal_told(request):
        reason = form.cleaned_data["reason"]
        refuse_requested(request=found, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Refused. The affiliate reads why."))
    return redirect("console:coupon-requests")
