"""Terms: of a program, of a tier, of one affiliate; and who has accepted what is in force."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from affiliates.selectors import latest_acceptances
from affiliates.terms import acceptance_standing, contract_in_force, end_contract, set_contract
from commissions.selectors import rates_in_force
from interfaces.console.access import acts, edits, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.terms import TermsForm
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.tables_terms import AcceptanceTable
from interfaces.console.tiers import get_tier
from merchants.rights import Right
from programs.models import Program, Terms, Tier
from programs.selectors import all_terms, goals_of, terms_in_force, tier_terms, tiers_of
from programs.services import publish_terms

MISSING, ACCEPTED = "missing", "accepted"


@reads
def program_terms(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Show the terms in force, or another version; tiers' and contracts' beside the program's."""
    program = get_program(request, program_id)
    versions = all_terms(program)
    own = [terms for terms in versions if terms.tier is None and not terms.is_contract]
    asked = request.GET.get("version", "")
    shown = next((terms for terms in versions if str(terms.version) == asked), None)
    if asked and shown is None:
        raise Http404
    newest = {terms.tier_id: terms for terms in reversed(versions) if not terms.is_contract}
    context = {
        "versions": own,
        "others": [terms for terms in versions if terms not in own],
        "shown": shown or next(iter(own), None),
        "in_force": {terms.id for terms in newest.values()},
        "tiers": [(tier, newest.get(tier.id)) for tier in tiers_of(program)],
    }
    return show_tab(request, program, "program-terms", context)


@edits(Right.EDIT_PROGRAMS)
def terms_publish(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Publish the next version of the terms, for everybody or for the tier in `?tier=`."""
    program = get_program(request, program_id)
    tier = _asked_tier(request, program)
    before = tier_terms(tier) if tier else terms_in_force(program)
    form = TermsForm(request.POST or None, initial=_to_start(request, program, before))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            by, at = request.actor, request.at
            new = publish_terms(program=program, tier=tier, **form.cleaned_data, by=by, at=at)
            said = {"version": new.version}
            messages.success(request, _("Version %(version)s is in force.") % said)
            return redirect("console:program-terms", program.id)
    context = {"program": program, "form": form, "terms": before, "tier": tier}
    return _show_form(request, context)


def _asked_tier(request: ConsoleRequest, program: Program) -> Tier | None:
    asked = request.GET.get("tier", "")
    if not asked:
        return None
    try:
        return get_tier(program, UUID(asked))
    except ValueError as error:
        raise Http404 from error


def _to_start(request: ConsoleRequest, program: Program, before: Terms | None) -> dict[str, str]:
    """Return the texts in force, else the sections that any terms should have, filled in."""
    before = before or terms_in_force(program)
    if before is not None:
        return {"summary": before.summary, "body": before.body}
    rates = [row for row in rates_in_force([program.id], at=request.at)[program.id] if row.version]
    facts = {"program": program, "rates": rates, "goals": goals_of(program)}
    return {"body": render_to_string("console/programs/terms_sections.txt", facts).strip()}


def _show_form(request: ConsoleRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    template = "console/programs/terms_publish.html"
    return show_page(request, template, context, nav="programs", status=status)


@reads
def program_acceptances(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List who accepted what is in force, when and from where, and who did not."""
    program = get_program(request, program_id)
    rows = acceptance_standing(program).exclude(contract_in_force=None)
    asked = request.GET.get("state", "")
    missing = rows.filter(has_accepted=False)
    chosen = {MISSING: missing, ACCEPTED: rows.filter(has_accepted=True)}.get(asked, rows)
    table = AcceptanceTable(chosen.order_by("has_accepted", "-created_at", "-id"))
    context = show_table(request, table)
    shown: list[Enrollment] = records(table)
    table.fill(latest_acceptances(shown), at=request.at)
    context |= {"state": asked, "missing_count": missing.count(), "all_count": rows.count()}
    return show_tab(request, program, "program-acceptances", context)


@edits(Right.EDIT_PROGRAMS)
def affiliate_contract(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Publish terms for one affiliate alone."""
    enrollment = get_enrollment(request, enrollment_id)
    before = contract_in_force(enrollment)
    start = {"summary": before.summary, "body": before.body} if before else {}
    form = TermsForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            by, at = request.actor, request.at
            set_contract(enrollment=enrollment, **form.cleaned_data, by=by, at=at)
            messages.success(request, _("The contract is in force. They are asked to accept it."))
            return redirect("console:affiliate", enrollment.id)
    context = {
        "program": enrollment.program,
        "enrollment": enrollment,
        "form": form,
        "terms": before,
    }
    return _show_form(request, context)


@acts(Right.EDIT_PROGRAMS)
def affiliate_contract_end(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Let the tier's or the program's terms hold for an affiliate again."""
    enrollment = get_enrollment(request, enrollment_id)
    end_contract(enrollment=enrollment, by=request.actor, at=request.at)
    messages.success(request, _("The terms of the tier or the program hold for them again."))
    return redirect("console:affiliate-contract", enrollment.id)
