"""How far people are with goals that have several steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from programs.models import Goal, GoalStep, Program
from tracking.models import Conversion, Source, StepReport


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people have begun a goal of several steps, and how many have reached it."""

    begun: int = 0
    reached: int = 0


def progress_of(program: Program) -> dict[UUID, Progress]:
    """Return the progress of each goal of the program that a step was reported of, by its id.

    Tests do not count.
    """
    begun = _reports(program).values_list("goal_id")
    begun_by_goal = dict(begun.annotate(count=Count("subject", distinct=True)))
    reached = Conversion.objects.filter(
        merchant_id=program.merchant_id, program=program, source=Source.STEPS, is_test=False
    )
    reached_by_goal = dict(reached.values_list("goal_id").annotate(count=Count("id")))
    return {
        goal_id: Progress(begun_by_goal.get(goal_id, 0), reached_by_goal.get(goal_id, 0))
        for goal_id in begun_by_goal.keys() | reached_by_goal.keys()
    }


def done_by_step(goal: Goal, steps: Sequence[GoalStep]) -> dict[UUID, int]:
    """Return how many people have done each of the goal's steps as often as it asks."""
    if not steps:
        return {}
    by_person = _reports(goal.program).filter(goal=goal).values("step_id", "subject")
    done = by_person.annotate(times=Sum("quantity")).aggregate(
        **{
            step.id.hex: Count("subject", filter=Q(step_id=step.id, times__gte=step.times))
            for step in steps
        }
    )
    return {step.id: done[step.id.hex] for step in steps}


def _reports(program: Program) -> QuerySet[StepReport]:
    reports = StepReport.objects.filter(merchant_id=program.merchant_id, program=program)
    return reports.filter(is_test=False).order_by()
