"""Steps of a goal: asked for, explained, counted, removed while nobody did them."""

import pytest
from django.test import Client
from django.urls import reverse

from merchants.models import acting_user
from merchants.rights import Role
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from tests.cast import NOON, Company, Promoter, add_member, click_of
from tests.console.arrivals import store_step
from tests.console.conftest import SignIn, words
from tracking.services import CustomerReport, StepReportDraft, record_step


def goal_of(company: Company, code: str = "sale") -> Goal:
    """Return a goal of the program."""
    with merchant_context(company.id):
        return Goal.objects.get(program=company.program, code=code)


def url(name: str, company: Company, step: GoalStep | None = None) -> str:
    """Return a page of the goal `sale`."""
    ids = [company.program.id, goal_of(company).id]
    return reverse(f"console:{name}", args=[*ids, step.id] if step else ids)


def steps(company: Company) -> list[tuple[str, int]]:
    """Return the steps of the goal with how often each is to be done."""
    with merchant_context(company.id):
        return list(GoalStep.objects.order_by("created_at").values_list("code", "times"))


def do(company: Company, promoter: Promoter, code: str, customer: str) -> None:
    """Report that a customer did a step."""
    draft = StepReportDraft(
        step=code,
        external_id=f"{code}-{customer}",
        occurred_at=NOON,
        customer=CustomerReport(customer),
        click_token=click_of(promoter),
    )
    with merchant_context(company.id):
        record_step(
            program=company.program, report=draft, by=acting_user(company.owner.user), at=NOON
        )


def test_a_goal_without_steps_says_what_they_are_for(acme: Company, alice: Client) -> None:
    page = words(alice.get(url("goal-steps", acme)).content)

    assert "No steps: one report reaches this goal" in page
    goals = words(alice.get(reverse("console:program-goals", args=[acme.program.id])).content)
    assert "One report" in goals


def test_a_step_is_added_and_shown_with_its_call(acme: Company, alice: Client) -> None:
    facts = {"name": "Opened", "code": "opened", "times": "3"}

    answer = alice.post(url("step-create", acme), facts, follow=True)

    assert steps(acme) == [("opened", 3)]
    page = words(answer.content)
    assert "Opened opened 3 times 0" in page
    assert '"goal": "opened"' in page


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"code": "sale"}, "The program has a goal or step with this code."),
        ({"code": "installed"}, "The program has a goal or step with this code."),
        ({"code": "Not a code"}, "Use a-z, 0-9 and _ only."),
        ({"times": "0"}, "greater than or equal to 1"),
        ({"times": "9000000"}, "1000000 times at the most."),
    ],
)
def test_a_step_that_cannot_be_is_refused_beside_its_field(
    said: dict[str, str], expected: str, acme: Company, alice: Client
) -> None:
    store_step(acme)
    usual = {"name": "Opened", "code": "opened", "times": "1"}

    answer = alice.post(url("step-create", acme), usual | said)

    assert answer.status_code == 422
    assert expected in words(answer.content)
    assert "data-dialog-reopen" in answer.content.decode()
    assert steps(acme) == [("installed", 1)]


def test_how_far_people_are_is_counted(acme: Company, bob: Promoter, alice: Client) -> None:
    store_step(acme, code="installed")
    store_step(acme, code="opened")
    for code, customer in (("installed", "A"), ("installed", "B"), ("opened", "B")):
        do(acme, bob, code, customer)

    page = words(alice.get(url("goal-steps", acme)).content)

    assert "Began 2 did at least one step" in page
    assert "Reached the goal 1" in page
    assert "Installed installed once 2" in page
    assert "Opened opened once 1" in page
    goals = words(alice.get(reverse("console:program-goals", args=[acme.program.id])).content)
    assert "2 steps 1 of 2 reached it" in goals


def test_a_step_is_removed_only_while_nobody_did_it(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    kept, removed = store_step(acme, code="installed"), store_step(acme, code="opened")
    do(acme, bob, "installed", "A")

    answer = alice.post(url("step-remove", acme, kept), follow=True)
    alice.post(url("step-remove", acme, removed))

    assert "Nothing was changed: the step was reported already." in words(answer.content)
    assert steps(acme) == [("installed", 1)]


def test_viewers_see_steps_and_change_none(acme: Company, sign_in: SignIn) -> None:
    step = store_step(acme)
    viewer = sign_in(add_member(acme, "Vic", Role.VIEWER).user)

    page = viewer.get(url("goal-steps", acme)).content.decode()

    assert "installed" in page
    assert "add-step" not in page
    assert viewer.post(url("step-remove", acme, step)).status_code == 403
    assert steps(acme) == [("installed", 1)]
