"""One batch: what it pays, who signed, how far it is, and that its money arrived."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts, reads
from interfaces.console.approval import approval_of
from interfaces.console.batch_lists import left_out_list, payout_list
from interfaces.console.forms.payouts import BatchPaidForm
from interfaces.console.history import told_history
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.payouts import get_batch
from interfaces.console.wording import APPROVED_YOURSELF
from merchants.rights import Right
from payouts.models import Batch, BatchStatus, PayoutStatus, Provider
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider
from payouts.rail_selectors import blocking_findings, next_question_at, rails_in_force
from payouts.selectors import file_of, standings_of
from payouts.sending.by_person import Choice, calls_of
from payouts.services import NoProof, ProofUsed, SelfConfirmation, mark_batch_paid


@reads
def batch(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch: what it pays, who signed, what was handed over, what came of it."""
    return _show_batch(request, get_batch(request, batch_id))


def _show_batch(
    request: ConsoleRequest, found: Batch, *, paid_form: forms.Form | None = None
) -> HttpResponse:
    context = {
        "batch": found,
        **payout_list(request, found),
        **left_out_list(request, found),
        **_progress(request, found),
        **_rail(found),
        "approval": approval_of(request, found),
        "file": file_of(found),
        "fetches_file": "download" in request.GET and request.member.may(Right.PREPARE_PAYOUTS),
        "history": told_history(request.merchant.id, found.id),
        "paid_form": paid_form or BatchPaidForm(at=request.at),
    }
    status = 422 if paid_form else 200
    return show_page(request, "console/payouts/batch.html", context, nav="payouts", status=status)


@reads
def batch_status(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Say how far the batch has come: what its page asks again while it is on its way.

    Once its status is another, the page is loaded anew: there are other things to do.
    """
    found = get_batch(request, batch_id)
    context = {"batch": found, **_progress(request, found)}
    answer = render(request, "console/payouts/progress.html", context)
    if request.GET.get("was", found.status) != found.status:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _progress(request: ConsoleRequest, found: Batch) -> dict[str, Any]:
    standings = standings_of(found)
    counts = {row.status: row for row in standings}
    settled = (PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.RETURNED)
    on_its_way = counts.get(PayoutStatus.SUBMITTED)
    calls = calls_of(found.merchant_id, at=request.at).filter(batch=found)
    return {
        "standings": standings,
        "settled": sum(row.count for row in standings if row.status in settled),
        "on_its_way": on_its_way,
        "unknown": counts.get(PayoutStatus.UNKNOWN),
        "to_decide": calls.filter(choice=Choice.SEND_AGAIN).count()
        if PayoutStatus.UNKNOWN in counts
        else 0,
        "not_read": calls.filter(choice=Choice.GIVE_UP).count()
        if PayoutStatus.SUBMITTING in counts
        else 0,
        "asked_at": next_question_at(found) if PayoutStatus.UNKNOWN in counts else None,
        "is_at_work": found.status in (BatchStatus.PREPARING, BatchStatus.APPROVING),
        "is_moving": found.status not in (BatchStatus.DRAFT, BatchStatus.DONE)
        and found.status != BatchStatus.CANCELLED,
    }


def _rail(found: Batch) -> dict[str, Any]:
    """Return whether the batch is sent by a call, and what keeps it from being sent."""
    rail = rails_in_force(found.merchant_id).get(Provider(found.provider))
    declared = PROVIDERS[Provider(found.provider)]
    return {
        "is_called": isinstance(declared, ApiProvider),
        "needs_rail": bool(declared.credentials) and rail is None,
        "blocked_by": blocking_findings(found.merchant_id, rail).count() if rail else 0,
    }


@acts(Right.PREPARE_PAYOUTS)
def batch_paid(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Note that everything on its way arrived."""
    found = get_batch(request, batch_id)
    form = BatchPaidForm(request.POST, at=request.at)
    if not form.is_valid():
        return _show_batch(request, found, paid_form=form)
    try:
        with refusal_told(request):
            count = mark_batch_paid(
                member=request.member,
                batch=found,
                reference_prefix=form.cleaned_data["reference"],
                paid_at=form.paid_at,
                at=request.at,
            )
            said = ngettext("%(count)s payout is paid.", "%(count)s payouts are paid.", count)
            messages.success(request, said % {"count": count})
    except SelfConfirmation:
        form.add_error(None, APPROVED_YOURSELF)
        return _show_batch(request, found, paid_form=form)
    except (NoProof, ProofUsed):
        form.add_error("reference", _("Another payout has this reference already."))
        return _show_batch(request, found, paid_form=form)
    return redirect("console:batch", found.id)
