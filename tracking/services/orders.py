"""The order that a later fact is about: a refund's, a status report's."""

from programs.models import Goal, Program
from tracking.models import Conversion
from tracking.services.reports import UnknownGoal

USUAL_GOAL = "sale"


def goal_of_order(*, program: Program, code: str, order_id: str, is_test: bool) -> Goal:
    """Return the goal of this code; without a code, the goal that the order is of.

    An order that is not known yet is taken for a sale, or for the program's only goal.

    :raises UnknownGoal: if there is no such goal, or none that could be meant.
    """
    goals = list(Goal.objects.filter(merchant_id=program.merchant_id, program=program))
    if code:
        meant = [goal for goal in goals if goal.code == code]
    else:
        orders = Conversion.objects.filter(
            merchant_id=program.merchant_id,
            program=program,
            external_id=order_id,
            is_test=is_test or program.is_test,
        )
        known = set(orders.values_list("goal_id", flat=True)[:2])
        meant = [goal for goal in goals if goal.id in known]
        meant = meant or [goal for goal in goals if goal.code == USUAL_GOAL] or goals
    if len(meant) != 1:
        raise UnknownGoal(code)
    return meant[0]


def find_order(*, program: Program, goal: Goal, order_id: str, is_test: bool) -> Conversion | None:
    """Return the conversion that was reported under this id, if it was."""
    return Conversion.objects.filter(
        merchant_id=program.merchant_id,
        program=program,
        goal=goal,
        external_id=order_id,
        is_test=is_test or program.is_test,
    ).first()
