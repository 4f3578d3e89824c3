"""Goals: what a program pays for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import ChangeKind, Goal, GoalStep, Program
from programs.services.changes import log_change
from programs.services.history import record

STEPS_MAX = 20
TIMES_MAX = 1_000_000


class GoalTaken(Exception):
    """The program has a goal, or a step of one, with this code."""


class StepInUse(Exception):
    """The step was reported already: what was done for it cannot be forgotten."""


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal to be created, alone or with a program."""

    code: str
    name: str
    definition: str = ""
    window_days: int | None = None  # None, and an empty model: the program's.
    attribution_model: str = ""


STARTING_GOALS = (
    GoalDraft("signup", "Sign-up", "A new person opens an account."),
    GoalDraft("lead", "Lead", "A person asks to be contacted and leaves valid details."),
    GoalDraft("sale", "Sale", "A new order is paid."),
)


def add_goal(*, program: Program, draft: GoalDraft, by: Actor, at: datetime) -> Goal:
    """Add a goal; return it.

    :raises BadValue: if code, name or definition cannot be.
    :raises GoalTaken: if the program has a goal or step with this code.
    """
    code = cleaned(Goal, "code", draft.code)
    facts = {
        **_texts(draft.name, draft.definition),
        **_attribution(draft.window_days, draft.attribution_model),
    }
    try:
        with transaction.atomic():
            _lock_codes(program)
            if _steps(program).filter(code=code).exists():
                raise GoalTaken(code)
            goal = Goal.objects.create(
                merchant_id=program.merchant_id, program=program, code=code, **facts
            )
    except IntegrityError as error:
        raise GoalTaken(code) from error
    record(program, "program.goal_added", by, at, {"goal": code})
    return goal


def _texts(name: str, definition: str) -> dict[str, str]:
    return {
        "name": cleaned(Goal, "name", name),
        "definition": cleaned(Goal, "definition", definition),
    }


def update_goal(*, goal: Goal, name: str, definition: str, by: Actor, at: datetime) -> Goal:
    """Change a goal's name and definition; its code is for good. Return it.

    :raises BadValue: if name or definition cannot be.
    """
    before = {"name": goal.name, "definition": goal.definition}
    after = _texts(name, definition)
    goal.name, goal.definition = after["name"], after["definition"]
    goal.save(update_fields=["name", "definition"])
    record(goal.program, "program.goal_updated", by, at, {"before": before, "after": after})
    if before["definition"] != after["definition"]:
        log_change(goal.program, ChangeKind.GOALS, at=at, title=goal.name, body=goal.definition)
    return goal


def change_goal(*, goal: Goal, changes: dict[str, Any], by: Actor, at: datetime) -> Goal:
    """Change any of name, definition, window_days and attribution_model; return the goal.

    :raises BadValue: if one of them cannot be.
    :raises ValueError: if something else shall change.
    """
    words, attribution = {"name", "definition"}, {"window_days", "attribution_model"}
    if unknown := changes.keys() - words - attribution:
        raise ValueError(f"not editable: {', '.join(sorted(unknown))}")
    if changes.keys() & words:
        facts = {name: changes.get(name, getattr(goal, name)) for name in words}
        goal = update_goal(goal=goal, **facts, by=by, at=at)
    if changes.keys() & attribution:
        facts = {name: changes.get(name, getattr(goal, name)) for name in attribution}
        goal = set_goal_attribution(goal=goal, **facts, by=by, at=at)
    return goal


def set_goal_attribution(
    *, goal: Goal, window_days: int | None, attribution_model: str, by: Actor, at: datetime
) -> Goal:
    """Give a goal a window and a model of its own; None and empty are the program's. Return it.

    Conversions that were decided keep what they were decided by.

    :raises BadValue: if window or model cannot be.
    """
    before = {"window_days": goal.window_days, "attribution_model": goal.attribution_model}
    after = _attribution(window_days, attribution_model)
    if after == before:
        return goal
    goal.window_days, goal.attribution_model = after["window_days"], after["attribution_model"]
    goal.save(update_fields=["window_days", "attribution_model"])
    facts = {"goal": goal.code, "before": before, "after": after}
    record(goal.program, "program.goal_updated", by, at, facts)
    return goal


def _attribution(window_days: int | None, attribution_model: str) -> dict[str, Any]:
    return {
        "window_days": cleaned(Goal, "window_days", window_days),
        "attribution_model": cleaned(Goal, "attribution_model", attribution_model),
    }


def add_goal_step(
    *, goal: Goal, code: str, name: str, times: int, by: Actor, at: datetime
) -> GoalStep:
    """Add what must be done, `times` times, before the goal is reached; return it.

    :raises BadValue: if code, name or times cannot be, or the goal has STEPS_MAX steps.
    :raises GoalTaken: if the program has a goal or step with this code.
    """
    facts = {
        "code": cleaned(GoalStep, "code", code),
        "name": cleaned(GoalStep, "name", name),
        "times": cleaned(GoalStep, "times", times),
    }
    if times > TIMES_MAX:
        raise BadValue("times", "max_value", _("%d times at the most.") % TIMES_MAX)
    program = goal.program
    try:
        with transaction.atomic():
            _lock_codes(program)
            if Goal.objects.filter(
                merchant_id=program.merchant_id, program=program, code=code
            ).exists():
                raise GoalTaken(code)
            if _steps(program).filter(goal=goal).count() >= STEPS_MAX:
                raise BadValue("", "too_many", _("%d steps at the most.") % STEPS_MAX)
            step = GoalStep.objects.create(
                merchant_id=program.merchant_id, program=program, goal=goal, **facts
            )
    except IntegrityError as error:
        raise GoalTaken(code) from error
    record(program, "program.goal_step_added", by, at, {"goal": goal.code, **facts})
    return step


def remove_goal_step(*, step: GoalStep, by: Actor, at: datetime) -> None:
    """Ask no more for a step that nobody has done yet.

    :raises StepInUse: if it was reported.
    """
    facts = {"goal": step.goal.code, "code": step.code}
    program = step.program
    try:
        with transaction.atomic():
            step.delete()
    except (ProtectedError, IntegrityError) as error:
        raise StepInUse(step.code) from error
    record(program, "program.goal_step_removed", by, at, facts)


def _steps(program: Program) -> QuerySet[GoalStep]:
    return GoalStep.objects.filter(merchant_id=program.merchant_id, program=program)


def _lock_codes(program: Program) -> None:
    """Let one at a time add a code: goals and steps share them, and no constraint spans both."""
    Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
