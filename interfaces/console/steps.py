"""The steps of a goal: what has to happen, how often, before it is reached."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.refusals import BadValue
from interfaces.console.access import acts, reads
from interfaces.console.forms.steps import StepForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.programs import get_program
from interfaces.console.snippets import conversion_call
from merchants.rights import Right
from programs.models import Goal, Program
from programs.selectors import goals_of, steps_of
from programs.services import GoalTaken, StepInUse, add_goal_step, remove_goal_step
from tracking.selectors import Progress, done_by_step, progress_of


def get_goal(program: Program, goal_id: UUID) -> Goal:
    """Return a goal of the program.

    :raises Http404: if the program has no such goal.
    """
    goal = next((goal for goal in goals_of(program) if goal.id == goal_id), None)
    if goal is None:
        raise Http404
    return goal


@reads
def goal_steps(request: ConsoleRequest, program_id: UUID, goal_id: UUID) -> HttpResponse:
    """Show a goal's steps, how far people are, and how a step is reported."""
    program = get_program(request, program_id)
    return _show(request, program, get_goal(program, goal_id), StepForm(initial={"times": 1}))


def _show(request: ConsoleRequest, program: Program, goal: Goal, form: StepForm) -> HttpResponse:
    steps = steps_of(goal)
    done = done_by_step(goal, steps)
    context: dict[str, Any] = {
        "program": program,
        "goal": goal,
        "rows": [{"step": step, "done": done[step.id]} for step in steps],
        "progress": progress_of(program).get(goal.id, Progress()),
        "call": conversion_call(program, goal=steps[0].code) if steps else "",
        "form": form,
    }
    status = 422 if form.errors else 200
    return show_page(request, "console/programs/steps.html", context, nav="programs", status=status)


@acts(Right.EDIT_PROGRAMS)
def step_create(request: ConsoleRequest, program_id: UUID, goal_id: UUID) -> HttpResponse:
    """Ask for one more step."""
    program = get_program(request, program_id)
    goal = get_goal(program, goal_id)
    form = StepForm(request.POST)
    if form.is_valid() and _added(request, goal, form):
        messages.success(request, _("Added. The goal is reached when every step is done."))
        return redirect("console:goal-steps", program.id, goal.id)
    return _show(request, program, goal, form)


def _added(request: ConsoleRequest, goal: Goal, form: StepForm) -> bool:
    try:
        add_goal_step(goal=goal, **form.cleaned_data, by=request.actor, at=request.at)
    except GoalTaken:
        form.add_error("code", _("The program has a goal or step with this code."))
    except BadValue as error:
        form.add_error(error.field or None, str(error))
    return not form.errors


@acts(Right.EDIT_PROGRAMS)
def step_remove(
    request: ConsoleRequest, program_id: UUID, goal_id: UUID, step_id: UUID
) -> HttpResponse:
    """Ask no more for a step that nobody has done."""
    program = get_program(request, program_id)
    goal = get_goal(program, goal_id)
    step = next((step for step in steps_of(goal) if step.id == step_id), None)
    if step is None:
        raise Http404
    try:
        remove_goal_step(step=step, by=request.actor, at=request.at)
    except StepInUse:
        messages.error(request, _("Nothing was changed: the step was reported already."))
    else:
        messages.success(request, _("Removed."))
    return redirect("console:goal-steps", program.id, goal.id)
