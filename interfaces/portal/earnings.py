"""What was earned, line by line, with totals that are the sums of these lines."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.filters import EarningsFilter
from interfaces.portal.home import rows_url
from interfaces.portal.rewards import rewards_of
from interfaces.portal.tables import CommissionTable
from interfaces.portal.text import money
from payouts.selectors import with_expected_on
from reports.affiliate_money import (
    Balance,
    State,
    balances,
    commissions_of,
    months_of,
    total_by_currency,
)

PER_PAGE = 25


@require_safe
@affiliate_page
def earnings(visit: Visit) -> HttpResponse:
    """Show the states that money is in, and the lines behind the chosen one."""
    standing = balances(visit.affiliate.id, program_id=visit.program_id)
    currencies = {row.currency for row in standing}
    months = months_of(visit.affiliate.id, at=visit.at)
    asked = EarningsFilter(visit.request.GET, months=months, currencies=currencies)
    lines = commissions_of(
        visit.affiliate.id,
        state=asked.chosen_state,
        program_id=visit.program_id,
        period=asked.chosen_period,
    )
    if currency := asked.chosen("currency"):
        lines = lines.filter(currency=currency)
    table = CommissionTable(with_expected_on(lines, at=visit.at))
    RequestConfig(visit.request, paginate={"per_page": PER_PAGE}).configure(table)
    totals = total_by_currency(lines)
    context = {
        "rewards": rewards_of(visit),
        "states": [_states(visit, row) for row in standing],
        "filter": asked,
        "table": table,
        "line_count": lines.count(),
        "totals": [money(amount, currency) for currency, amount in totals.items()],
        "has_any": bool(standing) or asked.is_active,
    }
    return visit.show("portal/earnings.html", context, nav="earnings", by_program=True)


def _states(visit: Visit, balance: Balance) -> list[dict[str, Any]]:
    """Return the figures of one currency, each leading to the lines that it is the sum of."""
    amounts = {
        State.PENDING: balance.pending_minor,
        State.APPROVED: balance.approved_minor,
        State.IN_PAYOUT: balance.in_payout_minor,
        State.PAID: balance.paid_minor,
    }
    labels = dict(EarningsFilter.base_fields["state"].choices)  # type: ignore[attr-defined]
    return [
        {
            "label": labels[state],
            "value": money(amount, balance.currency),
            "href": rows_url(visit, state=state, currency=balance.currency),
        }
        for state, amount in amounts.items()
    ]
