"""Payout batches: the list, the dry run, one batch from approval to done."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import BatchFilter
from interfaces.console.forms.payouts import BatchPaidForm
from interfaces.console.history import told_history
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import BatchTable, PayoutTable
from interfaces.console.wording import APPROVED_YOURSELF, LEFT_OUT
from merchants.models import Member
from merchants.rights import Right
from merchants.selectors import members_of
from payouts.files import NoFile, fetch_file
from payouts.left_out import LeftOut
from payouts.models import Batch, BatchStatus, PayoutStatus, Provider
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider, NotWritable
from payouts.rail_selectors import blocking_findings, next_question_at, rails_in_force
from payouts.selectors import (
    batches_of,
    exclusions_of,
    file_of,
    payouts_of,
    standings_of,
)
from payouts.services import (
    BatchOutdated,
    NoProof,
    NoRail,
    ProofUsed,
    RailBlocked,
    SelfApproval,
    SelfConfirmation,
    approve_batch,
    cancel_batch,
    mark_batch_paid,
    send_batch,
)

LEFT_OUT_SHOWN = 200


@reads
def payouts(request: ConsoleRequest) -> HttpResponse:
    """List the batches."""
    filters = BatchFilter(request.GET, batches_of(request.merchant.id))
    context = show_table(request, BatchTable(filters.rows), filters=filters)
    return show_page(request, "console/payouts/list.html", context, nav="payouts")


# One batch ---------------------------------------------------------------------------------------


def get_batch(request: ConsoleRequest, batch_id: UUID) -> Batch:
    """Return the merchant's batch.

    :raises Http404: if the merchant has no such batch.
    """
    found = batches_of(request.merchant.id).filter(id=batch_id).first()
    if found is None:
        raise Http404
    return found


@reads
def batch(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch: what it pays, who signed, what was handed over, what came of it."""
    return _show_batch(request, get_batch(request, batch_id))


def _show_batch(
    request: ConsoleRequest, found: Batch, *, paid_form: forms.Form | None = None
) -> HttpResponse:
    chosen = request.GET.get("status", "")
    rows = payouts_of(request.merchant.id).filter(batch=found)
    table = PayoutTable(rows.filter(status=chosen) if chosen in PayoutStatus.values else rows)
    context = {
        "batch": found,
        **show_table(request, table),
        **_progress(request, found),
        **_rail(found),
        "chosen": chosen,
        "approval": _approval(request, found),
        "left_out": [
            {"row": row, "reason": LEFT_OUT[LeftOut(row.reason)]}
            for row in exclusions_of(found)[:LEFT_OUT_SHOWN]
        ],
        "file": file_of(found),
        "fetches_file": "download" in request.GET and request.member.may(Right.PREPARE_PAYOUTS),
        "history": told_history(request.merchant.id, found.id),
        "paid_form": paid_form or BatchPaidForm(at=request.at),
    }
    status = 422 if paid_form else 200
    return show_page(request, "console/payouts/batch.html", context, nav="payouts", status=status)


@reads
def batch_status(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Say how far the batch has come: what its page asks again while it is on its way."""
    found = get_batch(request, batch_id)
    context = {"batch": found, **_progress(request, found)}
    return render(request, "console/payouts/progress.html", context)


def _progress(request: ConsoleRequest, found: Batch) -> dict[str, Any]:
    standings = standings_of(found)
    counts = {row.status: row for row in standings}
    settled = (PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.RETURNED)
    on_its_way = counts.get(PayoutStatus.SUBMITTED)
    return {
        "standings": standings,
        "settled": sum(row.count for row in standings if row.status in settled),
        "on_its_way": on_its_way,
        "unknown": counts.get(PayoutStatus.UNKNOWN),
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


def _approval(request: ConsoleRequest, found: Batch) -> dict[str, Any]:
    """Return the two signatures, and whether this member may give the second."""
    approvers = [
        member
        for member in members_of(request.merchant.id)
        if member.may(Right.APPROVE_PAYOUTS) and member.id != found.prepared_by_id
    ]
    return {
        "is_open": found.status == BatchStatus.DRAFT,
        "approvers": ", ".join(member.user.get_full_name() for member in approvers),
        "is_mine": found.prepared_by_id == request.member.id,
        "may_approve": any(member.id == request.member.id for member in approvers),
        "why_not": _why_not(request.member, found),
    }


def _why_not(member: Member, found: Batch) -> str:
    if found.prepared_by_id == member.id:
        return _("You prepared this batch, so another member approves it.")
    if not member.may(Right.APPROVE_PAYOUTS):
        return _("Your role does not include approving payouts.")
    return ""


@acts(Right.APPROVE_PAYOUTS)
@reauthentication_required
def batch_approve(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Approve a batch that somebody else prepared, after signing in afresh."""
    found = get_batch(request, batch_id)
    try:
        with refusal_told(request):
            approve_batch(member=request.member, batch=found, at=request.at)
            messages.success(request, _("Approved: its commissions are reserved."))
    except SelfApproval:
        messages.error(request, _("You prepared this batch, so another member approves it."))
    except BatchOutdated:
        messages.error(
            request,
            _("Commissions or payees of it changed meanwhile. Cancel it and prepare it anew."),
        )
    return redirect("console:batch", found.id)


@acts(Right.PREPARE_PAYOUTS)
def batch_cancel(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Cancel a batch that was not handed over; its commissions are payable again."""
    found = get_batch(request, batch_id)
    with refusal_told(request):
        cancel_batch(member=request.member, batch=found, at=request.at)
        messages.success(request, _("Cancelled: its commissions are payable again."))
    return redirect("console:batch", found.id)


@edits(Right.PREPARE_PAYOUTS)
def batch_file(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Make the file when posted, and lead to a page that fetches it; give out the same bytes."""
    found = get_batch(request, batch_id)
    if request.method == "POST":
        try:
            with refusal_told(request):
                send_batch(member=request.member, batch=found, at=request.at)
                messages.success(request, _handed_over(found))
        except NotWritable as error:
            messages.error(request, str(error))
            return redirect("console:batch", found.id)
        except (NoRail, RailBlocked):  # The page says which, and what to do.
            return redirect("console:batch", found.id)
        if isinstance(PROVIDERS[Provider(found.provider)], ApiProvider):
            return redirect("console:batch", found.id)
        return redirect(f"{reverse('console:batch', args=[found.id])}?download=1")
    try:
        file, content = fetch_file(member=request.member, batch=found, at=request.at)
    except NoFile as error:
        raise Http404 from error
    return HttpResponse(
        content,
        content_type=f"{file.media_type}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
        },
    )


def _handed_over(found: Batch) -> str:
    if isinstance(PROVIDERS[Provider(found.provider)], ApiProvider):
        provider = found.get_provider_display()
        return _("Handed over. We call %(provider)s now; this page follows.") % {
            "provider": provider
        }
    return _("The file is made: pay it, then mark the payouts paid.")


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
    return redirect(f"{reverse('console:batch', args=[found.id])}")
