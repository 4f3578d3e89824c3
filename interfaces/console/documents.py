"""Papers about payouts, and what affiliates were paid in a year."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import DocumentFilter
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import DocumentTable, YearTable
from interfaces.console.tax_words import VERDICTS
from interfaces.console.wording import money
from merchants.rights import Right
from payouts.documents.selectors import documents_of_merchant
from payouts.models import Provider
from payouts.tax.annual import (
    NEC_CURRENCY,
    PUBLISHED_UNTIL,
    nec_threshold,
    rails_of,
    totals_of,
    year_rows,
    years_paid,
)
from payouts.tax.exports import export_for_filing, export_totals
from payouts.tax.places import US
from payouts.tax.standing import own_of


@reads
def documents(request: ConsoleRequest) -> HttpResponse:
    """List the papers."""
    filters = DocumentFilter(request.GET, documents_of_merchant(request.merchant.id))
    table = DocumentTable(filters.rows)
    table.may_read = request.member.may(Right.PREPARE_PAYOUTS)
    context = show_table(request, table, filters=filters)
    return show_page(request, "console/payouts/documents.html", context, nav="payouts")


@never_cache
@edits(Right.PREPARE_PAYOUTS)
def document(request: ConsoleRequest, document_id: UUID) -> HttpResponse:
    """Give out a paper: it names where people live, so not everybody may."""
    papers = documents_of_merchant(request.merchant.id).defer("facts")
    found = papers.filter(id=document_id).first()
    if found is None:
        raise Http404
    return _file(found.reveal(), found.filename, "application/pdf")


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


# Annual totals -----------------------------------------------------------------------------------

ONLY_IN_THE_US = ("total_excluded", "verdict")  # Columns that say nothing elsewhere.


def _year(request: ConsoleRequest) -> int:
    said = request.GET.get("year") or request.POST.get("year") or str(request.at.year)
    if not said.isdecimal() or not 2000 <= int(said) <= 2200:
        raise Http404
    return int(said)


@reads
def annual(request: ConsoleRequest) -> HttpResponse:
    """Show what affiliates were paid in a year, by rail, and whom a form is due to."""
    year = _year(request)
    own = own_of(request.merchant.id)
    is_in_us = own is not None and own.country == US
    table = YearTable(
        totals_of(request.merchant.id, year), exclude=() if is_in_us else ONLY_IN_THE_US
    )
    context = show_table(request, table)
    rows = year_rows(request.merchant.id, year, records(table))
    table.found = {(row.affiliate_id, row.currency): row for row in rows}
    table.verdicts = VERDICTS
    context |= {
        "year": year,
        "year_text": str(year),
        "years": sorted({*years_paid(request.merchant.id), request.at.year, year}, reverse=True),
        "rails": [_rail(row) for row in rails_of(request.merchant.id, year)],
        "is_in_us": is_in_us,
        "threshold": money(nec_threshold(year), NEC_CURRENCY),
        "is_provisional": year > PUBLISHED_UNTIL,
    }
    return show_page(request, "console/payouts/annual.html", context, nav="payouts")


def _rail(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": Provider(row["batch__provider"]).label,
        "is_excluded": row["batch__provider"] in (Provider.PAYPAL, Provider.STRIPE),
        "payouts": row["payouts"],
        "earned": money(row["total_earned"], row["currency"]),
        "paid": money(row["total_paid"], row["currency"]),
    }


@reads
def annual_export(request: ConsoleRequest) -> HttpResponse:
    """Give out a year's totals, without tax numbers."""
    year = _year(request)
    content = export_totals(request.merchant.id, year)
    return _file(content, _("totals-%d.csv") % year, "text/csv; charset=utf-8")


@never_cache
@acts(Right.PREPARE_PAYOUTS)
@reauthentication_required
def annual_filing(request: ConsoleRequest) -> HttpResponse:
    """Give out who gets a 1099-NEC, with tax numbers in full, after signing in afresh."""
    year = _year(request)
    content = export_for_filing(member=request.member, year=year, at=request.at)
    return _file(content, _("1099-nec-%d.csv") % year, "text/csv; charset=utf-8")
