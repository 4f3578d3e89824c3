"""Goals: what a program pays for."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from merchants.models import Actor
from programs.models import Goal, Program
from programs.services.history import record


class GoalTaken(Exception):
    """The program has a goal with this code."""


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal to be created with a program."""

    code: str
    name: str
    definition: str = ""


STARTING_GOALS = (
    GoalDraft("signup", "Sign-up", "A new person opens an account."),
    GoalDraft("lead", "Lead", "A person asks to be contacted and leaves valid details."),
    GoalDraft("sale", "Sale", "A new order is paid."),
)


def add_goal(*, program: Program, draft: GoalDraft, by: Actor, at: datetime) -> Goal:
    """Add a goal; return it.

    :raises GoalTaken: if the program has one with this code.
    """
    try:
        with transaction.atomic():
            goal = Goal.objects.create(
                merchant_id=program.merchant_id,
                program=program,
                code=draft.code,
                name=draft.name,
                definition=draft.definition,
            )
    except IntegrityError as error:
        raise GoalTaken(draft.code) from error
    record(program, "program.goal_added", by, at, {"goal": draft.code})
    return goal


def update_goal(*, goal: Goal, name: str, definition: str, by: Actor, at: datetime) -> Goal:
    """Change a goal's name and definition; its code is for good. Return it."""
    before = {"name": goal.name, "definition": goal.definition}
    goal.name, goal.definition = name, definition
    goal.save(update_fields=["name", "definition"])
    after = {"name": name, "definition": definition}
    record(goal.program, "program.goal_updated", by, at, {"before": before, "after": after})
    return goal
