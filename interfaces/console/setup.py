"""A new merchant and the first-run wizard: program, rates, terms, and what to paste where."""

from copy import copy
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from commissions.selectors import rate_histories
from commissions.services import change_rates
from common.clock import now
from interfaces.console.access import MERCHANT_KEY, acts, edits
from interfaces.console.forms.setup import FirstProgramForm, MerchantForm, RatesForm, TermsForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.snippets import conversion_call, join_url, tracking_snippet
from merchants.rights import Right, Scope
from merchants.services import create_key, create_merchant, finish_setup
from programs.models import Program, Status
from programs.selectors import terms_in_force
from programs.services import (
    ProgramDraft,
    create_program,
    move_program,
    publish_terms,
    update_program,
)
from reports.overview import setup_of
from users.models import User


@login_required
def merchant_create(request: HttpRequest) -> HttpResponse:
    """Create a merchant owned by the user, and go on to its set-up."""
    form = MerchantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        owner = cast(User, request.user)
        member = create_merchant(owner=owner, at=now(), **form.cleaned_data)
        request.session[MERCHANT_KEY] = str(member.merchant_id)
        return redirect("console:setup-program")
    return render(request, "console/setup/merchant.html", {"form": form})


@edits(Right.EDIT_PROGRAMS)
def setup_program(request: ConsoleRequest) -> HttpResponse:
    """Say what the program is. Coming back edits the same one."""
    program = _program(request)
    # The form writes on a copy: the service compares with what is stored.
    form = FirstProgramForm(
        request.POST or None,
        instance=copy(program) if program else None,
        initial={} if program else _suggested(request),
    )
    if request.method == "POST" and form.is_valid():
        if program is None:
            draft = ProgramDraft(currency=request.merchant.currency, **form.cleaned_data)
            create_program(merchant=request.merchant, draft=draft, by=request.actor, at=request.at)
        else:
            changes = {**form.cleaned_data}
            changes.pop("kind")
            update_program(program=program, changes=changes, by=request.actor, at=request.at)
        return redirect("console:setup-rates")
    return _show_step(request, "program", program, form=form)


def _suggested(request: ConsoleRequest) -> dict[str, str]:
    name = _("%(merchant)s Partners") % {"merchant": request.merchant.name}
    return {"name": name[:120], "landing_url": request.merchant.website}


@edits(Right.EDIT_PROGRAMS)
def setup_rates(request: ConsoleRequest) -> HttpResponse:
    """Say what each goal pays and how long commissions wait."""
    program = _program(request)
    if program is None:
        return redirect("console:setup-program")
    histories = rate_histories(program, at=request.at)
    form = RatesForm(request.POST or None, program=program, histories=histories)
    if request.method == "POST" and form.is_valid():
        hold = {"hold_days": form.cleaned_data["hold_days"]}
        update_program(program=program, changes=hold, by=request.actor, at=request.at)
        change_rates(program=program, rates=form.rates(), by=request.actor, at=request.at)
        return redirect("console:setup-terms")
    return _show_step(request, "rates", program, form=form)


@edits(Right.EDIT_PROGRAMS)
def setup_terms(request: ConsoleRequest) -> HttpResponse:
    """Publish terms or do without, and open the program."""
    program = _program(request)
    if program is None:
        return redirect("console:setup-program")
    terms = terms_in_force(program)
    skips = "skip" in request.POST
    form = TermsForm(None if skips else request.POST or None, initial=_terms_to_start(program))
    if request.method == "POST" and (skips or form.is_valid()):
        changed = not skips and (
            terms is None
            or (terms.body, terms.summary)
            != (form.cleaned_data["body"], form.cleaned_data["summary"])
        )
        if changed:
            publish_terms(program=program, **form.cleaned_data, by=request.actor, at=request.at)
        if program.status == Status.DRAFT:
            move_program(program=program, to=Status.ACTIVE, by=request.actor, at=request.at)
        return redirect("console:setup-done")
    return _show_step(request, "terms", program, form=form, terms=terms)


def _terms_to_start(program: Program) -> dict[str, str]:
    """Return the terms in force, else a text that a small shop could start with."""
    terms = terms_in_force(program)
    if terms is not None:
        return {"summary": terms.summary, "body": terms.body}
    facts = {"program": program, "merchant": program.merchant}
    return {
        name: render_to_string(f"console/setup/starting_{name}.txt", facts).strip()
        for name in ("summary", "body")
    }


@edits(Right.EDIT_PROGRAMS)
def setup_done(request: ConsoleRequest) -> HttpResponse:
    """Show what to share and what to paste, with the program's own values."""
    program = _program(request)
    if program is None:
        return redirect("console:setup-program")
    return _show_done(request, program)


@never_cache
@acts(Right.MANAGE_KEYS)
def setup_key(request: ConsoleRequest) -> HttpResponse:
    """Create a key that may report conversions, and show it once, inside the ready call."""
    program = _program(request)
    if program is None:
        return redirect("console:setup-program")
    _key, text = create_key(
        member=request.member,
        name=_("Shop of %(program)s") % {"program": program.name[:60]},
        scopes=[Scope.CONVERSIONS],
        at=request.at,
    )
    return _show_done(request, program, key=text)


def _show_done(request: ConsoleRequest, program: Program, key: str = "") -> HttpResponse:
    facts = {
        "join_url": join_url(program),
        "snippet": tracking_snippet(program),
        "call": conversion_call(program, key=key) if key else conversion_call(program),
        "key": key,
    }
    return _show_step(request, "done", program, **facts)


@acts(Right.EDIT_PROGRAMS)
def setup_leave(request: ConsoleRequest) -> HttpResponse:
    """Leave the wizard for good; what is not done stays on the home page's list."""
    finish_setup(merchant=request.merchant, at=request.at)
    return redirect("console:home")


def _program(request: ConsoleRequest) -> Program | None:
    """Return the program that the wizard is about: the merchant's first."""
    return setup_of(request.merchant.id).program


def _show_step(
    request: ConsoleRequest, step: str, program: Program | None, **context: Any
) -> HttpResponse:
    names = {
        "program": _("Your program"),
        "rates": _("What you pay"),
        "terms": _("Terms"),
        "done": _("Ready"),
    }
    order = list(names)
    steps = [
        {
            "label": label,
            "url": reverse(f"console:setup-{name}"),
            "done": order.index(name) < order.index(step),
            "current": name == step,
        }
        for name, label in names.items()
    ]
    facts = {"steps": steps, "program": program, **context}
    invalid = "form" in context and context["form"].errors
    template = f"console/setup/{step}.html"
    return show_page(request, template, facts, nav="home", status=422 if invalid else 200)
