"""The editor of a program's rules: new ones, new versions, their order, their end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from commissions.models import Rule
from commissions.rules import RuleInForce
from commissions.selectors import RuleHistory, promotions_of, rules_of_program
from commissions.services import RuleDraft, archive_rule, create_rule, reorder_rules, revise_rule
from common.refusals import BadValue
from interfaces.console.access import acts, edits
from interfaces.console.forms.fields import MoneyField
from interfaces.console.forms.rule_parts import raw_of, with_row, without_row
from interfaces.console.forms.rules import Choices, RuleForm, raw_of_post
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program
from interfaces.console.rule_rows import whom
from interfaces.console.rule_words import sample_minor, samples, sentence
from merchants.rights import Right
from programs.models import Program
from programs.selectors import goals_of, tiers_of

STARTED_BY = ("level", "tier", "promotion", "affiliate", "goal", "reward")  # Named in the address.


def choices_of(program: Program) -> Choices:
    """Return what a rule of the program may be for."""
    promotions = [row for row in promotions_of(program) if not row.is_for_variant]
    return Choices(goals_of(program), tiers_of(program), promotions)


@edits(Right.EDIT_PROGRAMS)
def rule_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Add a rule; the address may say for whom."""
    program = get_program(request, program_id)
    start = {name: request.GET[name] for name in STARTED_BY if name in request.GET}
    return _edit(request, program, None, {"reward": "PERCENT", "level": "PROGRAM", **start})


@edits(Right.EDIT_PROGRAMS)
def rule_edit(request: ConsoleRequest, program_id: UUID, rule_id: UUID) -> HttpResponse:
    """Give a rule a new version, from now or a later moment on."""
    program = get_program(request, program_id)
    found = get_history(program, rule_id)
    newest = raw_of(found.versions[0], currency=program.currency)
    return _edit(request, program, found.rule, {"name": found.rule.name, **newest})


def get_history(program: Program, rule_id: UUID) -> RuleHistory:
    """Return a rule of the program that people may change, with its versions.

    :raises Http404: if the program has no such rule, or it has ended or is an experiment's.
    """
    found = next((row for row in rules_of_program(program) if row.rule.id == rule_id), None)
    promotion = found.rule.promotion if found else None
    if found is None or (promotion is not None and promotion.is_for_variant):
        raise Http404
    return found


def _edit(
    request: ConsoleRequest, program: Program, rule: Rule | None, stored: dict[str, Any]
) -> HttpResponse:
    """Show the form, shape it anew, say what it says, or save it: as the button that was used."""
    posted = request.method == "POST"
    wish, _colon, path = request.POST.get("do", "").partition(":")
    raw = raw_of_post(request.POST) if posted else stored
    if wish == "add":
        raw = with_row(raw, path)
    elif wish == "remove":
        raw = without_row(raw, path)
    is_final = posted and wish in ("", "say")
    form = RuleForm(
        request.POST if is_final else None,
        program=program,
        choices=choices_of(program),
        raw=raw,
        is_new=rule is None,
    )
    if wish == "say":
        said = _said(request, program, rule, form)
        return render(request, "console/rules/said.html", {"said": said})
    if is_final and form.is_valid() and _saved(request, program, rule, form):
        return _go(request, reverse("console:program-rates", args=[program.id]))
    return _show(request, program, rule, form)


def _saved(request: ConsoleRequest, program: Program, rule: Rule | None, form: RuleForm) -> bool:
    try:
        if rule is None:
            create_rule(
                program=program,
                draft=_draft(form),
                by=request.actor,
                at=request.at,
                valid_from=form.holds_from,
            )
            messages.success(request, _("The rule is set."))
        else:
            revise_rule(
                rule=rule,
                draft=_draft(form, rule),
                by=request.actor,
                at=request.at,
                valid_from=form.holds_from,
            )
            messages.success(request, _("Saved. What happened before keeps what it had."))
    except BadValue as error:
        form.refuse(error)
        return False
    return True


def _draft(form: RuleForm, rule: Rule | None = None) -> RuleDraft:
    reward = form.cleaned_reward
    content = {
        "name": form.cleaned_data["name"],
        "reward": reward.reward,
        "fixed_minor": reward.fixed_minor,
        "rate_bps": reward.rate_bps,
        "details": reward.details,
        "conditions": form.cleaned_conditions,
    }
    if rule is not None:
        return RuleDraft(level=rule.level, goal=rule.goal, **content)
    return RuleDraft(
        level=form.cleaned_data["level"], goal=form.chosen_goal, **form.target, **content
    )


def _said(
    request: ConsoleRequest, program: Program, rule: Rule | None, form: RuleForm
) -> dict[str, Any]:
    """Return the rule in words and what it would pay for the sample."""
    form.full_clean()
    wording = form.wording()
    if wording is None:
        return {}
    goal = rule.goal if rule is not None else form.chosen_goal
    amount_minor = _sample(request, program)
    return _told(request, program, wording, goal.name if goal else None, amount_minor)


def _told(
    request: ConsoleRequest,
    program: Program,
    wording: RuleInForce,
    goal: str | None,
    amount_minor: int,
) -> dict[str, Any]:
    currency = program.currency
    return {
        "sentence": sentence(wording, goal=goal, currency=currency),
        "samples": samples(wording, amount_minor=amount_minor, currency=currency, at=request.at),
    }


def _sample(request: ConsoleRequest, program: Program) -> int:
    field = MoneyField(currency=program.currency, required=False)
    try:
        typed: int | None = field.clean(request.POST.get("sample", ""))
    except ValidationError:
        typed = None
    return sample_minor(program.currency) if typed is None else typed


def _show(
    request: ConsoleRequest, program: Program, rule: Rule | None, form: RuleForm
) -> HttpResponse:
    field = MoneyField(currency=program.currency)
    typed = request.POST.get("sample")
    context = {
        "program": program,
        "rule": rule,
        "form": form,
        "is_new": rule is None,
        "is_base": rule is not None and rule.is_base,
        "title": _("New rule") if rule is None else _("Change the rule"),
        "lead": "" if rule is None else whom(rule),
        "save_label": _("Set the rule") if rule is None else _("Save as a new version"),
        "sample": typed or field.prepare_value(sample_minor(program.currency)),
        "said": _said(request, program, rule, form) if form.is_bound else {},
    }
    status = 422 if form.is_bound and form.errors else 200
    return show_page(request, "console/rules/form.html", context, nav="programs", status=status)


def _go(request: ConsoleRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


# Order and end -----------------------------------------------------------------------------------


@acts(Right.EDIT_PROGRAMS)
def rule_move(request: ConsoleRequest, program_id: UUID, rule_id: UUID) -> HttpResponse:
    """Let a rule be asked one place earlier or later among those of its level and target."""
    program = get_program(request, program_id)
    rule = get_history(program, rule_id).rule
    step = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if step is None or rule.is_base:
        raise Http404
    rules = [row.rule for row in rules_of_program(program) if _is_beside(row.rule, rule)]
    place = rules.index(rule)
    other = place + step
    if 0 <= other < len(rules):
        rules[place], rules[other] = rules[other], rules[place]
        reorder_rules(program=program, rules=rules, by=request.actor, at=request.at)
    return redirect(f"{reverse('console:program-rates', args=[program.id])}#rule-{rule.id}")


def _is_beside(one: Rule, other: Rule) -> bool:
    names = ("level", "tier_id", "promotion_id", "enrollment_id", "link_id", "is_base")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@acts(Right.EDIT_PROGRAMS)
def rule_archive(request: ConsoleRequest, program_id: UUID, rule_id: UUID) -> HttpResponse:
    """End a rule from now on."""
    program = get_program(request, program_id)
    archive_rule(rule=get_history(program, rule_id).rule, by=request.actor, at=request.at)
    messages.success(request, _("The rule has ended. What happened before keeps it."))
    return redirect("console:program-rates", program.id)
