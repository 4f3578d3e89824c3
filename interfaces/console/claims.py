"""Claims of affiliates: the queue, what is known of each order, and the answer."""

from datetime import datetime
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

from commissions.claims import Evidence, claims_of, evidence_of
from commissions.models import Claim, ClaimStatus
from commissions.services import AmountNeeded, ConversionDeclined, credit_claim, refuse_claim
from common.money import major_of
from common.spreadsheet import write_csv
from interfaces.console.access import acts, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.forms.claims import CreditForm, RefusalForm
from interfaces.console.history import told_history
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import NUMBER, cell, page_of
from merchants.rights import Right
from programs.selectors import programs_of
from tracking.services import GoalHasSteps

OVERDUE = "overdue"
CSV_COLUMNS = """
    id program goal affiliate order_id happened_on amount currency message status submitted_at
    due_at answer answered_at conversion
""".split()


class ClaimFilter(ListFilter):
    """Claims by program and state; found by affiliate or order."""

    at: datetime  # What is overdue is so now.

    q = search_field(gettext_lazy("Affiliate or order id"))
    program = django_filters.ChoiceFilter(
        field_name="program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    show = django_filters.ChoiceFilter(
        method="standing",
        label=gettext_lazy("Show"),
        empty_label=gettext_lazy("Everything"),
        choices=[(OVERDUE, gettext_lazy("Overdue")), *ClaimStatus.choices],
    )
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the affiliate's name or address, or the whole order id."""
        return rows.filter(
            Q(affiliate__name__icontains=text)
            | Q(affiliate__email__icontains=text)
            | Q(order_id=text.strip())
        )

    def standing(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep a status, or what should have been answered."""
        if wanted == OVERDUE:
            return rows.filter(status=ClaimStatus.OPEN, due_at__lte=self.at)
        return rows.filter(status=wanted)


class ClaimTable(tables.Table):
    """Claims: those to answer first, by their deadline."""

    affiliate = cell("claim_affiliate", gettext_lazy("Affiliate"), orderable=False)
    order_id = cell("claim_order", gettext_lazy("Order"), orderable=False)
    happened_on = cell("claim_day", gettext_lazy("Day"), orderable=False)
    submitted_at = cell("time", gettext_lazy("Submitted"))
    status = cell("claim_status", gettext_lazy("Status"), orderable=False)
    amount_minor = cell("claim_amount", gettext_lazy("Amount"), attrs=NUMBER, orderable=False)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("claim")}
        attrs = {"caption": gettext_lazy("Claims"), "id": "results"}
        empty_text = gettext_lazy("No claim matches. Take a filter away to see more.")


def _filters(request: ConsoleRequest) -> ClaimFilter:
    rows = claims_of(request.merchant.id)
    filters = ClaimFilter(request.GET, rows, programs=programs_of(request.merchant.id))
    filters.at = request.at
    return filters


@reads
def claims(request: ConsoleRequest) -> HttpResponse:
    """List the claims, those to answer first."""
    filters = _filters(request)
    table = ClaimTable(filters.rows)
    table.at = request.at
    context = show_table(request, table, filters=filters)
    context["export_url"] = f"{reverse('console:claims-export')}?{request.GET.urlencode()}"
    return show_page(request, "console/claims/list.html", context, nav="claims")


@reads
def claims_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV."""
    rows = _filters(request).rows.iterator(chunk_size=1000)
    return HttpResponse(
        write_csv(CSV_COLUMNS, (_csv_row(claim) for claim in rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="claims.csv"'},
    )


def _csv_row(claim: Claim) -> list[object]:
    worth = claim.amount_minor
    return [
        str(claim.id),
        claim.program.name,
        claim.goal.code,
        claim.affiliate.name,
        claim.order_id,
        claim.happened_on.isoformat(),
        "" if worth is None else major_of(worth, currency=claim.currency),
        claim.currency,
        claim.message,
        claim.status,
        claim.submitted_at.isoformat(),
        claim.due_at.isoformat(),
        claim.answer,
        claim.answered_at.isoformat() if claim.answered_at else "",
        str(claim.conversion_id or ""),
    ]


def get_claim(request: ConsoleRequest, claim_id: UUID) -> Claim:
    """Return the merchant's claim.

    :raises Http404: if the merchant has no such claim.
    """
    found = claims_of(request.merchant.id).filter(id=claim_id).first()
    if found is None:
        raise Http404
    return found


@reads
def claim(request: ConsoleRequest, claim_id: UUID) -> HttpResponse:
    """Show what the affiliate says beside what is known."""
    return _show(request, get_claim(request, claim_id))


def _show(
    request: ConsoleRequest, found: Claim, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    evidence = evidence_of(found)
    is_known = evidence.conversion is not None
    context: dict[str, Any] = {
        "claim": found,
        "evidence": evidence,
        "is_overdue": found.status == ClaimStatus.OPEN and found.due_at <= request.at,
        "is_theirs": [row.enrollment_id for row in evidence.credits] == [found.enrollment_id],
        "consequence": _consequence(found, evidence),
        "history": told_history(request.merchant.id, found.id),
        "next": _next(request, found),
        "credit_form": CreditForm(claim=found, is_known=is_known, auto_id="credit_%s"),
        "refuse_form": RefusalForm(auto_id="refuse_%s"),
        **(bad or {}),
    }
    status = 422 if bad else 200
    return show_page(request, "console/claims/detail.html", context, nav="claims", status=status)


def _consequence(found: Claim, evidence: Evidence) -> str:
    """Return what crediting does, as the dialog says it."""
    name = found.affiliate.name
    if evidence.conversion is None:
        return _(
            "The order is recorded as a conversion of %(name)s. It earns by the rates of that day"
            " and waits for its hold."
        ) % {"name": name}
    others = [row for row in evidence.credits if row.enrollment_id != found.enrollment_id]
    if others:
        return _(
            "The conversion goes to %(name)s. What it earned %(others)s is taken back by lines of"
            " their own; both sides see why."
        ) % {"name": name, "others": ", ".join(row.enrollment.affiliate.name for row in others)}
    return _("The conversion goes to %(name)s and earns by the rates of that day.") % {"name": name}


def _next(request: ConsoleRequest, found: Claim) -> Claim | None:
    """Return the next claim to answer."""
    waiting = claims_of(request.merchant.id).filter(status=ClaimStatus.OPEN)
    return waiting.exclude(id=found.id).first()


@acts(Right.REVIEW_CONVERSIONS)
def claim_credit(request: ConsoleRequest, claim_id: UUID) -> HttpResponse:
    """Give the order to the affiliate."""
    found = get_claim(request, claim_id)
    is_known = evidence_of(found).conversion is not None
    form = CreditForm(request.POST, claim=found, is_known=is_known, auto_id="credit_%s")
    if not form.is_valid() or not _credited(request, found, form):
        return _show(request, found, bad={"credit_form": form})
    return redirect("console:claim", found.id)


def _credited(request: ConsoleRequest, found: Claim, form: CreditForm) -> bool:
    said = form.cleaned_data
    try:
        with refusal_told(request):
            credit_claim(
                claim=found,
                amount_minor=said.get("amount"),
                answer=said["answer"],
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Credited. Commissions follow within seconds."))
    except AmountNeeded:
        form.add_error(None, _("Say what the order was worth."))
    except ConversionDeclined:
        form.add_error(None, _("This conversion was declined: it is nobody's. Refuse the claim."))
    except GoalHasSteps:
        form.add_error(
            None, _("This goal is reached by its steps. Report the steps, or refuse the claim.")
        )
    return form.is_valid()


@acts(Right.REVIEW_CONVERSIONS)
def claim_refuse(request: ConsoleRequest, claim_id: UUID) -> HttpResponse:
    """Say no, and why."""
    found = get_claim(request, claim_id)
    form = RefusalForm(request.POST, auto_id="refuse_%s")
    if not form.is_valid():
        return _show(request, found, bad={"refuse_form": form})
    with refusal_told(request):
        refuse_claim(
            claim=found, reason=form.cleaned_data["reason"], by=request.actor, at=request.at
        )
        messages.success(request, _("Refused. The affiliate is told why."))
    return redirect("console:claim", found.id)
