"""Payout batches: the list, and what is done with one until it is handed over."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import BatchFilter
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import BatchTable
from merchants.rights import Right
from payouts.files import NoFile, fetch_file
from payouts.models import Batch, BatchStatus, Provider
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider, NotWritable
from payouts.selectors import (
    batches_of,
)
from payouts.services import (
    BatchOutdated,
    NoRail,
    NothingInBatch,
    RailBlocked,
    SelfApproval,
    approve_batch,
    cancel_batch,
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


@acts(Right.APPROVE_PAYOUTS)
@reauthentication_required
def batch_approve(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Approve a batch, after signing in afresh."""
    found = get_batch(request, batch_id)
    try:
        with refusal_told(request):
            approve_batch(member=request.member, batch=found, at=request.at)
            messages.success(request, _approved(found))
    except SelfApproval:
        messages.error(request, _("You prepared this batch, so another member approves it."))
    except NothingInBatch:
        messages.error(request, _("Nobody is in it. Put somebody back, or cancel it."))
    except BatchOutdated:
        messages.error(
            request,
            _("Commissions or payees of it changed meanwhile. Cancel it and prepare it anew."),
        )
    return redirect("console:batch", found.id)


def _approved(found: Batch) -> str:
    if found.status == BatchStatus.APPROVING:
        return _("Approved. Its commissions are being reserved; this page follows.")
    return _("Approved: its commissions are reserved.")


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
