"""Papers about payouts, and what each year came to."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.tables import DocumentTable
from interfaces.portal.text import money
from payouts.documents.selectors import documents_of_affiliate
from reports.affiliate_years import years_of

PER_PAGE = 25


@require_safe
@affiliate_page
def documents(visit: Visit) -> HttpResponse:
    """List the papers, and what was paid in each year."""
    rows = documents_of_affiliate(visit.affiliate.id)
    table = DocumentTable(rows)
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "table": table if rows.exists() else None,
        "years": [_year(row) for row in years_of(visit.affiliate.id)],
        "caption": _("What you were paid, by year"),
    }
    return visit.show("portal/documents.html", context, nav="documents")


def _year(row: dict[str, Any]) -> dict[str, Any]:
    amounts = ("earned", "vat", "withheld", "paid")
    shown = {name: money(row[f"total_{name}"], row["currency"]) for name in amounts}
    return {"year": row["year"], "merchant": row["merchant__name"], **shown}


@never_cache
@require_safe
@affiliate_page
def document(visit: Visit, document_id: UUID) -> HttpResponse:
    """Give out a paper: the same bytes each time."""
    papers = documents_of_affiliate(visit.affiliate.id).defer("facts")
    found = get_object_or_404(papers, id=document_id)
    return HttpResponse(
        found.reveal(),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{found.filename}"'},
    )
