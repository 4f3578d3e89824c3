"""Discount codes: what the affiliate has, and the wish for one of their own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from affiliates.models import Enrollment
from common.refusals import BadValue
from interfaces.portal.door import Visit, form_page
from interfaces.portal.link_forms import EnrollmentForm
from interfaces.portal.text import Said, coupon_status
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from reports.affiliate_traffic import coupons_of, report_coupons
from tracking.models import CouponRequest, CouponRequestStatus
from tracking.selectors import coupon_requests_by
from tracking.services import CodeTaken, NotEnrolled, ask_for_coupon

LISTED_MAX = 500
TONES = {CouponRequestStatus.OPEN: "wait", CouponRequestStatus.REFUSED: "bad"}


def codes(visit: Visit) -> list[dict[str, Any]]:
    """Return the discount codes with what is left of them."""
    found = coupons_of(visit.affiliate.id, program_id=visit.program_id)[:LISTED_MAX]
    return [
        {
            "coupon": report.coupon,
            "uses": report.uses,
            "left": None
            if report.coupon.uses_max is None
            else max(report.coupon.uses_max - report.uses, 0),
            "status": coupon_status(report.coupon, report.uses, visit.at),
        }
        for report in report_coupons(visit.affiliate.id, found)
    ]


def wishes(visit: Visit) -> list[dict[str, Any]]:
    """Return the codes that were asked for and not given."""
    rows = coupon_requests_by(visit.affiliate.id).exclude(status=CouponRequestStatus.GIVEN)
    if visit.program_id:
        rows = rows.filter(program_id=visit.program_id)
    return [{"asked": row, "status": _status(row)} for row in rows[:LISTED_MAX]]


def _status(asked: CouponRequest) -> Said:
    status = CouponRequestStatus(asked.status)
    return Said(status.label, TONES.get(status, ""), asked.answer)


def may_wish(visit: Visit) -> bool:
    """Return whether the affiliate is in a program that takes wishes."""
    return bool(_taking(visit))


def _taking(visit: Visit) -> Sequence[Enrollment]:
    return [row for row in visit.enrollments if row.is_active and row.program.takes_coupon_requests]


class CodeForm(EnrollmentForm):
    """The code that an affiliate would like."""

    code = forms.CharField(
        label=gettext_lazy("The code you would like"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9_-]{3,40}$", gettext_lazy("Use 3 to 40 letters, digits, - and _.")
            )
        ],
        help_text=gettext_lazy("Short and easy to say aloud, as in ANNA10."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def wish(visit: Visit) -> HttpResponse:
    """Ask for a code."""
    taking = _taking(visit)
    if not taking:
        return redirect("portal:links")
    form = CodeForm(visit.request.POST or None, enrollments=taking)
    if form.is_valid() and _asked(visit, form):
        messages.success(visit.request, _("Your wish is with the merchant."))
        return redirect("portal:links")
    status = 422 if form.is_bound else 200
    return visit.show("portal/code_wish.html", {"form": form}, nav="links", status=status)


def _asked(visit: Visit, form: CodeForm) -> CouponRequest | None:
    """Return the wish; without one the form says what is wrong."""
    enrollment = visit.enrollment(UUID(form.cleaned_data["enrollment"]))
    try:
        with merchant_context(enrollment.merchant_id):
            return ask_for_coupon(
                enrollment=enrollment,
                code=form.cleaned_data["code"],
                by=acting_user(visit.user),
                at=visit.at,
            )
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except CodeTaken:
        form.add_error("code", _("This code is taken. Choose another one."))
    except NotEnrolled:
        form.add_error("enrollment", _("You are not approved in this program at the moment."))
    return None
