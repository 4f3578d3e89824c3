"""A program's tiers: what each has of its own, who is in it, and moving an affiliate."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.selectors import count_by_tier, enrollments_of
from commissions.services import archive_tier, move_to_tier
from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.affiliates import get_enrollment
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.tiers import TierChoiceForm, TierForm
from interfaces.console.ladder_words import figures_said, presets_told
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.rule_rows import rows_of, rule_rows
from merchants.rights import Right
from programs.models import Program, Tier
from programs.selectors import ladder_of, targets_by_tier, tier_terms, tiers_of
from programs.services import TierNameTaken, create_tier, targets_of, update_tier

MEMBERS_SHOWN = 50


@reads
def program_tiers(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the tiers with how many are in each and what they pay."""
    program = get_program(request, program_id)
    rules = rule_rows(program, at=request.at)
    counts = count_by_tier(program)
    targets = targets_by_tier(program)
    rows = [
        {
            "tier": tier,
            "count": counts.get(tier.id, 0),
            "rules": rows_of(rules, tier=tier),
            "asks": figures_said(targets.get(tier.id, {}), program.currency),
        }
        for tier in tiers_of(program)
    ]
    context = {"rows": rows, "ladder": ladder_of(program), "presets": presets_told(program)}
    return show_tab(request, program, "program-tiers", context)


@edits(Right.EDIT_PROGRAMS)
def tier_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a tier; nobody is in it yet."""
    program = get_program(request, program_id)
    form = TierForm(request.POST or None, program=program, targets={})
    if request.method == "POST" and form.is_valid() and _saved(request, program, form, None):
        return redirect("console:program-tiers", program.id)
    return _show(request, program, form, None)


@edits(Right.EDIT_PROGRAMS)
def tier_edit(request: ConsoleRequest, program_id: UUID, tier_id: UUID) -> HttpResponse:
    """Change a tier; show its rules and who is in it."""
    program = get_program(request, program_id)
    tier = get_tier(program, tier_id)
    form = TierForm(
        request.POST or None, instance=copy(tier), program=program, targets=targets_of(tier)
    )
    if request.method == "POST" and form.is_valid() and _saved(request, program, form, tier):
        return redirect("console:program-tiers", program.id)
    return _show(request, program, form, tier)


def _saved(request: ConsoleRequest, program: Program, form: TierForm, tier: Tier | None) -> bool:
    facts, by, at = form.facts, request.actor, request.at
    with refusal_shown(form, program=program):
        try:
            if tier is None:
                create_tier(program=program, **facts, by=by, at=at)
            else:
                update_tier(tier=tier, **facts, by=by, at=at)
        except TierNameTaken:
            form.add_error("name", _("Another tier of the program has this name."))
        else:
            messages.success(request, _("Saved."))
    return not form.errors


def get_tier(program: Program, tier_id: UUID) -> Tier:
    """Return a tier of the program that is not archived.

    :raises Http404: if the program has no such tier.
    """
    found = next((tier for tier in tiers_of(program) if tier.id == tier_id), None)
    if found is None:
        raise Http404
    return found


def _show(
    request: ConsoleRequest, program: Program, form: TierForm, tier: Tier | None
) -> HttpResponse:
    context: dict[str, Any] = {"program": program, "form": form, "tier": tier}
    if tier is not None:
        members = enrollments_of(request.merchant.id).filter(tier=tier)
        context |= {
            "members": members[:MEMBERS_SHOWN],
            "count": members.count(),
            "rows": rows_of(rule_rows(program, at=request.at), tier=tier),
            "terms": tier_terms(tier),
        }
    status = 422 if form.errors else 200
    template = "console/programs/tier.html"
    return show_page(request, template, context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def tier_archive(request: ConsoleRequest, program_id: UUID, tier_id: UUID) -> HttpResponse:
    """End a tier: it takes nobody in any more; who is in it stays."""
    program = get_program(request, program_id)
    tier = get_tier(program, tier_id)
    archive_tier(tier=tier, by=request.actor, at=request.at)
    messages.success(request, _("The tier %(name)s has ended.") % {"name": tier.name})
    return redirect("console:program-tiers", program.id)


@acts(Right.REVIEW_AFFILIATES)
def affiliate_tier(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Move an affiliate into a tier of the program, or out of any."""
    enrollment = get_enrollment(request, enrollment_id)
    form = TierChoiceForm(request.POST, tiers=tiers_of(enrollment.program))
    if not form.is_valid():
        raise Http404  # The page offers only tiers that there are.
    try:
        move_to_tier(enrollment=enrollment, tier=form.chosen, by=request.actor, at=request.at)
    except BadValue as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Their rates are those of the tier from now on."))
    return redirect("console:affiliate", enrollment.id)
