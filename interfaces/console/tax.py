"""Tax: in whose name papers are issued, what is asked of affiliates, and one affiliate's forms."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.models import Affiliate, Enrollment
from interfaces.console.access import acts, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.tax import FaultForm, PayerForm, TaxPolicyForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.settings import show_settings
from interfaces.console.tax_words import form_facts, form_status, standing_words
from merchants.rights import Right
from payouts.models import PayoutPolicy, TaxProfile
from payouts.tax.payers import PayerFacts, TaxPolicy, set_payer, set_tax_policy
from payouts.tax.profiles import (
    AlreadyFaulty,
    clear_fault,
    forms_in_force,
    note_fault,
    open_fault,
)
from payouts.tax.standing import own_of, policy_of, standings


@reads
def tax(request: ConsoleRequest) -> HttpResponse:
    """Show both forms; they can be saved by whoever may prepare payouts."""
    return _show(request)


def _show(
    request: ConsoleRequest,
    *,
    payer_form: forms.Form | None = None,
    policy_form: forms.Form | None = None,
) -> HttpResponse:
    own, policy = own_of(request.merchant.id), policy_of(request.merchant.id)
    context = {
        "payer_form": payer_form or PayerForm(own=own),
        "policy_form": policy_form or TaxPolicyForm(policy=policy),
        "own": own,
    }
    status = 422 if payer_form or policy_form else 200
    return show_settings(request, "tax", "tax", context, status=status)


@acts(Right.PREPARE_PAYOUTS)
def tax_payer(request: ConsoleRequest) -> HttpResponse:
    """Save in whose name papers are issued from now on."""
    form = PayerForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        with refusal_shown(form):
            facts = PayerFacts(**{**said, "vat_bps": said["vat_bps"] or 0})
            set_payer(member=request.member, facts=facts, at=request.at)
    if form.errors:
        return _show(request, payer_form=form)
    messages.success(request, _("Saved. Papers issued before stay as they are."))
    return redirect("console:tax")


@acts(Right.PREPARE_PAYOUTS)
def tax_policy(request: ConsoleRequest) -> HttpResponse:
    """Save what is asked of affiliates from the next batch on."""
    form = TaxPolicyForm(request.POST, policy=PayoutPolicy())
    if form.is_valid():
        said = form.cleaned_data
        with refusal_shown(form):
            policy = TaxPolicy(**{**said, "withholding_bps": said["withholding_bps"] or 0})
            set_tax_policy(member=request.member, policy=policy, at=request.at)
    if form.errors:
        return _show(request, policy_form=form)
    messages.success(request, _("Saved. It holds from the next batch on."))
    return redirect("console:tax")


# One affiliate -----------------------------------------------------------------------------------


@reads
def affiliate_tax(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Show an affiliate's forms, numbers masked, and what tax says of paying them."""
    return _show_affiliate(request, get_enrollment(request, enrollment_id), FaultForm())


def _show_affiliate(
    request: ConsoleRequest, enrollment: Enrollment, fault_form: forms.Form
) -> HttpResponse:
    affiliate = enrollment.affiliate
    standing = standings(request.merchant.id, [affiliate.id], request.at)[affiliate.id]
    context = {
        "enrollment": enrollment,
        "affiliate": affiliate,
        "standing": standing_words(standing),
        "forms": [_card(request, form) for form in forms_in_force(affiliate.id)],
        "fault_form": fault_form,
    }
    status = 422 if fault_form.errors else 200
    return show_page(
        request, "console/affiliates/tax.html", context, nav="affiliates", status=status
    )


def _card(request: ConsoleRequest, form: TaxProfile) -> dict[str, Any]:
    fault = open_fault(request.merchant.id, form)
    return {
        "form": form,
        "fault": fault,
        "facts": form_facts(form),
        "status": form_status(form, fault, at=request.at),
    }


def _form_of(affiliate: Affiliate, form_id: UUID) -> TaxProfile:
    found = forms_in_force(affiliate.id).filter(id=form_id).first()
    if found is None:
        raise Http404
    return found


@acts(Right.PREPARE_PAYOUTS)
def tax_doubt(request: ConsoleRequest, enrollment_id: UUID, form_id: UUID) -> HttpResponse:
    """Note what a tax office says against a form: it counts for nothing until it is cleared."""
    enrollment = get_enrollment(request, enrollment_id)
    profile = _form_of(enrollment.affiliate, form_id)
    form = FaultForm(request.POST)
    if not form.is_valid():
        return _show_affiliate(request, enrollment, form)
    try:
        reason = form.cleaned_data["reason"]
        note_fault(member=request.member, profile=profile, reason=reason, at=request.at)
        messages.success(request, _("Noted. The affiliate is asked for a new form."))
    except AlreadyFaulty:
        messages.error(request, _("That was noted before."))
    return redirect("console:affiliate-tax", enrollment.id)


@acts(Right.PREPARE_PAYOUTS)
def tax_clear(request: ConsoleRequest, enrollment_id: UUID, form_id: UUID) -> HttpResponse:
    """Take it back: the form counts again."""
    enrollment = get_enrollment(request, enrollment_id)
    fault = open_fault(request.merchant.id, _form_of(enrollment.affiliate, form_id))
    if fault is not None:
        clear_fault(member=request.member, fault=fault, at=request.at)
        messages.success(request, _("The form counts again."))
    return redirect("console:affiliate-tax", enrollment.id)
