"""Proposals as an affiliate sees them: accept, propose another, decline, or propose oneself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.services import Consent
from commissions.agreements import agreement_text, named, story_of, words_of
from commissions.models import Proposal, ProposalStatus, Side
from commissions.services.proposals import (
    NotYourTurn,
    ProposalDraft,
    ProposalExists,
    Signature,
    accept,
    counter,
    decline,
    offer,
    withdraw,
)
from common.states import IllegalMove
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.proposal_forms import ProposalForm, SignatureForm
from interfaces.portal.text import language
from merchants.models import acting_user
from merchants.tenancy import merchant_context

ANSWER = timedelta(days=14)


def told(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as pages show it."""
    return {
        "proposal": proposal,
        "words": words_of(proposal, language=language()),
        "is_ours": proposal.offered_by == Side.AFFILIATE,
        "is_open": proposal.status == ProposalStatus.OPEN,
    }


def _get(visit: Visit, proposal_id: UUID) -> Proposal:
    rows = Proposal.objects.filter(affiliate_id=visit.affiliate.id, id=proposal_id)
    found = named(rows).first()
    if found is None:
        raise Http404
    return found


@require_safe
@affiliate_page
def proposal(visit: Visit, proposal_id: UUID) -> HttpResponse:
    """Show a proposal with what led to it, and what can be answered."""
    return _show(visit, _get(visit, proposal_id))


def _show(visit: Visit, found: Proposal, **forms: Any) -> HttpResponse:
    program = found.enrollment.program
    context = {
        **told(found),
        "program": program,
        "enrollment": found.enrollment,
        "story": [told(row) for row in story_of(found)],
        "sign": forms.get("sign") or SignatureForm(),
        "counter": forms.get("counter") or ProposalForm(program=program, goal=found.goal),
        "text": agreement_text(found, language=language()),
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return visit.show("portal/proposal.html", context, nav="programs", status=status)


@contextmanager
def _refusal_told(visit: Visit) -> Iterator[None]:
    """Tell when it was answered meanwhile, or the other side answers; nothing was changed then."""
    try:
        yield
    except (IllegalMove, NotYourTurn):
        messages.error(visit.request, _("This proposal waits for no answer of yours any more."))
    except ProposalExists:
        messages.error(visit.request, _("One for this goal waits for an answer already."))


@require_POST
@affiliate_page
def proposal_accept(visit: Visit, proposal_id: UUID) -> HttpResponse:
    """Agree to what the merchant proposed."""
    found = _get(visit, proposal_id)
    form = SignatureForm(visit.request.POST)
    if not form.is_valid():
        return _show(visit, found, sign=form)
    consent = Consent(
        user=visit.user,
        terms_version=None,
        ip=get_adapter().get_client_ip(visit.request),
        user_agent=visit.request.META.get("HTTP_USER_AGENT", ""),
    )
    name, text = form.cleaned_data["signed_name"], agreement_text(found, language=language())
    signature = Signature(name=name, text=text, by=consent)
    with _refusal_told(visit), merchant_context(found.merchant_id):
        by, at = acting_user(visit.user), visit.at
        accept(proposal=found, side=Side.AFFILIATE, signature=signature, by=by, at=at)
        messages.success(visit.request, _("Agreed. What happens from its start on is paid by it."))
    return redirect("portal:proposal", found.id)


@require_POST
@affiliate_page
def proposal_counter(visit: Visit, proposal_id: UUID) -> HttpResponse:
    """Answer by another rate."""
    found = _get(visit, proposal_id)
    form = ProposalForm(visit.request.POST, program=found.enrollment.program, goal=found.goal)
    if not form.is_valid():
        return _show(visit, found, counter=form)
    with _refusal_told(visit), merchant_context(found.merchant_id):
        new = counter(
            proposal=found,
            side=Side.AFFILIATE,
            draft=_draft(form, visit),
            user=visit.user,
            by=acting_user(visit.user),
            at=visit.at,
        )
        messages.success(visit.request, _("Proposed. The merchant is told."))
        return redirect("portal:proposal", new.id)
    return redirect("portal:proposal", found.id)


def _draft(form: ProposalForm, visit: Visit) -> ProposalDraft:
    return ProposalDraft(
        **form.reward, message=form.cleaned_data["message"], expires_at=visit.at + ANSWER
    )


@require_POST
@affiliate_page
def proposal_decline(visit: Visit, proposal_id: UUID) -> HttpResponse:
    """Refuse what the merchant proposed."""
    found = _get(visit, proposal_id)
    with _refusal_told(visit), merchant_context(found.merchant_id):
        decline(proposal=found, side=Side.AFFILIATE, by=acting_user(visit.user), at=visit.at)
        messages.success(visit.request, _("Declined."))
    return redirect("portal:proposal", found.id)


@require_POST
@affiliate_page
def proposal_withdraw(visit: Visit, proposal_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    found = _get(visit, proposal_id)
    with _refusal_told(visit), merchant_context(found.merchant_id):
        withdraw(proposal=found, side=Side.AFFILIATE, by=acting_user(visit.user), at=visit.at)
        messages.success(visit.request, _("Taken back."))
    return redirect("portal:proposal", found.id)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def proposal_create(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Propose a rate to the merchant."""
    enrollment = visit.enrollment(enrollment_id)
    form = ProposalForm(visit.request.POST or None, program=enrollment.program)
    if visit.request.method == "POST" and form.is_valid():
        with _refusal_told(visit), merchant_context(enrollment.merchant_id):
            new = offer(
                enrollment=enrollment,
                side=Side.AFFILIATE,
                draft=_draft(form, visit),
                user=visit.user,
                by=acting_user(visit.user),
                at=visit.at,
            )
            messages.success(visit.request, _("Proposed. The merchant is told."))
            return redirect("portal:proposal", new.id)
    context = {"form": form, "enrollment": enrollment, "program": enrollment.program}
    status = 422 if form.errors else 200
    return visit.show("portal/proposal_create.html", context, nav="programs", status=status)
