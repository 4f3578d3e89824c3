"""Rewards that are no money: what is to be given, and what became of it."""

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

from commissions.grant_words import describe_grant
from commissions.grants import grants_of, grants_to_work_on
from commissions.models import Grant, GrantStatus
from commissions.services.grants import fail_grant, give_grant, retry_grant
from interfaces.console.access import acts, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.forms.affiliates import ReasonForm
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import cell
from interfaces.console.wording import locale_now
from merchants.rights import Right
from programs.selectors import programs_of


class GrantFilter(ListFilter):
    """Grants by program and status; found by affiliate, customer or order."""

    q = search_field(gettext_lazy("Affiliate, customer or order id"))
    program = django_filters.ChoiceFilter(
        field_name="program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=GrantStatus.choices,
        empty_label=gettext_lazy("Every status"),
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the affiliate's name, or a whole id of the merchant's."""
        return rows.filter(
            Q(affiliate__name__icontains=text)
            | Q(affiliate__email__icontains=text)
            | Q(customer__external_id=text.strip())
            | Q(conversion__external_id=text.strip())
        )


class GrantTable(tables.Table):
    """What was granted: what to give first, then the newest."""

    what = cell("grant", gettext_lazy("Reward"), orderable=False)
    affiliate = cell("grant_receiver", gettext_lazy("For"), orderable=False)
    conversion = cell("grant_conversion", gettext_lazy("Conversion"), orderable=False)
    status = cell("grant_status", gettext_lazy("Status"), orderable=False)
    actions = cell("grant_actions", "", orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Rewards"), "id": "results"}
        empty_text = gettext_lazy("No reward matches. Take a filter away to see more.")


@reads
def grants(request: ConsoleRequest) -> HttpResponse:
    """List the grants, newest first."""
    rows = grants_to_work_on(request.merchant.id)
    filters = GrantFilter(request.GET, rows, programs=programs_of(request.merchant.id))
    table = GrantTable(filters.rows)
    table.may_act = request.member.may(Right.REVIEW_COMMISSIONS)
    context = show_table(request, table, filters=filters)
    open_ones = (GrantStatus.DUE, GrantStatus.FAILED)
    context["dialogs"] = [
        (grant, ReasonForm(auto_id=f"{grant.id}_%s"))
        for grant in records(table)
        if table.may_act and grant.status in open_ones
    ]
    return show_page(request, "console/grants/list.html", context, nav="grants")


def _get_grant(request: ConsoleRequest, grant_id: UUID) -> Grant:
    found = grants_of(request.merchant.id).filter(id=grant_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.REVIEW_COMMISSIONS)
def grant_given(request: ConsoleRequest, grant_id: UUID) -> HttpResponse:
    """Note that it was given."""
    grant = _get_grant(request, grant_id)
    with refusal_told(request):
        give_grant(grant=grant, by=request.actor, at=request.at)
        messages.success(request, _("Given: %(what)s.") % _said(grant))
    return redirect("console:grants")


@acts(Right.REVIEW_COMMISSIONS)
def grant_failed(request: ConsoleRequest, grant_id: UUID) -> HttpResponse:
    """Note that it could not be given, and why."""
    grant = _get_grant(request, grant_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it could not be given."))
        return redirect("console:grants")
    with refusal_told(request):
        fail_grant(grant=grant, reason=form.cleaned_data["reason"], by=request.actor, at=request.at)
        messages.success(request, _("Failed: %(what)s.") % _said(grant))
    return redirect("console:grants")


@acts(Right.REVIEW_COMMISSIONS)
def grant_retry(request: ConsoleRequest, grant_id: UUID) -> HttpResponse:
    """Put what failed back to what is to be given."""
    grant = _get_grant(request, grant_id)
    with refusal_told(request):
        retry_grant(grant=grant, by=request.actor, at=request.at)
        messages.success(request, _("To be given again: %(what)s.") % _said(grant))
    return redirect("console:grants")


def _said(grant: Grant) -> dict[str, Any]:
    return {"what": describe_grant(grant, locale=locale_now())}
