"""Deals: companies that the affiliate registers before selling to them."""

from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tables2 import RequestConfig

from affiliates.models import Enrollment
from channel.deals import (
    DealExists,
    DealsClosed,
    NoExtension,
    TooManyDeals,
    ask_extension,
    deals_of_affiliate,
    register_deal,
    terms_of,
    withdraw_deal,
)
from channel.models import LIVE, Deal, DealStatus
from common.refusals import BadValue
from common.states import IllegalMove
from interfaces.portal.charts import day_label
from interfaces.portal.deal_forms import DealForm
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.tables import show_date, show_status, two_lines
from interfaces.portal.text import Said, money
from merchants.models import acting_user
from merchants.tenancy import merchant_context

PER_PAGE = 25
TONES = {
    DealStatus.SUBMITTED: "wait",
    DealStatus.APPROVED: "good",
    DealStatus.REJECTED: "bad",
    DealStatus.WON: "good",
}


def deal_status(deal: Deal) -> Said:
    """Return where a deal stands: of a conflict that there is one, never with whom."""
    status = DealStatus(deal.status)
    reason = ""
    if status == DealStatus.APPROVED and deal.protected_until:
        reason = _("yours until %(day)s") % {"day": day_label(deal.protected_until)}
    elif status == DealStatus.SUBMITTED and deal.conflict:
        reason = _("there is a conflict")
    return Said(str(status.label), TONES.get(status, ""), reason)


class DealTable(tables.Table):
    """Deals with their state."""

    submitted_at = tables.Column(gettext_lazy("Registered"))
    company = tables.Column(gettext_lazy("Company"), orderable=False)
    program = tables.Column(gettext_lazy("Program"), accessor="program__name", orderable=False)
    status = tables.Column(gettext_lazy("Status"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Deals"), "id": "rows"}
        row_attrs = {"data-href": lambda record: reverse("portal:deal", args=[record.id])}

    def render_submitted_at(self, value: object) -> SafeString:
        return show_date(value)

    def render_company(self, record: Deal, value: str) -> SafeString:
        url = reverse("portal:deal", args=[record.id])
        return two_lines(format_html('<a href="{}">{}</a>', url, value), record.domain)

    def render_program(self, record: Deal, value: str) -> SafeString:
        return two_lines(value, record.program.merchant.name)

    def render_status(self, record: Deal) -> SafeString:
        return show_status(deal_status(record))


def taking_deals(visit: Visit) -> list[Enrollment]:
    """Return the affiliate's enrollments in programs that take deals."""
    return [row for row in visit.enrollments if row.is_active and terms_of(row.program).is_open]


@require_safe
@affiliate_page
def deals(visit: Visit) -> HttpResponse:
    """List the deals with their answers."""
    rows = deals_of_affiliate(visit.affiliate.id)
    if visit.program_id:
        rows = rows.filter(program_id=visit.program_id)
    table = DealTable(rows)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "table": table,
        "has_any": bool(rows[:1]),
        "may_register": bool(taking_deals(visit)),
    }
    return visit.show("portal/deals.html", context, nav="deals", by_program=True)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def create(visit: Visit) -> HttpResponse:
    """Register a company."""
    enrollments = taking_deals(visit)
    form = DealForm(visit.request.POST or None, enrollments=enrollments)
    if form.is_valid() and (deal := _registered(visit, form)):
        if deal.conflict:
            messages.warning(visit.request, _("Registered, with a conflict: see below."))
        else:
            messages.success(visit.request, _("Registered. The merchant answers."))
        return redirect("portal:deal", deal.id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "may_register": bool(enrollments)}
    return visit.show("portal/deal_create.html", context, nav="deals", status=status)


def _registered(visit: Visit, form: DealForm) -> Deal | None:
    """Return the new deal; without one the form says what is wrong."""
    enrollment = form.chosen
    try:
        with merchant_context(enrollment.merchant_id):
            return register_deal(
                enrollment=enrollment, draft=form.draft, by=acting_user(visit.user), at=visit.at
            )
    except BadValue as error:
        field = {"value_minor": "value"}.get(error.field, error.field)
        form.add_error(field if field in form.fields else None, str(error))
    except DealExists:
        form.add_error("domain", _("You have registered this company already."))
    except TooManyDeals:
        form.add_error(None, _("Many deals of yours are open. Bring some of them to an end."))
    except DealsClosed:
        form.add_error(None, _("This program takes no deals any more."))
    return None


@require_safe
@affiliate_page
def deal(visit: Visit, deal_id: UUID) -> HttpResponse:
    """Show one deal and its answer."""
    found = get_object_or_404(deals_of_affiliate(visit.affiliate.id), id=deal_id)
    is_approved = found.status == DealStatus.APPROVED
    context = {
        "deal": found,
        "status": deal_status(found),
        "facts": _facts(found),
        "is_live": found.status in LIVE,
        "has_conflict": bool(found.conflict) and found.status == DealStatus.SUBMITTED,
        "may_ask": is_approved
        and found.extension_asked_at is None
        and found.extensions < terms_of(found.program).extensions_max,
    }
    return visit.show("portal/deal.html", context, nav="deals")


def _facts(found: Deal) -> list[dict[str, Any]]:
    worth, day = found.value_minor, found.expected_on
    said = [
        (_("Domain"), found.domain),
        (_("Whom you talk to"), found.contact_name or "–"),
        (_("Their e-mail address"), found.contact_email or "–"),
        (_("Value"), "–" if worth is None else money(worth, found.currency)),
        (_("Expected close"), date_format(day, "SHORT_DATE_FORMAT") if day else "–"),
        (_("Program"), found.program.name),
        (_("Merchant"), found.program.merchant.name),
        (_("Registered"), day_label(found.submitted_at)),
        (_("Notes"), found.notes or "–"),
    ]
    return [{"label": label, "value": value} for label, value in said]


@require_POST
@affiliate_page
def withdraw(visit: Visit, deal_id: UUID) -> HttpResponse:
    """Take it back."""
    found = get_object_or_404(deals_of_affiliate(visit.affiliate.id), id=deal_id)
    try:
        with merchant_context(found.merchant_id):
            withdraw_deal(deal=found, by=acting_user(visit.user), at=visit.at)
    except IllegalMove:
        messages.error(visit.request, _("This deal has come to its end already."))
    else:
        messages.success(visit.request, _("The deal is withdrawn."))
    return redirect("portal:deal", found.id)


@require_POST
@affiliate_page
def extend(visit: Visit, deal_id: UUID) -> HttpResponse:
    """Ask for more time."""
    found = get_object_or_404(deals_of_affiliate(visit.affiliate.id), id=deal_id)
    try:
        with merchant_context(found.merchant_id):
            ask_extension(deal=found, by=acting_user(visit.user), at=visit.at)
    except (IllegalMove, NoExtension):
        messages.error(visit.request, _("This deal cannot be extended any more."))
    else:
        messages.success(visit.request, _("The merchant is asked for more time."))
    return redirect("portal:deal", found.id)
