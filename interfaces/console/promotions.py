"""A program's promotions: rates for a time, with their rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.models import Promotion
from commissions.selectors import promotions_of
from commissions.services import (
    archive_promotion,
    create_promotion,
    update_promotion,
)
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.forms.tiers import PromotionForm, promotion_initial
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.rule_rows import RuleRow, rows_of, rule_rows
from merchants.rights import Right
from programs.models import Program
from programs.selectors import tiers_of


@reads
def program_promotions(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the promotions: those that run, those to come, those that are over."""
    program = get_program(request, program_id)
    rules = rule_rows(program, at=request.at)
    found = promotions_of(program)
    groups = [
        {"state": state, "title": title, "tone": tone, "rows": rows}
        for state, title, tone in _states()
        if (rows := [_row(one, rules) for one in found if state_of(one, request.at) == state])
    ]
    return show_tab(request, program, "program-promotions", {"groups": groups})


def _states() -> list[tuple[str, str, str]]:
    return [
        ("running", _("Running"), "good"),
        ("coming", _("To come"), "info"),
        ("past", _("Over"), ""),
    ]


def state_of(promotion: Promotion, at: datetime) -> str:
    """Return whether it runs, is to come or over."""
    if at < promotion.starts_at:
        return "coming"
    return "running" if at < promotion.ends_at else "past"


def _row(promotion: Promotion, rules: list[RuleRow]) -> dict[str, Any]:
    return {"promotion": promotion, "rules": rows_of(rules, promotion=promotion)}


@edits(Right.EDIT_PROGRAMS)
def promotion_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a promotion; it pays by the rules that are added to it."""
    program = get_program(request, program_id)
    form = PromotionForm(request.POST or None, tiers=tiers_of(program))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            made = create_promotion(
                program=program, **_facts(form), by=request.actor, at=request.at
            )
            messages.success(request, _("Now say what it pays: add a rule."))
            return redirect("console:promotion-edit", program.id, made.id)
    return _show(request, program, form, None)


@edits(Right.EDIT_PROGRAMS)
def promotion_edit(request: ConsoleRequest, program_id: UUID, promotion_id: UUID) -> HttpResponse:
    """Change a promotion; show its rules."""
    program = get_program(request, program_id)
    found = get_promotion(program, promotion_id)
    form = PromotionForm(
        request.POST or None, tiers=tiers_of(program), initial=promotion_initial(found)
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form, program=program):
            update_promotion(promotion=found, **_facts(form), by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-promotions", program.id)
    return _show(request, program, form, found)


def _facts(form: PromotionForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "name": said["name"],
        "starts_at": said["starts_at"],
        "ends_at": said["ends_at"],
        "tier": form.chosen_tier,
    }


def get_promotion(program: Program, promotion_id: UUID) -> Promotion:
    """Return a promotion of the program that people may change.

    :raises Http404: if the program has no such promotion, or it has ended or is an experiment's.
    """
    found = next((one for one in promotions_of(program) if one.id == promotion_id), None)
    if found is None or found.is_for_variant:
        raise Http404
    return found


def _show(
    request: ConsoleRequest, program: Program, form: PromotionForm, promotion: Promotion | None
) -> HttpResponse:
    rows = rows_of(rule_rows(program, at=request.at), promotion=promotion) if promotion else []
    context = {"program": program, "form": form, "promotion": promotion, "rows": rows}
    status = 422 if form.errors else 200
    template = "console/programs/promotion.html"
    return show_page(request, template, context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def promotion_archive(
    request: ConsoleRequest, program_id: UUID, promotion_id: UUID
) -> HttpResponse:
    """End a promotion from now on, with its rules."""
    program = get_program(request, program_id)
    found = get_promotion(program, promotion_id)
    archive_promotion(promotion=found, by=request.actor, at=request.at)
    messages.success(request, _("%(name)s has ended.") % {"name": found.name})
    return redirect("console:program-promotions", program.id)
