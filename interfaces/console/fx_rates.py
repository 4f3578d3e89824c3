"""Currency rates: what conversions in another currency are counted at."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import edits, reads
from interfaces.console.forms.fx_rates import FxRateForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.settings import show_settings
from merchants.fx import rates_of_currencies, set_rate_of_currency
from merchants.rights import Right


@reads
def fx_rates(request: ConsoleRequest) -> HttpResponse:
    """List the rates, the newest first."""
    rows = rates_of_currencies(request.merchant.id)
    return show_settings(request, "fx-rates", "fx_rates", {"rows": rows})


@edits(Right.EDIT_PROGRAMS)
def fx_rate_create(request: ConsoleRequest) -> HttpResponse:
    """Add a rate from a moment on; conversions before keep what they were counted at."""
    initial = {"quote": request.merchant.currency, "source": _("By hand")}
    form = FxRateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _recorded(request, form):
        messages.success(request, _("Saved. Conversions from then on are counted at it."))
        return redirect("console:fx-rates")
    status = 422 if form.errors else 200
    return show_settings(request, "fx-rates", "fx_rate_create", {"form": form}, status=status)


def _recorded(request: ConsoleRequest, form: FxRateForm) -> bool:
    said = form.cleaned_data
    with refusal_shown(form):
        set_rate_of_currency(
            merchant=request.merchant,
            base=said["base"],
            quote=said["quote"],
            rate=said["rate"],
            source=said["source"],
            valid_from=said["at"] or request.at,
            by=request.actor,
            at=request.at,
        )
    return not form.errors
