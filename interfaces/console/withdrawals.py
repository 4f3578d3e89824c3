"""Requests of affiliates for their money, and the answers."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interfaces.console.access import acts, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.forms.affiliates import ReasonForm
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import NUMBER, cell
from merchants.rights import Right
from payouts.models import Withdrawal, WithdrawalStatus
from payouts.selectors import withdrawals_of
from payouts.services import approve_withdrawal, decline_withdrawal

ANSWERABLE = (WithdrawalStatus.REQUESTED, WithdrawalStatus.APPROVED)


class WithdrawalFilter(ListFilter):
    """Requests by status; found by affiliate."""

    q = search_field(gettext_lazy("Affiliate"))
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=WithdrawalStatus.choices,
        empty_label=gettext_lazy("Every status"),
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the affiliate's name or address."""
        return rows.filter(Q(affiliate__name__icontains=text) | Q(affiliate__email__icontains=text))


class WithdrawalTable(tables.Table):
    """Requests, newest first."""

    affiliate = cell("withdrawal_affiliate", gettext_lazy("Affiliate"), orderable=False)
    requested_at = cell("time", gettext_lazy("Asked for"), orderable=False)
    status = cell("withdrawal_status", gettext_lazy("Status"), orderable=False)
    expected_minor = cell(
        "withdrawal_amount", gettext_lazy("Amount"), attrs=NUMBER, orderable=False
    )
    actions = cell("withdrawal_actions", "", orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Withdrawals"), "id": "results"}
        empty_text = gettext_lazy("No request matches. Take a filter away to see more.")


@reads
def withdrawals(request: ConsoleRequest) -> HttpResponse:
    """List the requests, newest first."""
    filters = WithdrawalFilter(request.GET, withdrawals_of(request.merchant.id))
    table = WithdrawalTable(filters.rows)
    table.may_act = request.member.may(Right.PREPARE_PAYOUTS)
    context = show_table(request, table, filters=filters)
    context["dialogs"] = [
        (withdrawal, ReasonForm(auto_id=f"{withdrawal.id}_%s"))
        for withdrawal in records(table)
        if table.may_act and withdrawal.status in ANSWERABLE
    ]
    return show_page(request, "console/payouts/withdrawals.html", context, nav="payouts")


def _get_withdrawal(request: ConsoleRequest, withdrawal_id: UUID) -> Withdrawal:
    found = withdrawals_of(request.merchant.id).filter(id=withdrawal_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.PREPARE_PAYOUTS)
def withdrawal_approve(request: ConsoleRequest, withdrawal_id: UUID) -> HttpResponse:
    """Let a request into the next batch."""
    withdrawal = _get_withdrawal(request, withdrawal_id)
    with refusal_told(request):
        approve_withdrawal(member=request.member, withdrawal=withdrawal, at=request.at)
        said = _("Approved: the next batch takes what is due to %(name)s.")
        messages.success(request, said % _named(withdrawal))
    return redirect("console:withdrawals")


@acts(Right.PREPARE_PAYOUTS)
def withdrawal_decline(request: ConsoleRequest, withdrawal_id: UUID) -> HttpResponse:
    """Refuse a request, with a reason that the affiliate reads."""
    withdrawal = _get_withdrawal(request, withdrawal_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: the affiliate reads it."))
        return redirect("console:withdrawals")
    with refusal_told(request):
        decline_withdrawal(
            member=request.member,
            withdrawal=withdrawal,
            reason=form.cleaned_data["reason"],
            at=request.at,
        )
        said = _("Declined: %(name)s is told why, and the money stays payable.")
        messages.success(request, said % _named(withdrawal))
    return redirect("console:withdrawals")


def _named(withdrawal: Withdrawal) -> dict[str, Any]:
    return {"name": withdrawal.affiliate.name}
