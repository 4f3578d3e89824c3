"""Steps of a goal: what must be done before it is reached. Reports of them are in `steps`."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Moment, Name, Plain, Strict, Whole
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import GOAL_CODE, goal_of, programs
from merchants.rights import Scope
from programs.models import GoalStep
from programs.services import TIMES_MAX, add_goal_step, remove_goal_step


class GoalStepSerializer(serializers.Serializer[Any]):
    """Something a customer does, so many times."""

    code = serializers.CharField()
    name = serializers.CharField()
    times = serializers.IntegerField()
    created_at = Moment()


class NewGoalStepSerializer(Strict):
    """A step; its code is no other step's and no goal's of the program, and for good."""

    code = Plain(GOAL_CODE, max_length=40)
    name = Name(max_length=80)
    times = Whole(min_value=1, max_value=TIMES_MAX, required=False, default=1)


def goal_steps(call: Call, program_id: UUID, goal_code: str) -> QuerySet[GoalStep]:
    """Return the steps of a goal of the merchant's."""
    goal = goal_of(call, one(programs(call), program_id), goal_code)
    own = GoalStep.objects.filter(merchant_id=call.merchant_id, goal=goal)
    return own.select_related("goal", "program")


class GoalSteps(MerchantView):
    """The steps of a goal."""

    @endpoint("List steps of a goal", gives=GoalStepSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID, code: str) -> QuerySet[GoalStep]:
        return goal_steps(call, id, code)

    @endpoint(
        "Add a step to a goal",
        gives=GoalStepSerializer,
        takes=NewGoalStepSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="A goal with steps is reached when each was done, in any order.",
        example={"code": "first_open", "name": "Opened the app", "times": 3},
    )
    def post(self, call: Call, id: UUID, code: str) -> GoalStep:
        goal = goal_of(call, one(programs(call), id), code)
        return add_goal_step(goal=goal, **call.body, by=call.by, at=call.at)


class RemoveGoalStep(MerchantView):
    """Ask no more for a step."""

    @endpoint(
        "Remove a step of a goal",
        gives=GoalStepSerializer,
        scope=Scope.PROGRAMS,
        description="Only while nobody has done it.",
    )
    def post(self, call: Call, id: UUID, code: str, step: str) -> GoalStep:
        row = found(goal_steps(call, id, code).filter(code=step).first())
        remove_goal_step(step=row, by=call.by, at=call.at)
        return row
