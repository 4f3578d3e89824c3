"""How the merchant pays: when, from how much on, what happens by itself, and who may sign alone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.payout_terms import (
    PROGRAM,
    TIER,
    LimitForm,
    NewTermsForm,
    PolicyForm,
    TermsForm,
)
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program
from interfaces.console.terms_words import example_of, words_of
from interfaces.console.wording import money
from merchants.rights import Right
from payouts.models import PayoutPolicy, PayoutTerms, Schedule
from payouts.selectors import limits_of, terms_of
from payouts.services import (
    TermsDraft,
    TermsExist,
    change_terms,
    create_terms,
    policy_of,
    remove_terms,
    set_approval_limit,
    set_prepares_itself,
)
from programs.models import Program
from programs.selectors import currencies_of, programs_of, tiers_of

NARROWER_SHOWN = 100  # Terms of tiers and affiliates, for each program.


@reads
def payout_terms(request: ConsoleRequest) -> HttpResponse:
    """Show the terms of each program in words, with an example, and the merchant's own rules."""
    return _show(request)


def _show(request: ConsoleRequest, *, bad_limit: LimitForm | None = None) -> HttpResponse:
    found: dict[UUID, list[PayoutTerms]] = {}
    for terms in terms_of(request.merchant.id):
        found.setdefault(terms.program_id, []).append(terms)
    policy = policy_of(request.merchant.id)
    context = {
        "programs": [
            _told(request, program, found.get(program.id, []))
            for program in programs_of(request.merchant.id)
        ],
        "policy": policy,
        "withholding": f"{policy.withholding_bps / 100:g}%" if policy.withholding_bps else "",
        "policy_form": PolicyForm(policy=policy),
        "limits": _limits(request, bad_limit),
    }
    status = 422 if bad_limit else 200
    return show_page(request, "console/payouts/terms.html", context, nav="payouts", status=status)


def _told(request: ConsoleRequest, program: Program, found: list[PayoutTerms]) -> dict[str, Any]:
    own = next((row for row in found if row.tier_id is None and row.enrollment_id is None), None)
    narrower = [row for row in found if row is not own]
    counted = own or TermsDraft()
    return {
        "program": program,
        "terms": own,
        "words": words_of(counted, program),
        "example": example_of(counted, program, None, request.at),
        "narrower": [
            {"terms": row, "name": _whose(row), "words": words_of(row, program)}
            for row in sorted(narrower, key=lambda row: (row.tier_id is None, _whose(row)))
        ][:NARROWER_SHOWN],
        "more": max(len(narrower) - NARROWER_SHOWN, 0),
    }


def _whose(terms: PayoutTerms) -> str:
    if terms.enrollment:
        return terms.enrollment.affiliate.name
    return terms.tier.name if terms.tier else ""


# Terms -------------------------------------------------------------------------------------------


@edits(Right.PREPARE_PAYOUTS)
def terms_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say when a program, a tier or an affiliate of it is paid, from the next batch on."""
    program = get_program(request, program_id)
    scope = TIER if "tier" in request.GET else PROGRAM
    form = NewTermsForm(request.POST or None, program=program, tiers=tiers_of(program), scope=scope)
    if request.method == "POST" and form.is_valid() and _created(request, program, form):
        return redirect("console:payout-terms")
    return _show_form(request, program, form, None)


def _created(request: ConsoleRequest, program: Program, form: NewTermsForm) -> bool:
    with refusal_shown(form):
        try:
            create_terms(
                member=request.member,
                program=program,
                draft=form.draft,
                at=request.at,
                **form.whose,
            )
        except TermsExist:
            form.add_error("scope", _("There are terms for these already: change those."))
        else:
            messages.success(request, _("Saved. They hold from the next batch on."))
    return not form.errors


@edits(Right.PREPARE_PAYOUTS)
def terms_edit(request: ConsoleRequest, terms_id: UUID) -> HttpResponse:
    """Change terms, from the next batch on."""
    terms = _get_terms(request, terms_id)
    form = TermsForm(request.POST or None, program=terms.program, terms=terms)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            change_terms(member=request.member, terms=terms, draft=form.draft, at=request.at)
            messages.success(request, _("Saved. They hold from the next batch on."))
            return redirect("console:payout-terms")
    return _show_form(request, terms.program, form, terms)


def _show_form(
    request: ConsoleRequest, program: Program, form: TermsForm, terms: PayoutTerms | None
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "terms": terms,
        "whose": _whose(terms) if terms else "",
        "has_tiers": bool(tiers_of(program)),
        **_illustrated(request, program, terms or TermsDraft(schedule=Schedule.MONTHLY), terms),
    }
    status = 422 if form.errors else 200
    template = "console/payouts/terms_edit.html"
    return show_page(request, template, context, nav="payouts", status=status)


def _illustrated(
    request: ConsoleRequest,
    program: Program,
    counted: TermsDraft | PayoutTerms,
    terms: PayoutTerms | None,
) -> dict[str, Any]:
    tier = terms.tier if terms else None
    return {
        "words": words_of(counted, program),
        "example": example_of(counted, program, tier, request.at),
    }


@reads
def terms_example(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say in words what is being typed, and what it means for an example."""
    program = get_program(request, program_id)
    form = TermsForm(request.GET, program=program)
    context: dict[str, Any] = {}
    if form.is_valid():
        context = _illustrated(request, program, form.draft, None)
    return render(request, "console/payouts/terms_example.html", context)


@acts(Right.PREPARE_PAYOUTS)
def terms_remove(request: ConsoleRequest, terms_id: UUID) -> HttpResponse:
    """Remove terms: the wider ones count from now on."""
    terms = _get_terms(request, terms_id)
    remove_terms(member=request.member, terms=terms, at=request.at)
    messages.success(request, _("Removed. The wider terms hold from the next batch on."))
    return redirect("console:payout-terms")


def _get_terms(request: ConsoleRequest, terms_id: UUID) -> PayoutTerms:
    found = terms_of(request.merchant.id).filter(id=terms_id).first()
    if found is None:
        raise Http404
    return found


# Policy and limits -------------------------------------------------------------------------------


@acts(Right.PREPARE_PAYOUTS)
def payout_policy(request: ConsoleRequest) -> HttpResponse:
    """Save whether batches prepare themselves."""
    form = PolicyForm(request.POST, policy=PayoutPolicy())
    form.is_valid()  # One box: nothing of it can be wrong.
    chosen = form.cleaned_data["prepares_itself"]
    set_prepares_itself(member=request.member, prepares_itself=chosen, at=request.at)
    said = _("Batches prepare themselves now.") if chosen else _("Batches wait for you now.")
    messages.success(request, said)
    return redirect("console:payout-terms")


def _limits(request: ConsoleRequest, bad: LimitForm | None) -> list[dict[str, Any]]:
    stored = {limit.currency: limit.amount_minor for limit in limits_of(request.merchant.id)}
    currencies = sorted({*currencies_of(request.merchant.id), *stored})
    return [
        {
            "currency": currency,
            "amount": money(stored[currency], currency) if stored.get(currency) else "",
            "form": bad
            if bad and bad.currency == currency
            else LimitForm(
                currency=currency,
                amount_minor=stored.get(currency),
                auto_id=f"limit-{currency}-%s",
            ),
        }
        for currency in currencies
    ]


@acts(Right.MANAGE_MEMBERS)
def approval_limit(request: ConsoleRequest) -> HttpResponse:
    """Set up to what one member prepares and approves alone, in one currency."""
    currency = request.POST.get("currency", "")
    known = {row["currency"] for row in _limits(request, None)}
    if currency not in known:
        raise Http404
    form = LimitForm(request.POST, currency=currency, auto_id=f"limit-{currency}-%s")
    if not form.is_valid():
        return _show(request, bad_limit=form)
    amount_minor = form.cleaned_data["amount"] or 0
    set_approval_limit(
        member=request.member, currency=currency, amount_minor=amount_minor, at=request.at
    )
    if amount_minor:
        said = _("Batches up to %(amount)s need one member from now on.")
        messages.success(request, said % {"amount": money(amount_minor, currency)})
    else:
        messages.success(request, _("Every batch in this currency needs two members now."))
    return redirect("console:payout-terms")
