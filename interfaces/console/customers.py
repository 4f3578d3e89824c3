"""The merchant's customers: who they came through, what they bought, and forgetting them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, reads
from interfaces.console.conversions import show_received
from interfaces.console.filters import CustomerFilter
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import CustomerTable
from merchants.rights import Right
from tracking.models import Customer
from tracking.selectors import bindings_of, conversion_counts, conversions_of, customers_of
from tracking.services import erase_customer

CONVERSIONS_SHOWN = 50


@reads
def customers(request: ConsoleRequest) -> HttpResponse:
    """List the customers with whom they came through."""
    merchant_id = request.merchant.id
    filters = CustomerFilter(request.GET, customers_of(merchant_id))
    table = CustomerTable(filters.rows)
    context = show_table(request, table, filters=filters)
    ids = [customer.id for customer in records(table)]
    table.bindings = bindings_of(merchant_id, ids)
    table.counts = conversion_counts(merchant_id, ids)
    return show_received(request, "customers", "console/customers/list.html", context)


def get_customer(request: ConsoleRequest, customer_id: UUID) -> Customer:
    """Return the merchant's customer.

    :raises Http404: if the merchant has no such customer.
    """
    customer = customers_of(request.merchant.id).filter(id=customer_id).first()
    if customer is None:
        raise Http404
    return customer


@reads
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show one customer: what bound them, and what they did."""
    found = get_customer(request, customer_id)
    rows = conversions_of(request.merchant.id).filter(customer=found)
    context = {
        "customer": found,
        "bindings": bindings_of(request.merchant.id, [found.id]).get(found.id, []),
        "conversions": rows[:CONVERSIONS_SHOWN],
        "conversion_count": rows.count(),
    }
    return show_page(request, "console/customers/detail.html", context, nav="conversions")


@acts(Right.REVIEW_CONVERSIONS)
def customer_erase(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Forget who a customer is; what was earned through them stays."""
    found = get_customer(request, customer_id)
    erase_customer(customer=found, by=request.actor, at=request.at)
    messages.success(request, _("Erased. Conversions and commissions stay, without the person."))
    return redirect("console:customers")
