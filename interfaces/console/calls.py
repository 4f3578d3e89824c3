"""Calls to providers that nobody but a member can take further, and the two answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts, reads
from interfaces.console.forms.rails import CallForm
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from merchants.rights import Right
from payouts.models import Attempt
from payouts.sending.by_person import (
    Choice,
    StillRemembered,
    calls_of,
    give_up,
    send_again,
)

CALLS_SHOWN = 50


@reads
def payout_calls(request: ConsoleRequest) -> HttpResponse:
    """Show what waits for a member, the oldest first, with what each answer would do."""
    return _show(request)


def _show(request: ConsoleRequest, *, bad: dict[UUID, CallForm] | None = None) -> HttpResponse:
    waiting = calls_of(request.merchant.id, at=request.at).exclude(choice="")
    to_decide = waiting.filter(choice=Choice.SEND_AGAIN)
    not_read = waiting.filter(choice=Choice.GIVE_UP)
    context = {
        "to_decide": [_told(call, bad or {}) for call in to_decide[:CALLS_SHOWN]],
        "not_read": [_told(call, bad or {}) for call in not_read[:CALLS_SHOWN]],
        "more": max(to_decide.count() - CALLS_SHOWN, 0) + max(not_read.count() - CALLS_SHOWN, 0),
    }
    status = 422 if bad else 200
    return show_page(request, "console/payouts/calls.html", context, nav="payouts", status=status)


def _told(call: Attempt, bad: dict[UUID, CallForm]) -> dict[str, Any]:
    return {"call": call, "form": bad.get(call.id) or CallForm(auto_id=f"call-{call.id}-%s")}


@acts(Right.APPROVE_PAYOUTS)
def call_again(request: ConsoleRequest, attempt_id: UUID) -> HttpResponse:
    """Let a call be made again after somebody has seen that nothing was paid."""
    attempt = _get_call(request, attempt_id)
    form = CallForm(request.POST, auto_id=f"call-{attempt.id}-%s")
    if not form.is_valid():
        return _show(request, bad={attempt.id: form})
    reason = form.cleaned_data["reason"]
    try:
        with refusal_told(request):
            send_again(member=request.member, attempt=attempt, reason=reason, at=request.at)
            messages.success(request, _("It is made again within seconds."))
    except StillRemembered:
        messages.info(request, _("Nobody needs to decide: we still find it out by ourselves."))
    return redirect("console:payout-calls")


@acts(Right.APPROVE_PAYOUTS)
def call_give_up(request: ConsoleRequest, attempt_id: UUID) -> HttpResponse:
    """Stop a call that the provider never read; its payouts fail."""
    attempt = _get_call(request, attempt_id)
    form = CallForm(request.POST, auto_id=f"call-{attempt.id}-%s")
    if not form.is_valid():
        return _show(request, bad={attempt.id: form})
    reason = form.cleaned_data["reason"]
    with refusal_told(request):
        failed = give_up(member=request.member, attempt=attempt, reason=reason, at=request.at)
        said = ngettext(
            "%(count)s payout failed: its commissions are payable again.",
            "%(count)s payouts failed: their commissions are payable again.",
            failed,
        )
        messages.success(request, said % {"count": failed})
    return redirect("console:payout-calls")


def _get_call(request: ConsoleRequest, attempt_id: UUID) -> Attempt:
    found = calls_of(request.merchant.id, at=request.at).filter(id=attempt_id).first()
    if found is None:
        raise Http404
    return found
