"""Coupons of all affiliates: the list and its CSV, new ones, and the end of one."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.selectors import enrollments_of
from common.spreadsheet import write_csv
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.coupons import CouponsForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.link_lists import CouponFilter, CouponTable, coupon_standing
from interfaces.console.links import asked_affiliate, link_tabs
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from programs.selectors import programs_of
from reports.merchant_traffic import coupon_uses, merchant_coupons
from tracking.models import Coupon
from tracking.services import archive_coupon, create_coupon, create_coupons

CSV_COLUMNS = """
    code program affiliate email offer valid_from valid_until uses_max customer_uses_max archived_at
""".split()


def _filters(request: ConsoleRequest) -> CouponFilter:
    return CouponFilter(
        request.GET,
        merchant_coupons(request.merchant.id),
        programs=programs_of(request.merchant.id),
        at=request.at,
        enrollments=enrollments_of(request.merchant.id),
    )


@reads
def coupons(request: ConsoleRequest) -> HttpResponse:
    """List the codes with whose they are, until when, and how often they were used."""
    filters = _filters(request)
    table = CouponTable(filters.rows)
    context = show_table(request, table, filters=filters)
    shown = records(table)
    table.used = coupon_uses([row.id for row in shown])
    table.standings = {
        row.id: coupon_standing(row, table.used[row.id], request.at) for row in shown
    }
    table.may_end = request.member.may(Right.REVIEW_AFFILIATES)
    context |= {
        "tabs": link_tabs("coupons"),
        "shown": [row for row in shown if row.archived_at is None],
        "export_url": f"{reverse('console:coupons-export')}?{request.GET.urlencode()}",
        "is_batch": "first" in request.GET,
    }
    return show_page(request, "console/coupons/list.html", context, nav="links")


@reads
def coupons_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV: what goes into the shop."""
    rows = _filters(request).rows.iterator(chunk_size=1000)
    return HttpResponse(
        write_csv(CSV_COLUMNS, (_csv_row(coupon) for coupon in rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="coupons.csv"'},
    )


def _csv_row(coupon: Coupon) -> list[object]:
    moments = (coupon.valid_from, coupon.valid_until)
    valid_from, valid_until = (at.isoformat() if at else "" for at in moments)
    return [
        coupon.code,
        coupon.program.name,
        coupon.affiliate.name,
        coupon.affiliate.email,
        coupon.offer,
        valid_from,
        valid_until,
        "" if coupon.uses_max is None else coupon.uses_max,
        "" if coupon.customer_uses_max is None else coupon.customer_uses_max,
        coupon.archived_at.isoformat() if coupon.archived_at else "",
    ]


@edits(Right.REVIEW_AFFILIATES)
def coupons_create(request: ConsoleRequest) -> HttpResponse:
    """Give an affiliate a code, or many random ones, and go on to what was made."""
    initial = {"affiliate": asked_affiliate(request)}
    form = CouponsForm(request.POST or None, merchant_id=request.merchant.id, initial=initial)
    if request.method == "POST" and form.is_valid():
        enrollment = form.cleaned_data["affiliate"]
        with refusal_shown(form, program=enrollment.program):
            made = _made(request, form)
            words = ngettext("%(count)s code is ready.", "%(count)s codes are ready.", len(made))
            messages.success(request, words % {"count": len(made)})
            ids = sorted(coupon.id for coupon in made)
            query = {"enrollment": enrollment.id, "first": ids[0], "last": ids[-1]}
            return redirect(f"{reverse('console:coupons')}?{urlencode(query)}")
    context = {"form": form}
    status = 422 if form.errors else 200
    return show_page(request, "console/coupons/create.html", context, nav="links", status=status)


def _made(request: ConsoleRequest, form: CouponsForm) -> list[Coupon]:
    said: dict[str, Any] = form.cleaned_data
    if said["code"]:
        return [create_coupon(enrollment=said["affiliate"], code=said["code"], **form.limits)]
    return create_coupons(
        enrollment=said["affiliate"],
        count=said["count"],
        prefix=said["beginning"],
        **form.limits,
        by=request.actor,
        at=request.at,
    )


@acts(Right.REVIEW_AFFILIATES)
def coupon_archive(request: ConsoleRequest, coupon_id: UUID) -> HttpResponse:
    """Credit nobody for later uses of a code."""
    found = merchant_coupons(request.merchant.id).filter(id=coupon_id).first()
    if found is None:
        raise Http404
    archive_coupon(coupon=found, by=request.actor, at=request.at)
    messages.success(request, _("%(code)s credits nobody any more.") % {"code": found.code})
    return redirect("console:coupons")
