"""The rules that decide about applications before a person does, and a look at the past."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.applications import Previewed, preview_rules, rules_of
from affiliates.review_rules import add_rule, move_rule, remove_rule, update_rule
from interfaces.console.access import acts, edits, reads
from interfaces.console.form_builder import STEPS
from interfaces.console.forms.joining import ReviewRuleForm, rule_initial
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.review_words import rule_words
from merchants.rights import Right
from programs.models import Program, ReviewRule, Verdict
from programs.questions import questions_of


@reads
def program_review(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the rules in their order, and what they would have done with the last applications."""
    program = get_program(request, program_id)
    questions, rules = questions_of(program), rules_of(program)
    previewed = preview_rules(program)
    context = {
        "rows": [
            {
                "rule": rule,
                "words": rule_words(rule, questions),
                "first": number == 0,
                "last": number == len(rules) - 1,
            }
            for number, rule in enumerate(rules)
        ],
        "previewed": [_told(row) for row in previewed],
        "counts": [
            {
                "label": verdict.label,
                "count": sum(row.review.verdict == verdict for row in previewed),
            }
            for verdict in Verdict
        ],
    }
    return show_tab(request, program, "program-review", context)


def _told(row: Previewed) -> dict[str, Any]:
    return {
        "enrollment": row.application.enrollment,
        "submitted_at": row.application.submitted_at,
        "verdict": row.review.verdict.label,
        "reason": row.review.reason,
        "differs": row.review.verdict.value not in (Verdict.REVIEW, _became(row)),
    }


def _became(row: Previewed) -> str:
    """Return the verdict that was given, as far as the enrollment still shows it."""
    status = row.application.enrollment.status
    return Verdict.REJECT if status == "REJECTED" else Verdict.APPROVE


@edits(Right.EDIT_PROGRAMS)
def review_rule_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a rule, after the others."""
    program = get_program(request, program_id)
    form = ReviewRuleForm(request.POST or None, questions=questions_of(program))
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            add_rule(program=program, draft=form.draft(), by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect("console:program-review", program.id)
    return _show_rule(request, program, form, None)


@edits(Right.EDIT_PROGRAMS)
def review_rule_edit(
    request: ConsoleRequest, program_id: UUID, review_rule_id: UUID
) -> HttpResponse:
    """Change a rule."""
    program = get_program(request, program_id)
    rule = _get_rule(program, review_rule_id)
    form = ReviewRuleForm(
        request.POST or None, initial=rule_initial(rule), questions=questions_of(program)
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_rule(
                program=program, rule=rule, draft=form.draft(), by=request.actor, at=request.at
            )
            messages.success(request, _("Saved."))
            return redirect("console:program-review", program.id)
    return _show_rule(request, program, form, rule)


def _get_rule(program: Program, rule_id: UUID) -> ReviewRule:
    found = next((rule for rule in rules_of(program) if rule.id == rule_id), None)
    if found is None:
        raise Http404
    return found


def _show_rule(
    request: ConsoleRequest, program: Program, form: ReviewRuleForm, rule: ReviewRule | None
) -> HttpResponse:
    context = {"program": program, "form": form, "rule": rule}
    status = 422 if form.errors else 200
    template = "console/programs/review_rule.html"
    return show_page(request, template, context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def review_rule_move(
    request: ConsoleRequest, program_id: UUID, review_rule_id: UUID
) -> HttpResponse:
    """Ask a rule earlier or later."""
    program = get_program(request, program_id)
    rule, step = _get_rule(program, review_rule_id), STEPS.get(request.POST.get("to", ""))
    if step is None:
        raise Http404
    move_rule(program=program, rule_id=rule.id, step=step, by=request.actor, at=request.at)
    return redirect("console:program-review", program.id)


@acts(Right.EDIT_PROGRAMS)
def review_rule_remove(
    request: ConsoleRequest, program_id: UUID, review_rule_id: UUID
) -> HttpResponse:
    """Ask a rule no more."""
    program = get_program(request, program_id)
    rule = _get_rule(program, review_rule_id)
    remove_rule(program=program, rule=rule, by=request.actor, at=request.at)
    messages.success(request, _("The rule is gone."))
    return redirect("console:program-review", program.id)
