"""Codes that lead nowhere: how often they were tried, from where, and what may be meant."""

from django.http import HttpResponse

from interfaces.console.access import reads
from interfaces.console.figures import chosen_period, range_links
from interfaces.console.link_lists import MissedTable
from interfaces.console.links import link_tabs
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from merchants.rights import Right
from reports.merchant_traffic import codes_alike, missed_codes


@reads
def missed_codes_page(request: ConsoleRequest) -> HttpResponse:
    """List the unknown codes of some days, the most tried first."""
    period = chosen_period(request)
    table = MissedTable(missed_codes(request.merchant.id, period))
    context = show_table(request, table)
    table.alike = codes_alike(request.merchant.id, {row["code"] for row in records(table)})
    table.may_create = request.member.may(Right.REVIEW_AFFILIATES)
    context |= {"tabs": link_tabs("missed-codes"), "ranges": range_links(request, period.days)}
    return show_page(request, "console/missed.html", context, nav="links")
