"""Steps of a goal: their codes are the program's, and what was done is not forgotten."""

import pytest

from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from programs.selectors import steps_of
from programs.services import (
    GoalDraft,
    GoalTaken,
    StepInUse,
    add_goal,
    add_goal_step,
    remove_goal_step,
)
from tests.cast import NOON, Company
from tracking.models import StepReport


def add(goal: Goal, code: str = "install", *, name: str = "Install", times: int = 1) -> GoalStep:
    """Add a step to a goal."""
    return add_goal_step(goal=goal, code=code, name=name, times=times, by=SYSTEM, at=NOON)


@pytest.fixture
def lead(acme: Company) -> Goal:
    """Return one of Acme's goals."""
    with merchant_context(acme.id):
        return Goal.objects.get(code="lead")


def test_steps_are_asked_for_in_their_order(acme: Company, lead: Goal) -> None:
    with merchant_context(acme.id):
        add(lead, "install")
        add(lead, "open", times=3)

        found = [(step.code, step.times) for step in steps_of(lead)]
        assert found == [("install", 1), ("open", 3)]
        data = Event.objects.filter(type="program.goal_step_added").values_list("data", flat=True)
        assert {"goal": "lead", "code": "open", "name": "Install", "times": 3} in list(data)


@pytest.mark.parametrize("code", ["sale", "install"])
def test_goals_and_steps_share_their_codes(acme: Company, lead: Goal, code: str) -> None:
    with merchant_context(acme.id):
        add(lead, "install")

        with pytest.raises(GoalTaken):
            add(lead, code)
        with pytest.raises(GoalTaken):
            add_goal(program=acme.program, draft=GoalDraft(code, "N"), by=SYSTEM, at=NOON)

        assert GoalStep.objects.count() == 1
        assert Goal.objects.count() == 3


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"code": "Open"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "a" * 41}, "code"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"times": 0}, "times"),
        ({"times": 1_000_001}, "times"),
        ({"times": 10**12}, "times"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    acme: Company, lead: Goal, facts: dict[str, object], field: str
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            add(lead, **facts)  # type: ignore[arg-type]

        assert refused.value.field == field
        assert not GoalStep.objects.exists()


def test_a_step_goes_until_it_was_done_once(acme: Company, lead: Goal) -> None:
    with merchant_context(acme.id):
        unused, used = add(lead, "install"), add(lead, "open")
        StepReport.objects.create(
            merchant=acme.merchant,
            program=acme.program,
            goal=lead,
            step=used,
            subject="customer:1",
            external_id="1",
            occurred_at=NOON,
        )

        remove_goal_step(step=unused, by=SYSTEM, at=NOON)
        with pytest.raises(StepInUse):
            remove_goal_step(step=used, by=SYSTEM, at=NOON)

        assert steps_of(lead) == [used]
        assert Event.objects.filter(type="program.goal_step_removed").count() == 1
