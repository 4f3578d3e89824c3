"""Proposals: rates offered to one affiliate, answered, and what came of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from affiliates.services import Consent
from commissions.agreements import (
    agreement_text,
    exceptions_of,
    named,
    proposals_of,
    story_of,
    words_of,
)
from commissions.models import Proposal, ProposalStatus, Side
from commissions.services.proposals import (
    NotYourTurn,
    ProposalExists,
    Signature,
    accept,
    counter,
    decline,
    offer,
    withdraw,
)
from interfaces.console.access import acts, edits, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.proposals import ProposalForm, SignatureForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.programs import get_program, show_tab
from merchants.rights import Right

SHOWN_MAX = 200


@reads
def program_proposals(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what was proposed, and the rates that single affiliates have."""
    program = get_program(request, program_id)
    rows = [told(proposal) for proposal in proposals_of(program)[:SHOWN_MAX]]
    exceptions = [
        {"row": row, "is_over": row.is_over_at(request.at)}
        for row in exceptions_of(program, limit=SHOWN_MAX)
    ]
    context = {"rows": rows, "exceptions": exceptions}
    return show_tab(request, program, "program-proposals", context)


def told(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as pages show it."""
    return {
        "proposal": proposal,
        "words": words_of(proposal, language=get_language() or "en"),
        "is_ours": proposal.offered_by == Side.MERCHANT,
        "is_open": proposal.status == ProposalStatus.OPEN,
    }


def _get(request: ConsoleRequest, proposal_id: UUID) -> Proposal:
    rows = Proposal.objects.filter(merchant_id=request.merchant.id, id=proposal_id)
    found = named(rows).first()
    if found is None:
        raise Http404
    return found


@edits(Right.EDIT_PROGRAMS)
def proposal_create(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Offer a rate to an affiliate."""
    enrollment = get_enrollment(request, enrollment_id)
    form = ProposalForm(request.POST or None, program=enrollment.program)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form), refusal_told(request):
            try:
                proposal = offer(
                    enrollment=enrollment,
                    side=Side.MERCHANT,
                    draft=form.draft(request.at),
                    user=request.user,
                    by=request.actor,
                    at=request.at,
                )
            except ProposalExists:
                form.add_error("goal", _("One for this goal waits for an answer already."))
            else:
                messages.success(request, _("Offered. They are told by mail and in the portal."))
                return redirect("console:proposal", proposal.id)
    context = {"form": form, "enrollment": enrollment, "program": enrollment.program}
    status = 422 if form.errors else 200
    template = "console/proposals/create.html"
    return show_page(request, template, context, nav="affiliates", status=status)


@reads
def proposal(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Show a proposal with what led to it, and what can be answered."""
    return _show(request, _get(request, proposal_id))


def _show(request: ConsoleRequest, found: Proposal, **forms: Any) -> HttpResponse:
    context = {
        **told(found),
        "program": found.enrollment.program,
        "enrollment": found.enrollment,
        "story": [told(row) for row in story_of(found)],
        "sign": forms.get("sign") or SignatureForm(),
        "counter": forms.get("counter")
        or ProposalForm(program=found.enrollment.program, goal=found.goal),
        "text": agreement_text(found, language=get_language() or "en"),
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    template = "console/proposals/detail.html"
    return show_page(request, template, context, nav="affiliates", status=status)


@contextmanager
def _turn_told(request: ConsoleRequest) -> Iterator[None]:
    """Tell the person that it is the other side who answers; nothing was changed then."""
    try:
        yield
    except NotYourTurn:
        messages.error(request, _("It is the other side who answers this."))


@acts(Right.EDIT_PROGRAMS)
def proposal_accept(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Agree to what an affiliate proposed."""
    found = _get(request, proposal_id)
    form = SignatureForm(request.POST)
    if not form.is_valid():
        return _show(request, found, sign=form)
    consent = Consent(
        user=request.user,
        terms_version=None,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )
    name, text = (
        form.cleaned_data["signed_name"],
        agreement_text(found, language=get_language() or "en"),
    )
    signature = Signature(name=name, text=text, by=consent)
    with refusal_told(request), _turn_told(request):
        by, at = request.actor, request.at
        accept(proposal=found, side=Side.MERCHANT, signature=signature, by=by, at=at)
        messages.success(request, _("Agreed. What happens from its start on is paid by it."))
    return redirect("console:proposal", found.id)


@acts(Right.EDIT_PROGRAMS)
def proposal_counter(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Answer by another rate."""
    found = _get(request, proposal_id)
    form = ProposalForm(request.POST, program=found.enrollment.program, goal=found.goal)
    if form.is_valid():
        with refusal_shown(form), refusal_told(request), _turn_told(request):
            new = counter(
                proposal=found,
                side=Side.MERCHANT,
                draft=form.draft(request.at),
                user=request.user,
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Offered. They are told by mail and in the portal."))
            return redirect("console:proposal", new.id)
    return _show(request, found, counter=form)


@acts(Right.EDIT_PROGRAMS)
def proposal_decline(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Refuse what an affiliate proposed."""
    found = _get(request, proposal_id)
    with refusal_told(request), _turn_told(request):
        decline(proposal=found, side=Side.MERCHANT, by=request.actor, at=request.at)
        messages.success(request, _("Declined."))
    return redirect("console:proposal", found.id)


@acts(Right.EDIT_PROGRAMS)
def proposal_withdraw(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    found = _get(request, proposal_id)
    with refusal_told(request), _turn_told(request):
        withdraw(proposal=found, side=Side.MERCHANT, by=request.actor, at=request.at)
        messages.success(request, _("Taken back."))
    return redirect("console:proposal", found.id)
