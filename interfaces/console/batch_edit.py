"""Take affiliates out of a batch that waits for approval, or put them back."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts
from interfaces.console.batch_lists import EDIT_MAX, payouts_filtered
from interfaces.console.forms.payouts import TakeOutForm
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.payouts import get_batch
from interfaces.console.wording import money
from merchants.rights import Right
from payouts.models import Batch, BatchStatus
from payouts.selectors import exclusions_of, payouts_of
from payouts.services import NotInBatch, edit_batch


@acts(Right.PREPARE_PAYOUTS)
def batch_edit(request: ConsoleRequest, batch_id: UUID) -> HttpResponse:
    """Put the chosen affiliates back; or ask with numbers first, then take them out."""
    batch = get_batch(request, batch_id)
    action, chosen = request.POST.get("action", ""), _chosen(request, batch)
    if action not in ("take_out", "put_back"):
        raise Http404
    if not chosen or batch.status != BatchStatus.DRAFT:
        messages.error(request, _("Nothing was changed: nobody of them can be moved any more."))
    elif action == "put_back":
        _put_back(request, batch, chosen)
    else:
        form = TakeOutForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return _ask(request, batch, chosen, form)
        _take_out(request, batch, chosen, form.cleaned_data["reason"])
    return redirect("console:batch", batch.id)


def _chosen(request: ConsoleRequest, batch: Batch) -> list[UUID]:
    """Return the affiliates ticked, or all that the address filters; never more than allowed."""
    if request.POST.get("all"):
        is_back = request.POST.get("action") == "put_back"
        rows = exclusions_of(batch) if is_back else payouts_filtered(request, batch).rows
        return list(rows.values_list("affiliate_id", flat=True)[:EDIT_MAX])
    try:
        return [UUID(text) for text in request.POST.getlist("selected")[:EDIT_MAX]]
    except ValueError as error:
        raise Http404 from error


def _ask(
    request: ConsoleRequest, batch: Batch, chosen: Sequence[UUID], form: TakeOutForm
) -> HttpResponse:
    rows = payouts_of(batch.merchant_id).filter(batch=batch, affiliate_id__in=chosen).order_by()
    totals = rows.aggregate(count=Count("id"), amount_minor=Sum("amount_minor"))
    amount_minor = totals["amount_minor"] or 0
    context = {
        "batch": batch,
        "form": form,
        "count": totals["count"],
        "amount": money(amount_minor, batch.currency),
        "left": batch.items - totals["count"],
        "left_amount": money(batch.amount_minor - amount_minor, batch.currency),
        "names": [payout.affiliate.name for payout in rows.order_by("id")[:5]],
        "selected": chosen,
    }
    status = 422 if form.errors else 200
    template = "console/payouts/take_out.html"
    return show_page(request, template, context, nav="payouts", status=status)


def _take_out(request: ConsoleRequest, batch: Batch, chosen: Sequence[UUID], reason: str) -> None:
    try:
        with refusal_told(request):
            edit_batch(
                member=request.member, batch=batch, take_out=chosen, reason=reason, at=request.at
            )
            said = ngettext(
                "%(count)s affiliate is out; the batch comes to %(amount)s.",
                "%(count)s affiliates are out; the batch comes to %(amount)s.",
                len(chosen),
            )
            messages.success(request, said % _told(batch, len(chosen)))
    except NotInBatch:
        messages.error(request, _("Nothing was changed: somebody else edited it meanwhile."))


def _put_back(request: ConsoleRequest, batch: Batch, chosen: Sequence[UUID]) -> None:
    before = batch.items
    try:
        with refusal_told(request):
            edit_batch(member=request.member, batch=batch, put_back=chosen, at=request.at)
            back = batch.items - before
            if back:
                said = ngettext(
                    "%(count)s affiliate is back; the batch comes to %(amount)s.",
                    "%(count)s affiliates are back; the batch comes to %(amount)s.",
                    back,
                )
                messages.success(request, said % _told(batch, back))
            if back < len(chosen):
                said = ngettext(
                    "%(count)s stays out: the list says why.",
                    "%(count)s stay out: the list says why.",
                    len(chosen) - back,
                )
                messages.info(request, said % {"count": len(chosen) - back})
    except NotInBatch:
        messages.error(request, _("Nothing was changed: somebody else edited it meanwhile."))


def _told(batch: Batch, count: int) -> dict[str, object]:
    return {"count": count, "amount": money(batch.amount_minor, batch.currency)}
