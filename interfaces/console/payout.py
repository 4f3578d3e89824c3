"""One payout: what it pays, and what came of it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, reads
from interfaces.console.forms.payouts import FailedForm, PaidForm
from interfaces.console.history import told_history
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.wording import APPROVED_YOURSELF, LEFT_OUT
from merchants.rights import Right
from payouts.models import PAYOUT_MAY_COME_FROM, Payout, PayoutStatus
from payouts.rail_selectors import is_retriable
from payouts.selectors import lines_of_payout, payouts_of
from payouts.services import (
    BatchOutdated,
    NoProof,
    NoRail,
    NotRetriable,
    PayeeNotReady,
    ProofUsed,
    RailBlocked,
    RetriedAlready,
    SelfConfirmation,
    mark_failed,
    mark_paid,
    retry_payout,
)


def get_payout(request: ConsoleRequest, payout_id: UUID) -> Payout:
    """Return the merchant's payout.

    :raises Http404: if the merchant has no such payout.
    """
    found = payouts_of(request.merchant.id).filter(id=payout_id).first()
    if found is None:
        raise Http404
    return found


@reads
def payout(request: ConsoleRequest, payout_id: UUID) -> HttpResponse:
    """Show a payout with its commissions."""
    return _show(request, get_payout(request, payout_id))


def _show(
    request: ConsoleRequest, found: Payout, *, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    context = {
        "payout": found,
        "lines": lines_of_payout(found),
        "history": told_history(request.merchant.id, found.id),
        "can_be_paid": found.status in PAYOUT_MAY_COME_FROM[PayoutStatus.PAID],
        "can_fail": found.status in PAYOUT_MAY_COME_FROM[PayoutStatus.FAILED],
        "can_be_retried": is_retriable(found),
        "retried_by": found.retries.first(),
        "paid_form": PaidForm(at=request.at, auto_id="paid_%s"),
        "failed_form": FailedForm(auto_id="failed_%s"),
        **(bad or {}),
    }
    template = "console/payouts/payout.html"
    return show_page(request, template, context, nav="payouts", status=422 if bad else 200)


@acts(Right.PREPARE_PAYOUTS)
def payout_paid(request: ConsoleRequest, payout_id: UUID) -> HttpResponse:
    """Note that the money arrived."""
    found = get_payout(request, payout_id)
    form = PaidForm(request.POST, at=request.at, auto_id="paid_%s")
    if form.is_valid():
        try:
            with refusal_told(request):
                mark_paid(
                    member=request.member,
                    payout=found,
                    provider_ref=form.cleaned_data["reference"],
                    paid_at=form.paid_at,
                    at=request.at,
                )
                messages.success(request, _("Paid."))
            return redirect("console:payout", found.id)
        except (NoProof, ProofUsed):
            form.add_error("reference", _("Another payout has this reference already."))
        except SelfConfirmation:
            form.add_error(None, APPROVED_YOURSELF)
    return _show(request, found, bad={"paid_form": form})


@acts(Right.PREPARE_PAYOUTS)
def payout_failed(request: ConsoleRequest, payout_id: UUID) -> HttpResponse:
    """Note that the money did not arrive; its commissions are payable again."""
    found = get_payout(request, payout_id)
    form = FailedForm(request.POST, auto_id="failed_%s")
    if not form.is_valid():
        return _show(request, found, bad={"failed_form": form})
    with refusal_told(request):
        mark_failed(
            member=request.member,
            payout=found,
            reason=form.cleaned_data["reason"],
            at=request.at,
        )
        messages.success(request, _("Failed: its commissions are payable again."))
    return redirect("console:payout", found.id)


@acts(Right.PREPARE_PAYOUTS)
def payout_retry(request: ConsoleRequest, payout_id: UUID) -> HttpResponse:
    """Pay what failed or came back once more, to the method that is in force now."""
    found = get_payout(request, payout_id)
    try:
        with refusal_told(request):
            found = retry_payout(member=request.member, payout=found, at=request.at)
            messages.success(request, _("Once more: this is the new payout."))
    except PayeeNotReady as error:
        messages.error(request, str(LEFT_OUT[error.reason]))
    except BatchOutdated:
        said = _("Its commissions changed meanwhile: the next batch takes what is payable.")
        messages.error(request, said)
    except NotRetriable:
        messages.error(request, _("It went by a file: the next batch takes it by itself."))
    except RetriedAlready:
        messages.error(request, _("It was tried again before."))
    except (NoRail, RailBlocked):
        messages.error(request, _("Its rail is not connected, or blocked by a finding."))
        return redirect("console:rails")
    return redirect("console:payout", found.id)
