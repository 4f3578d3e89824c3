"""Who is in a batch and who was left out: both lists, with what can be done while it is a draft."""

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest
from interfaces.console.tables import NUMBER, WIDE, PayoutTable, cell
from interfaces.console.wording import LEFT_OUT
from merchants.rights import Right
from payouts.models import Batch, BatchStatus, PayoutStatus
from payouts.selectors import exclusions_of, payouts_of

EDIT_MAX = 1_000  # Affiliates that are taken out or put back at once.


def _box(form: str) -> tables.CheckBoxColumn:
    """Return a column of boxes that choose affiliates for the form."""
    return tables.CheckBoxColumn(
        accessor="affiliate_id",
        orderable=False,
        attrs={
            "td__input": {"name": "selected", "form": form, "aria-label": gettext_lazy("Select")},
            "th__input": {
                "data-select-page": form,
                "aria-label": gettext_lazy("Select all on this page"),
            },
        },
    )


class PayoutFilter(ListFilter):
    """Payouts of a batch by status; found by affiliate or reference."""

    q = search_field(gettext_lazy("Affiliate or reference"))
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=PayoutStatus.choices,
        empty_label=gettext_lazy("Every status"),
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the affiliate's name or address, or of a reference."""
        return rows.filter(
            Q(affiliate__name__icontains=text)
            | Q(affiliate__email__icontains=text)
            | Q(reference__istartswith=text)
        )


class DraftTable(PayoutTable):
    """The payouts of a batch that may still be edited."""

    select = _box("take-out")

    class Meta(PayoutTable.Meta):
        sequence = ("select", "...")
        empty_text = gettext_lazy("No payout matches. Take a filter away to see more.")


class LeftOutTable(tables.Table):
    """Who is not in the batch, and why; `currency` is the batch's."""

    select = _box("put-back")
    affiliate = tables.Column(
        accessor="affiliate__name", verbose_name=gettext_lazy("Affiliate"), orderable=False
    )
    reason = cell("left_out_reason", gettext_lazy("Why"), orderable=False, attrs=WIDE)
    amount_minor = cell("left_out_amount", gettext_lazy("Balance"), attrs=NUMBER, orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Left out"), "id": "left-out"}


def payouts_filtered(request: ConsoleRequest, batch: Batch) -> PayoutFilter:
    """Return the batch's payouts as the address filters them."""
    return PayoutFilter(request.GET, payouts_of(batch.merchant_id).filter(batch=batch))


def payout_list(request: ConsoleRequest, batch: Batch) -> dict[str, Any]:
    """Return the context of who is in the batch."""
    may_edit = _may_edit(request, batch)
    filters = payouts_filtered(request, batch)
    table = DraftTable(filters.rows) if may_edit else PayoutTable(filters.rows)
    edit_url = f"{reverse('console:batch-edit', args=[batch.id])}?{request.GET.urlencode()}"
    context = show_table(request, table, filters=filters)
    return {
        **context,
        "may_edit": may_edit,
        "edit_url": edit_url,
        "payouts_at_once": _at_once(table),
        "take_out": [{"label": _("Take out …"), "value": "take_out", "kind": "danger"}],
    }


def left_out_list(request: ConsoleRequest, batch: Batch) -> dict[str, Any]:
    """Return the context of who was left out."""
    table = LeftOutTable(exclusions_of(batch), prefix="left-")
    table.currency, table.reasons = batch.currency, LEFT_OUT
    if not _may_edit(request, batch):
        table.exclude = ("select",)
    show_table(request, table)
    return {
        "left_out": table,
        "left_out_count": table.paginator.count,
        "left_out_at_once": _at_once(table),
        "put_back": [{"label": _("Put back"), "value": "put_back", "kind": "primary"}],
    }


def _may_edit(request: ConsoleRequest, batch: Batch) -> bool:
    return batch.status == BatchStatus.DRAFT and request.member.may(Right.PREPARE_PAYOUTS)


def _at_once(table: tables.Table) -> int:
    """Return how many "all" would be; 0, which offers no "all", if that is too many."""
    count: int = table.paginator.count
    return count if count <= EDIT_MAX else 0
