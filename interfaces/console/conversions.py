"""What arrived: the list of conversions and its CSV, and the frame of the lists beside it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.models import SavedList
from common.money import major_of
from common.spreadsheet import write_csv
from interfaces.console.access import reads
from interfaces.console.filters import ConversionFilter
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.saved_views import saved_views
from interfaces.console.tables import ConversionTable
from merchants.rights import Right
from programs.models import Program
from programs.selectors import goal_names, programs_of
from tracking.models import Conversion
from tracking.selectors import conversions_of, waiting_refunds_of

CSV_COLUMNS = """
    id program goal external_id status reason amount currency occurred_at affiliates coupon
    source is_test
""".split()
WAITING_SHOWN = 10  # Refunds without their order; usually there are none.


def show_received(
    request: ConsoleRequest, tab: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Render one of the lists of what arrived, with tabs to the others."""
    names = {
        "conversions": _("Conversions"),
        "customers": _("Customers"),
        "imports": _("Imports"),
        "intake-calls": _("Intake log"),
    }
    tabs = [
        {"label": label, "url": reverse(f"console:{name}"), "current": name == tab}
        for name, label in names.items()
    ]
    return show_page(request, template, {"tabs": tabs, **context}, nav="conversions")


def _filters(request: ConsoleRequest) -> ConversionFilter:
    rows = conversions_of(request.merchant.id).prefetch_related("credits__enrollment__affiliate")
    return ConversionFilter(
        request.GET,
        rows,
        programs=programs_of(request.merchant.id),
        goals=goal_names(request.merchant.id),
    )


@reads
def conversions(request: ConsoleRequest) -> HttpResponse:
    """List what was reported."""
    filters = _filters(request)
    context = show_table(request, ConversionTable(filters.rows), filters=filters)
    # Tests are hidden, so that a list of nothing but tests has rows, though it shows none.
    context["has_rows"] = context["has_rows"] or filters.queryset.exists()
    context["export_url"] = f"{reverse('console:conversions-export')}?{request.GET.urlencode()}"
    context |= saved_views(request, SavedList.CONVERSIONS)
    context["waiting_refunds"] = waiting_refunds_of(request.merchant.id)[:WAITING_SHOWN]
    context["testable"] = testable(request, filters.programs)
    return show_received(request, "conversions", "console/conversions/list.html", context)


def testable(request: ConsoleRequest, programs: Sequence[Program]) -> list[dict[str, str]]:
    """Return where tests are sent, one place for each program, as components/menu.html shows it."""
    if not request.member.may(Right.REVIEW_CONVERSIONS):
        return []
    return [
        {"label": program.name, "url": reverse("console:conversion-test", args=[program.id])}
        for program in programs
    ]


@reads
def conversions_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV."""
    rows = _filters(request).rows.iterator(chunk_size=1000)
    content = write_csv(CSV_COLUMNS, (_csv_row(conversion) for conversion in rows))
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="conversions.csv"'},
    )


def _csv_row(conversion: Conversion) -> list[object]:
    return [
        str(conversion.id),
        conversion.program.name,
        conversion.goal.code,
        conversion.external_id,
        conversion.status,
        conversion.reason,
        major_of(conversion.amount_minor, currency=conversion.currency),
        conversion.currency,
        conversion.occurred_at.isoformat(),
        ", ".join(credit.enrollment.affiliate.name for credit in conversion.credits.all()),
        conversion.coupon_code,
        conversion.source,
        "yes" if conversion.is_test else "no",
    ]
