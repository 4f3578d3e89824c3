"""“What would this pay?”: a conversion that has not happened, by the functions that decide."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from affiliates.models import Status
from affiliates.selectors import enrollments_of
from commissions.models import Level, Reward
from commissions.preview import Asked, Preview, preview
from commissions.rules import RuleInForce
from commissions.words import describe_award
from interfaces.console.access import reads
from interfaces.console.forms.fields import MoneyField
from interfaces.console.forms.simulator import SimulatorForm
from interfaces.console.pages import ConsoleRequest
from interfaces.console.programs import get_program, show_tab
from interfaces.console.rule_words import grant_words, look_words, sample_minor, sentence
from interfaces.console.wording import money
from programs.models import Goal, Program
from programs.selectors import goals_of


@reads
def program_simulator(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say which rules would be asked for a conversion, and what it would pay."""
    program = get_program(request, program_id)
    goals = goals_of(program)
    asked = "amount" in request.GET
    form = SimulatorForm(request.GET if asked else _usual(program), program=program, goals=goals)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        facts = form.facts(request.at)
        found = preview(program, facts, enrollment=form.enrollment, volume=form.volume)
        context["result"] = _told(form, found, facts.basis.net_minor, goals)
    if request.htmx:
        return render(request, "console/programs/simulated.html", context)
    return show_tab(request, program, "program-simulator", context)


def _usual(program: Program) -> dict[str, Any] | None:
    """Return a usual sale of the affiliate who joined last; nothing while there is nobody."""
    approved = enrollments_of(program.merchant_id).filter(program=program, status=Status.APPROVED)
    enrollment = approved.first()
    if enrollment is None:
        return None
    amount = MoneyField(currency=program.currency).prepare_value(sample_minor(program.currency))
    return {"affiliate": enrollment.code, "goal": "sale", "amount": amount}


def _told(form: SimulatorForm, found: Preview, net_minor: int, goals: list[Goal]) -> dict[str, Any]:
    names, program = {goal.id: goal.name for goal in goals}, form.program
    return {
        "asked": [_asked(one, names, program) for one in found.asked],
        "enrollment": form.enrollment,
        "paid": money(found.paid_minor, program.currency) if found.rule else "",
        "sum": _sum(found, net_minor, program),
        "exact": found.award.arithmetic if found.award else (),
        "cut": _cut(found, program),
        "grants": [grant_words(one, program.currency) for one in found.award.grants]
        if found.award
        else [],
        "left_out": _left_out(form, found),
    }


def _asked(one: Asked, names: dict[Any, str], program: Program) -> dict[str, Any]:
    rule: RuleInForce = one.rule
    goal = names.get(rule.goal_id)
    return {
        "level": Level(rule.level).label,
        "words": sentence(rule, goal=goal, currency=program.currency),
        "name": rule.name,
        "matched": one.look.matched,
        "reason": look_words(one.look.reason),
    }


def _sum(found: Preview, net_minor: int, program: Program) -> str:
    if found.rule is None or found.award is None:
        return ""
    return describe_award(
        found.rule,
        net_minor=net_minor,
        earned_minor=found.award.amount_minor,
        currency=program.currency,
        language=get_language() or "en",
    )


def _left_out(form: SimulatorForm, found: Preview) -> list[str]:
    """Say what else would decide on a real conversion of these."""
    said = []
    if found.rule and found.rule.reward == Reward.VOLUME and not form.says_volume:
        said.append(
            _(
                "It is taken as the first of its period. Say under “Items, tax, volume and more” "
                "how many came before it."
            )
        )
    if found.budgets:
        words = ngettext(
            "A budget counts it, too, and is not asked here.",
            "%(count)s budgets count it, too, and are not asked here.",
            found.budgets,
        )
        said.append(words % {"count": found.budgets})
    if found.recruiter:
        words = _("What %(recruiter)s gets for having brought them comes on top.")
        said.append(words % {"recruiter": found.recruiter})
    return said


def _cut(found: Preview, program: Program) -> str:
    if not found.is_cut:
        return ""
    return _("The largest effective percentage of the program leaves %(paid)s of it.") % {
        "paid": money(found.paid_minor, program.currency)
    }
