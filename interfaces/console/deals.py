"""Deals that affiliates register: the queue, who else has the company, and the answer."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channel.deals import (
    NoExtension,
    Protected,
    approve_deal,
    deals_of,
    extend_deal,
    lose_deal,
    reject_deal,
    set_terms,
    terms_of,
    win_deal,
)
from channel.models import LIVE, Deal, DealStatus
from common.money import major_of
from common.spreadsheet import write_csv
from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.forms.deals import DealReasonForm, DealTermsForm, DealWonForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.history import told_history
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.programs import get_program
from interfaces.console.tables import NUMBER, cell, page_of
from merchants.rights import Right
from programs.selectors import programs_of

NAV = "deals"
CSV_COLUMNS = """
    id program affiliate company domain contact_name contact_email value currency expected_on
    status conflict reason submitted_at protected_until customer notes
""".split()


class DealFilter(ListFilter):
    """Deals by program and status; found by company, domain or affiliate."""

    q = search_field(gettext_lazy("Company, domain or affiliate"))
    program = django_filters.ChoiceFilter(
        field_name="program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        empty_label=gettext_lazy("Everything"),
        choices=DealStatus.choices,
    )
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the company's or the affiliate's name, or of the domain."""
        text = text.strip()
        return rows.filter(
            Q(company__icontains=text)
            | Q(domain__icontains=text)
            | Q(affiliate__name__icontains=text)
        )


class DealTable(tables.Table):
    """Deals: those to answer first."""

    company = cell("deal", gettext_lazy("Company"), orderable=False)
    affiliate = cell("claim_affiliate", gettext_lazy("Affiliate"), orderable=False)
    submitted_at = cell("time", gettext_lazy("Registered"))
    status = cell("deal_status", gettext_lazy("Status"), orderable=False)
    value_minor = cell("deal_value", gettext_lazy("Value"), attrs=NUMBER, orderable=False)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("deal")}
        attrs = {"caption": gettext_lazy("Deals"), "id": "results"}
        empty_text = gettext_lazy("No deal matches. Take a filter away to see more.")


def _filters(request: ConsoleRequest) -> DealFilter:
    rows = deals_of(request.merchant.id)
    return DealFilter(request.GET, rows, programs=programs_of(request.merchant.id))


@reads
def deals(request: ConsoleRequest) -> HttpResponse:
    """List the deals, those to answer first."""
    filters = _filters(request)
    context = show_table(request, DealTable(filters.rows), filters=filters)
    context |= {
        "export_url": f"{reverse('console:deals-export')}?{request.GET.urlencode()}",
        "terms": [(row, terms_of(row)) for row in programs_of(request.merchant.id)],
    }
    return show_page(request, "console/deals/list.html", context, nav=NAV)


@reads
def deals_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV."""
    rows = _filters(request).rows.iterator(chunk_size=1000)
    return HttpResponse(
        write_csv(CSV_COLUMNS, (_csv_row(deal) for deal in rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="deals.csv"'},
    )


def _csv_row(deal: Deal) -> list[object]:
    worth = deal.value_minor
    return [
        str(deal.id),
        deal.program.name,
        deal.affiliate.name,
        deal.company,
        deal.domain,
        deal.contact_name,
        deal.contact_email,
        "" if worth is None else major_of(worth, currency=deal.currency),
        deal.currency,
        deal.expected_on.isoformat() if deal.expected_on else "",
        deal.status,
        deal.conflict,
        deal.reason,
        deal.submitted_at.isoformat(),
        deal.protected_until.isoformat() if deal.protected_until else "",
        deal.customer.external_id if deal.customer else "",
        deal.notes,
    ]


def get_deal(request: ConsoleRequest, deal_id: UUID) -> Deal:
    """Return the merchant's deal.

    :raises Http404: if the merchant has no such deal.
    """
    found = deals_of(request.merchant.id).filter(id=deal_id).first()
    if found is None:
        raise Http404
    return found


@reads
def deal(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Show a deal beside the others for the same company."""
    return _show(request, get_deal(request, deal_id))


def _show(
    request: ConsoleRequest, found: Deal, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    same = deals_of(request.merchant.id).filter(program_id=found.program_id, domain=found.domain)
    others = list(same.exclude(id=found.id))
    context: dict[str, Any] = {
        "deal": found,
        "others": others,
        "is_taken": any(row.status == DealStatus.APPROVED for row in others),
        "may_extend": found.extensions < terms_of(found.program).extensions_max,
        "protect_days": terms_of(found.program).protect_days,
        "history": told_history(request.merchant.id, found.id),
        "is_live": found.status in LIVE,
        "reject_form": DealReasonForm(auto_id="reject_%s"),
        "lose_form": DealReasonForm(auto_id="lose_%s"),
        "win_form": DealWonForm(auto_id="win_%s"),
        **(bad or {}),
    }
    status = 422 if bad else 200
    return show_page(request, "console/deals/detail.html", context, nav=NAV, status=status)


@acts(Right.REVIEW_CONVERSIONS)
def deal_approve(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Protect it."""
    found = get_deal(request, deal_id)
    try:
        with refusal_told(request):
            approve_deal(deal=found, by=request.actor, at=request.at)
            messages.success(request, _("Approved. Nobody else gets the company meanwhile."))
    except Protected:
        messages.error(
            request,
            _("Another affiliate has this company now. Reject this deal, or end the other first."),
        )
    return redirect("console:deal", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def deal_reject(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Say no, and why."""
    found = get_deal(request, deal_id)
    form = DealReasonForm(request.POST, auto_id="reject_%s")
    if not form.is_valid():
        return _show(request, found, bad={"reject_form": form})
    with refusal_told(request):
        reason = form.cleaned_data["reason"]
        reject_deal(deal=found, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Rejected. The affiliate reads why."))
    return redirect("console:deal", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def deal_lose(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Say that nothing came of it."""
    found = get_deal(request, deal_id)
    form = DealReasonForm(request.POST, auto_id="lose_%s")
    if not form.is_valid():
        return _show(request, found, bad={"lose_form": form})
    with refusal_told(request):
        reason = form.cleaned_data["reason"]
        lose_deal(deal=found, reason=reason, by=request.actor, at=request.at)
        messages.success(request, _("Lost. The company may be registered again."))
    return redirect("console:deal", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def deal_win(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Say which customer it became."""
    found = get_deal(request, deal_id)
    form = DealWonForm(request.POST, auto_id="win_%s")
    if form.is_valid():
        with refusal_shown(form), refusal_told(request):
            customer_id = form.cleaned_data["customer"]
            win_deal(deal=found, customer_id=customer_id, by=request.actor, at=request.at)
            messages.success(request, _("Won. The customer is the affiliate's from now on."))
    if not form.is_valid():
        return _show(request, found, bad={"win_form": form})
    return redirect("console:deal", found.id)


@acts(Right.REVIEW_CONVERSIONS)
def deal_extend(request: ConsoleRequest, deal_id: UUID) -> HttpResponse:
    """Give it more time."""
    found = get_deal(request, deal_id)
    try:
        with refusal_told(request):
            extend_deal(deal=found, by=request.actor, at=request.at)
            messages.success(request, _("Extended."))
    except NoExtension:
        messages.error(request, _("It was extended as often as it may be."))
    return redirect("console:deal", found.id)


@edits(Right.EDIT_PROGRAMS)
def deal_terms(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say whether a program takes deals, and how it protects them."""
    program = get_program(request, program_id)
    terms = terms_of(program)
    names = ("is_open", "protect_days", "extend_days", "extensions_max")
    initial = {name: getattr(terms, name) for name in names}
    form = DealTermsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            set_terms(
                program=program,
                is_open=form.cleaned_data["is_open"],
                days=form.days,
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Saved."))
            return redirect("console:deals")
    context = {"form": form, "program": program}
    status = 422 if form.errors else 200
    return show_page(request, "console/deals/terms.html", context, nav=NAV, status=status)
