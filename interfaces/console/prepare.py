"""The dry run: who would be paid now over which rail, who would not, and what to do about it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from interfaces.console.access import edits
from interfaces.console.forms.payouts import PrepareForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.wording import LEFT_OUT
from merchants.rights import Right
from payouts.left_out import LeftOut
from payouts.models import Provider
from payouts.proposal import NotPaid, Proposal
from payouts.providers import PROVIDERS
from payouts.rail_selectors import kinds_in_force, usable_providers
from payouts.selectors import currencies_due
from payouts.services import NoRail, NothingToPay, is_large, prepare_batch, propose_batch

ROWS_SHOWN = 200
NOW = "now"  # In the address: work it out, however long it takes.


@edits(Right.PREPARE_PAYOUTS)
def prepare(request: ConsoleRequest) -> HttpResponse:
    """Show who would be paid now and who would not; on POST make it a batch."""
    usable = usable_providers(request.merchant.id)
    asked = request.POST if request.method == "POST" else request.GET
    form = PrepareForm({"rail": Provider.CSV, **asked.dict()}, usable=usable, at=request.at)
    is_right = form.is_valid()
    provider = Provider(form.cleaned_data.get("rail") or Provider.CSV)
    cutoff_at = _cutoff(form, request.at)
    if request.method == "POST" and is_right:
        return _create(request, provider, cutoff_at)
    currencies = currencies_due(request.merchant.id)
    context: dict[str, Any] = {"form": form}
    if _takes_long(request, currencies):
        context["later"] = f"{request.path}?{urlencode(request.GET.dict() | {NOW: '1'})}"
    else:
        proposals = [
            propose_batch(
                merchant_id=request.merchant.id,
                currency=currency,
                provider=provider,
                cutoff_at=cutoff_at,
                at=request.at,
            )
            for currency in currencies
        ]
        context |= {
            "provider": provider,
            "until": asked.get("until", "") if is_right else "",
            "proposals": [_told(proposal, usable, provider) for proposal in proposals],
        }
    return show_page(request, "console/payouts/prepare.html", context, nav="payouts")


def _takes_long(request: ConsoleRequest, currencies: Sequence[str]) -> bool:
    """Return whether to show the page first, which asks for the rest by itself."""
    is_asked = NOW in request.GET or request.method == "POST"
    return not is_asked and any(is_large(request.merchant.id, one) for one in currencies)


def _cutoff(form: PrepareForm, at: datetime) -> datetime:
    day = form.cleaned_data.get("until")
    if day is None:
        return at
    return min(at, datetime.combine(day + timedelta(days=1), time(), UTC))


def _create(request: ConsoleRequest, provider: Provider, cutoff_at: datetime) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if currency not in currencies_due(request.merchant.id):
        messages.error(request, _("Nothing is due in that currency any more."))
        return redirect("console:prepare")
    try:
        batch = prepare_batch(
            member=request.member,
            currency=currency,
            provider=provider,
            cutoff_at=cutoff_at,
            at=request.at,
        )
    except NoRail:
        messages.error(request, _("That account is not connected any more."))
        return redirect("console:rails")
    except NothingToPay:
        messages.error(request, _("Nobody can be paid now; the list says why."))
        return redirect("console:prepare")
    messages.success(request, _("Prepared. Now another member approves it."))
    return redirect("console:batch", batch.id)


# What is shown -----------------------------------------------------------------------------------


def _told(proposal: Proposal, usable: Sequence[Provider], chosen: Provider) -> dict[str, Any]:
    items, left_out = proposal.items, proposal.left_out
    return {
        "proposal": proposal,
        "rows": items[:ROWS_SHOWN],
        "more": max(len(items) - ROWS_SHOWN, 0),
        "has_tax": any(item.vat_minor or item.withheld_minor for item in items),
        "has_fee": any(item.fee_minor for item in items),
        "reasons": _reasons(left_out),
        "others": _other_rails(left_out, proposal.currency, usable, chosen),
        "left_out": [
            {"row": row, "reason": LEFT_OUT[row.reason], **_step(row)}
            for row in left_out[:ROWS_SHOWN]
        ],
        "left_out_more": max(len(left_out) - ROWS_SHOWN, 0),
    }


def _reasons(left_out: Sequence[NotPaid]) -> list[dict[str, Any]]:
    counts = Counter(row.reason for row in left_out)
    return [{"reason": LEFT_OUT[reason], "count": count} for reason, count in counts.most_common()]


def _step(row: NotPaid) -> dict[str, str]:
    """Return where a member can do something about it, if anywhere."""
    affiliates = f"{reverse('console:affiliates')}?q={row.affiliate.email}"
    if row.reason == LeftOut.NOT_REQUESTED:
        return {}
    if row.reason in (LeftOut.SUSPENDED, LeftOut.METHOD_SHARED, LeftOut.NO_METHOD):
        return {"href": affiliates, "label": _("Look at them")}
    if row.reason in (LeftOut.NO_TAX_FORM, LeftOut.TAX_FORM_EXPIRED):
        return {"href": reverse("console:tax"), "label": _("Tax settings")}
    return {}


def _other_rails(
    left_out: Sequence[NotPaid], currency: str, usable: Sequence[Provider], chosen: Provider
) -> list[dict[str, Any]]:
    """Return by which other rails those could be paid whom this one cannot, the most first."""
    waiting = [row.affiliate.id for row in left_out if row.reason == LeftOut.OTHER_RAIL]
    kinds = kinds_in_force(waiting)
    counts = Counter(
        provider
        for kind in kinds.values()
        for provider in usable
        if provider not in (chosen, Provider.BALANCE)
        and PROVIDERS[provider].pays(kind=kind, currency=currency)
    )
    return [{"provider": provider, "count": count} for provider, count in counts.most_common()]
