"""The tables of statements."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from interfaces.console.tables import NUMBER, WIDE, cell, page_of
from payouts.models import StatementLine


class StatementTable(tables.Table):
    """Files of the bank."""

    name = cell("statement", _("File"), orderable=False)
    format = tables.Column(accessor="get_format_display", verbose_name=_("Format"), orderable=False)
    applied_at = cell("statement_standing", _("Status"), orderable=False)
    imported_at = cell("statement_by", _("Uploaded"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("statement")}
        attrs = {"caption": _("Bank statements"), "id": "results"}


def _payout_page(line: StatementLine) -> str:
    return reverse("console:payout", args=[line.payout_id]) if line.payout_id else ""


class LineTable(tables.Table):
    """Bookings of a statement."""

    booked_on = cell("statement_day", _("Day"), orderable=False)
    reference = cell("statement_reference", _("Reference"), orderable=False, attrs=WIDE)
    outcome = cell("statement_outcome", _("What it means"), orderable=False, attrs=WIDE)
    amount_minor = cell("amount", _("Amount"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": _payout_page}
        attrs = {"caption": _("Bookings"), "id": "results"}
        empty_text = _("No booking of this kind.")
