"""The console's tables: their columns, their links, their order."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

NUMBER = {"th": {"class": "ui-num"}, "td": {"class": "ui-num"}}
WIDE = {"td": {"class": "whitespace-normal"}}


class Cell(tables.Column):
    """A column whose cells are small templates, given `record`, `value` and `table`.

    Unlike django-tables2's own they do not run the request's context processors for each cell.
    """

    empty_values = ()

    def __init__(self, template_name: str, **options: Any) -> None:
        super().__init__(**options)
        self.template_name = template_name

    def render(self, record: Any, value: Any, table: Any) -> str:
        """Return the cell."""
        facts = {"record": record, "value": value, "table": table}
        return get_template(self.template_name).render(facts)


def cell(name: str, label: Any, **options: Any) -> Cell:
    """Return a column whose cells are templates/console/cells/<name>.html."""
    return Cell(f"console/cells/{name}.html", verbose_name=label, **options)


def page_of(route: str, attribute: str = "id") -> Callable[[Any], str]:
    """Return what gives a row's page, for `data-href`."""
    return lambda record: reverse(f"console:{route}", args=[getattr(record, attribute)])


class ConversionTable(tables.Table):
    """Goals reached."""

    external_id = cell("conversion", _("Conversion"))
    program = cell("conversion_goal", _("Program"), order_by=("program__name", "id"))
    affiliates = cell("conversion_affiliates", _("Affiliate"), orderable=False)
    occurred_at = cell("time", _("When"))
    status = cell("conversion_status", _("Status"))
    amount_minor = cell("amount", _("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("conversion")}
        attrs = {"caption": _("Conversions"), "id": "results"}
        empty_text = _("No conversion matches. Take a filter away to see more.")


class CustomerTable(tables.Table):
    """The merchant's customers."""

    external_id = cell("customer", _("Customer"))
    country = tables.Column(verbose_name=_("Country"), default="–")
    first_seen_at = cell("time", _("First seen"))
    bound = cell("customer_bound", _("Came through"), orderable=False)
    conversions = cell("customer_conversions", _("Conversions"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("customer")}
        attrs = {"caption": _("Customers"), "id": "results"}
        empty_text = _("No customer matches. Take a filter away to see more.")


class IntakeCallTable(tables.Table):
    """Calls of the public intakes."""

    at = cell("intake_at", _("When"), orderable=False)
    intake = cell("intake", _("Intake"), orderable=False)
    outcome = cell("intake_outcome", _("Outcome"), orderable=False, attrs=WIDE)
    order_id = tables.Column(verbose_name=_("Order"), default="–", orderable=False)
    click_id = cell("intake_click", _("Click"), orderable=False)
    program = cell("intake_program", _("Program"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("intake-call")}
        attrs = {"caption": _("Calls"), "id": "results"}
        empty_text = _("No call matches. Take a filter away to see more.")


class ImportTable(tables.Table):
    """Files of facts."""

    file_name = cell("import", _("File"), orderable=False)
    profile = cell("import_profile", _("What is in it"), orderable=False)
    status = cell("import_status", _("Status"), orderable=False)
    lines_total = cell("import_lines", _("Lines"), orderable=False, attrs=NUMBER)
    created_at = cell("import_by", _("Uploaded"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("import")}
        attrs = {"caption": _("Imports"), "id": "results"}
        empty_text = _("No import matches. Take a filter away to see more.")


def _page_of_line(line: Any) -> str:
    if line.conversion_id:
        return reverse("console:conversion", args=[line.conversion_id])
    return reverse("console:affiliate", args=[line.enrollment_id])


class CommissionTable(tables.Table):
    """What affiliates earned and what was taken back."""

    select = tables.CheckBoxColumn(
        accessor="id",
        orderable=False,
        attrs={
            "td__input": {"name": "selected", "form": "bulk", "aria-label": _("Select")},
            "th__input": {"data-select-page": "bulk", "aria-label": _("Select all on this page")},
        },
    )
    affiliate = cell("commission_affiliate", _("Affiliate"), order_by=("affiliate__name", "id"))
    conversion = cell("commission_conversion", _("For"), orderable=False)
    program = tables.Column(accessor="program__name", verbose_name=_("Program"))
    earned_at = cell("time", _("Earned"))
    status = cell("commission_status", _("Status"))
    amount_minor = cell("amount", _("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": _page_of_line}
        attrs = {"caption": _("Commissions"), "id": "results"}
        empty_text = _("No commission matches. Take a filter away to see more.")


class BatchTable(tables.Table):
    """Payout batches."""

    number = cell("batch", _("Batch"))
    status = cell("status", _("Status"))
    prepared_by = tables.Column(
        accessor="prepared_by__user__get_full_name", orderable=False, verbose_name=_("Prepared by")
    )
    created_at = cell("time", _("Prepared"))
    items = tables.Column(verbose_name=_("Payouts"), attrs=NUMBER)
    amount_minor = cell("amount", _("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("batch")}
        attrs = {"caption": _("Payout batches"), "id": "results"}
        empty_text = _("No batch matches. Take the filter away to see more.")


class PayoutTable(tables.Table):
    """The payouts of one batch."""

    reference = cell("payout", _("Reference"))
    affiliate = tables.Column(accessor="affiliate__name", verbose_name=_("Affiliate"))
    method_masked = tables.Column(verbose_name=_("To"), orderable=False)
    status = cell("payout_status", _("Status"))
    provider_ref = tables.Column(verbose_name=_("Bank reference"), default="–", orderable=False)
    amount_minor = cell("amount", _("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("payout")}
        attrs = {"caption": _("Payouts"), "id": "results"}


class DocumentTable(tables.Table):
    """Papers about payouts."""

    number = cell("document", _("Number"))
    kind = tables.Column(accessor="get_kind_display", order_by="kind", verbose_name=_("Document"))
    affiliate = tables.Column(accessor="affiliate__name", verbose_name=_("Affiliate"))
    payout = cell("document_payout", _("Payout"), orderable=False)
    issued_on = cell("document_day", _("Issued"))
    net_minor = cell("document_net", _("Net"), attrs=NUMBER)
    vat_minor = cell("document_vat", _("VAT"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Documents"), "id": "results"}
        empty_text = _("No document matches. Take a filter away to see more.")


class YearTable(tables.Table):
    """What affiliates were paid in a year: rows are sums per affiliate and currency.

    `found` has what follows of each, `verdicts` the words for it.
    """

    name = tables.Column(accessor="affiliate__name", verbose_name=_("Affiliate"))
    payouts = tables.Column(verbose_name=_("Payouts"), attrs=NUMBER)
    total_earned = cell("year_earned", _("Earned"), attrs=NUMBER)
    total_excluded = cell("year_excluded", _("Over PayPal or Stripe"), attrs=NUMBER)
    total_withheld = cell("year_withheld", _("Withheld"), attrs=NUMBER)
    total_paid = cell("year_paid", _("Paid"), attrs=NUMBER)
    form = cell("year_form", _("Form"), orderable=False)
    verdict = cell("year_verdict", _("Result"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Annual totals"), "id": "results"}


class ClickTable(tables.Table):
    """Visits through links."""

    at = cell("time", _("When"), orderable=False)
    link = cell("click_link", _("Link"), orderable=False)
    kind = cell("click_kind", _("Made by"), orderable=False)
    refusal = cell("click_credit", _("Credited"), orderable=False)
    country = cell("click_country", _("Country"), orderable=False)
    destination = cell("click_destination", _("Led to"), orderable=False)
    referrer_host = tables.Column(verbose_name=_("Came from"), default="–", orderable=False)
    device = cell("click_device", _("Device"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Clicks"), "id": "results"}
        empty_text = _("No click matches. Choose other days or take a filter away.")


class EventTable(tables.Table):
    """What happened, and who did it."""

    at = cell("time", _("When"))
    type = cell("event", _("What"))
    actor = cell("event_actor", _("Who and from where"), orderable=False)
    data = cell("event_data", _("Details"), orderable=False, attrs=WIDE)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Audit log"), "id": "results"}
        empty_text = _("Nothing matches. Take a filter away to see more.")
