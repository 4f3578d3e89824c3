"""Why money waits, and asking for it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from common.states import IllegalMove
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.text import money
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.models import Destination, Withdrawal, WithdrawalStatus
from payouts.selectors import withdrawals_of_affiliate
from payouts.services import (
    NoRail,
    NotPayable,
    WithdrawalOpen,
    cancel_withdrawal,
    request_withdrawal,
)
from payouts.waiting import Ask, Waiting, waiting_of
from reports.affiliate_money import State, commissions_of

SHOWN = 10
METHOD, TAX = "portal:payout-method", "portal:tax"
WHY: dict[LeftOut, tuple[Promise, str, Promise]] = {  # In words, and where to do what about it.
    LeftOut.NOTHING_DUE: (_lazy("more was taken back than is payable"), "", _lazy("Look")),
    LeftOut.BELOW_MINIMUM: (_lazy("below the smallest payout; it adds up"), "", _lazy("Look")),
    LeftOut.NO_METHOD: (_lazy("nobody knows where to pay you"), METHOD, _lazy("Add payout method")),
    LeftOut.METHOD_COOLING_OFF: (
        _lazy("your payout method was just changed and cools off"),
        METHOD,
        _lazy("Look"),
    ),
    LeftOut.SUSPENDED: (_lazy("the program has suspended you"), "", _lazy("Look")),
    LeftOut.NOT_DUE: (_lazy("not due yet by the program's payout terms"), "", _lazy("Look")),
    LeftOut.NOT_REQUESTED: (_lazy("paid when you ask for it"), "", _lazy("Look")),
    LeftOut.NO_TAX_FORM: (_lazy("a tax form is missing"), TAX, _lazy("Fill it in")),
    LeftOut.TAX_FORM_EXPIRED: (_lazy("your tax form has expired"), TAX, _lazy("Renew it")),
    LeftOut.NO_AGREEMENT: (_lazy("you have not agreed to self-billing"), TAX, _lazy("Look")),
    LeftOut.VAT_ID_UNCHECKED: (_lazy("your VAT id is being checked"), TAX, _lazy("Look")),
    LeftOut.METHOD_SHARED: (_lazy("the merchant checks your account"), "", _lazy("Look")),
}
ASK = {Destination.MONEY: _lazy("Ask for it"), Destination.BALANCE: _lazy("Take it as balance")}
TONES = {
    WithdrawalStatus.PAID: "good",
    WithdrawalStatus.DECLINED: "bad",
    WithdrawalStatus.CANCELLED: "",
    WithdrawalStatus.REQUESTED: "wait",
}


def waiting_told(visit: Visit) -> list[dict[str, Any]]:
    """Return what waits with each merchant, why, and what can be done about it."""
    lines = commissions_of(visit.affiliate.id, state=State.APPROVED).order_by()
    places = lines.values_list("merchant_id", "currency").distinct()
    names = {row.merchant_id: row.program.merchant.name for row in visit.enrollments}
    found = waiting_of(visit.affiliate.id, list(places), visit.at)
    return [{"merchant": names.get(row.merchant_id, ""), **_told(row)} for row in found]


def _told(row: Waiting) -> dict[str, Any]:
    why, page, label = WHY.get(row.reason, ("", "", "")) if row.reason else ("", "", "")
    if row.reason == LeftOut.BELOW_MINIMUM:
        missing = money(row.missing_minor, row.currency)
        why = _("%(missing)s below the smallest payout; it adds up") % {"missing": missing}
    return {
        "waiting": row,
        "amount": money(row.amount_minor, row.currency),
        "why": _("you asked for it") if row.is_asked else why,
        "href": reverse(page) if page else "",
        "label": label,
        "asks": [_ask(row, ask) for ask in row.asks],
    }


def _ask(row: Waiting, ask: Ask) -> dict[str, Any]:
    return {
        "key": f"{ask.destination.lower()}-{row.merchant_id}-{row.currency}",
        "destination": ask.destination.value,
        "is_balance": ask.destination == Destination.BALANCE,
        "label": ASK[ask.destination],
        "amount": money(ask.amount_minor, row.currency),
        "fee": money(ask.fee_minor, row.currency) if ask.fee_minor else "",
        "net": money(ask.amount_minor - ask.fee_minor, row.currency),
    }


def requests_told(visit: Visit) -> list[dict[str, Any]]:
    """Return the affiliate's last requests."""
    return [
        {
            "row": row,
            "amount": money(row.expected_minor, row.currency),
            "where": row.get_destination_display(),
            "tone": TONES.get(WithdrawalStatus(row.status), "info"),
            "may_cancel": row.status == WithdrawalStatus.REQUESTED,
        }
        for row in withdrawals_of_affiliate(visit.affiliate.id)[:SHOWN]
    ]


@require_POST
@affiliate_page
def withdrawal_create(visit: Visit, merchant_id: UUID) -> HttpResponse:
    """Ask for everything that has cleared with one merchant in one currency."""
    asked = visit.request.POST
    if merchant_id not in {row.merchant_id for row in visit.enrollments}:
        raise Http404
    try:
        with merchant_context(merchant_id):
            request_withdrawal(
                merchant_id=merchant_id,
                affiliate_id=visit.affiliate.id,
                currency=asked.get("currency", ""),
                destination=_destination(asked.get("destination", "")),
                by=acting_user(visit.user),
                at=visit.at,
            )
        messages.success(visit.request, _("Asked for. You see here what becomes of it."))
    except NotPayable as error:
        why, _page, _label = WHY.get(error.reason, ("", "", ""))
        messages.error(visit.request, _("You cannot ask now: %(why)s.") % {"why": why})
    except WithdrawalOpen:
        messages.error(visit.request, _("You have asked for it already."))
    except NoRail:
        messages.error(visit.request, _("Nothing can be taken as balance there."))
    return redirect("portal:payouts")


def _destination(said: str) -> Destination:
    return Destination(said) if said in Destination.values else Destination.MONEY


@require_POST
@affiliate_page
def withdrawal_cancel(visit: Visit, withdrawal_id: UUID) -> HttpResponse:
    """Take a request back that nobody has answered."""
    found: Withdrawal | None = (
        withdrawals_of_affiliate(visit.affiliate.id).filter(id=withdrawal_id).first()
    )
    if found is None:
        raise Http404
    try:
        with merchant_context(found.merchant_id):
            cancel_withdrawal(withdrawal=found, by=acting_user(visit.user), at=visit.at)
        messages.success(visit.request, _("Taken back."))
    except IllegalMove:
        messages.error(visit.request, _("It was answered meanwhile."))
    return redirect("portal:payouts")
