"""Steps: a goal is reached once, when all of its steps are done, in whatever order."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import connections
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from tests.cast import NOON, Company, Promoter, click_of
from tests.facts import SALE_AT, credited, lines, sale, work
from tracking.models import Conversion, Customer, Source, StepReport
from tracking.services import (
    CurrencyMismatch,
    CustomerReport,
    GoalHasSteps,
    NobodysStep,
    StepOutcome,
    StepReportDraft,
    UnknownStep,
    erase_customer,
    record_all_reported,
    record_conversion,
    record_reported,
    record_step,
)


@pytest.fixture
def stepped(acme: Company) -> Company:
    """Return Acme, whose sale is an install and three deposits."""
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        own = {"merchant_id": acme.id, "program": acme.program, "goal": goal}
        GoalStep.objects.create(**own, code="install", name="Install")
        GoalStep.objects.create(**own, code="deposit", name="Deposit", times=3)
    return acme


def step(
    company: Company, code: str, external_id: str, *, is_test: bool = False, **facts: object
) -> StepOutcome:
    """Report a step of the customer c-1, if no one else is named."""
    said = {"customer": CustomerReport("c-1"), "occurred_at": SALE_AT, **facts}
    report = StepReportDraft(step=code, external_id=external_id, **said)
    with merchant_context(company.id):
        return record_step(
            program=company.program, report=report, by=SYSTEM, at=SALE_AT, is_test=is_test
        )


def done(outcome: StepOutcome) -> dict[str, int]:
    """Return how often each step was done."""
    return {row.step.code: row.done for row in outcome.progress}


def test_the_last_step_reaches_the_goal_exactly_once(stepped: Company, bob: Promoter) -> None:
    first = step(stepped, "install", "i-1", click_token=click_of(bob))
    assert (done(first), first.conversion) == ({"install": 1, "deposit": 0}, None)
    again = step(stepped, "install", "i-1")
    assert (again.is_new, done(again)) == (False, {"install": 1, "deposit": 0})
    assert step(stepped, "deposit", "d-1", amount_minor=1_000).conversion is None

    last = step(
        stepped,
        "deposit",
        "d-2",
        quantity=2,
        amount_minor=9_000,
        occurred_at=SALE_AT + timedelta(days=2),
    )
    more = step(stepped, "deposit", "d-3", amount_minor=5_000)
    work(stepped)

    assert last.completes
    assert last.conversion == more.conversion
    assert not more.completes
    with merchant_context(stepped.id):
        conversion = Conversion.objects.get()
        assert (conversion.source, conversion.amount_minor) == (Source.STEPS, 10_000)
        assert conversion.occurred_at == SALE_AT + timedelta(days=2)
        assert conversion.customer == Customer.objects.get(external_id="c-1")
        assert "c-1" not in conversion.external_id
    assert lines(stepped) == [1_000]


PARTS = [
    ("install", 1, 0, 5),
    ("deposit", 1, 1_000, 3),
    ("deposit", 1, 2_000, 9),
    ("deposit", 1, 3_000, 1),
]


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.permutations(range(len(PARTS))), repeats=st.lists(st.integers(0, 3), max_size=3))
def test_in_any_order_it_comes_to_the_same_conversion(
    stepped: Company, bob: Promoter, order: Sequence[int], repeats: list[int]
) -> None:
    customer = uuid4().hex
    clicks = [click_of(bob, at=NOON - timedelta(days=day)) for _c, _q, _a, day in PARTS]

    for number in [*order, *repeats]:
        code, quantity, amount_minor, day = PARTS[number]
        step(
            stepped,
            code,
            f"{customer}-{number}",
            customer=CustomerReport(customer),
            quantity=quantity,
            amount_minor=amount_minor,
            occurred_at=SALE_AT + timedelta(hours=day),
            click_token=clicks[number],
        )

    with merchant_context(stepped.id):
        conversion = Conversion.objects.get(customer__external_id=customer)
    assert conversion.amount_minor == 6_000
    assert conversion.occurred_at == SALE_AT + timedelta(hours=9)
    assert conversion.click_token == clicks[2]  # The one nine days ago.


def test_two_last_steps_at_once_make_one_conversion(stepped: Company) -> None:
    step(stepped, "deposit", "d-1", quantity=2)

    def report(code: str) -> bool:
        try:
            return step(stepped, code, f"{code}-last").completes
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        completed = list(pool.map(report, ["install", "deposit"]))

    assert sorted(completed) == [False, True]
    with merchant_context(stepped.id):
        assert Conversion.objects.count() == 1


def test_without_a_customer_the_click_is_the_subject(stepped: Company, bob: Promoter) -> None:
    token = click_of(bob)
    step(stepped, "install", "i-1", customer=None, click_token=token)
    step(stepped, "deposit", "d-1", customer=None, click_token=click_of(bob), quantity=3)

    outcome = step(stepped, "deposit", "d-2", customer=None, click_token=token, quantity=3)
    work(stepped)

    assert outcome.completes
    assert [name for _order, name in credited(stepped)] == ["Bob"]


def test_what_is_nobodys_or_unknown_is_refused(stepped: Company) -> None:
    with pytest.raises(NobodysStep):
        step(stepped, "install", "i-1", customer=None)
    with pytest.raises(UnknownStep):
        step(stepped, "sale", "i-1")
    with pytest.raises(CurrencyMismatch):
        step(stepped, "install", "i-1", currency="USD")


def test_a_goal_with_steps_is_not_reported_itself(stepped: Company) -> None:
    with merchant_context(stepped.id), pytest.raises(GoalHasSteps):
        record_conversion(program=stepped.program, report=sale(), by=SYSTEM, at=SALE_AT)


def test_a_report_may_name_a_step_as_its_goal(stepped: Company) -> None:
    def report(code: str, order: str) -> object:
        said = sale(order, goal=code, customer="c-1", amount_minor=0)
        with merchant_context(stepped.id):
            return record_reported(program=stepped.program, report=said, by=SYSTEM, at=SALE_AT)

    assert isinstance(report("install", "i-1"), StepOutcome)
    outcomes = [report("deposit", f"d-{number}") for number in range(3)]

    assert [row.completes for row in outcomes if isinstance(row, StepOutcome)] == [
        False,
        False,
        True,
    ]


def test_among_many_steps_and_goals_keep_their_places(stepped: Company) -> None:
    reports = [
        sale("l-1", goal="lead"),
        sale("i-1", goal="install", customer="c-1"),
        sale("s-1"),
        sale("i-2", goal="install"),
    ]

    with merchant_context(stepped.id):
        outcomes = record_all_reported(
            merchant_id=stepped.id,
            reports=[(stepped.program, report) for report in reports],
            by=SYSTEM,
            at=SALE_AT,
        )

    names = [type(row).__name__ for row in outcomes]
    assert names == ["Recorded", "StepOutcome", "GoalHasSteps", "NobodysStep"]


def test_a_browser_does_no_steps(stepped: Company) -> None:
    said = sale(goal="install", customer="c-1")
    with merchant_context(stepped.id), pytest.raises(GoalHasSteps):
        record_reported(
            program=stepped.program, report=said, by=SYSTEM, at=SALE_AT, source=Source.PIXEL
        )


def test_tests_steps_complete_tests(stepped: Company) -> None:
    step(stepped, "install", "i-1", is_test=True)
    step(stepped, "install", "i-1")
    assert step(stepped, "deposit", "d-1", quantity=3, is_test=True).completes
    work(stepped)

    with merchant_context(stepped.id):
        assert Conversion.objects.get().is_test
    assert lines(stepped) == []


def test_an_erased_customers_steps_name_nobody(stepped: Company) -> None:
    step(stepped, "install", "i-1", customer=CustomerReport("jane"))
    step(stepped, "deposit", "d-1", customer=CustomerReport("jane"), quantity=3)

    with merchant_context(stepped.id):
        erase_customer(customer=Customer.objects.get(), by=SYSTEM, at=NOON)

        assert not StepReport.objects.filter(subject__contains="jane").exists()
        assert not Conversion.objects.filter(external_id__contains="jane").exists()


def test_after_an_erasure_a_repeat_reaches_the_goal_no_more(stepped: Company) -> None:
    step(stepped, "install", "i-1")
    reached = step(stepped, "deposit", "d-1", quantity=3, amount_minor=9_000).conversion
    with merchant_context(stepped.id):
        erase_customer(customer=Customer.objects.get(), by=SYSTEM, at=NOON)

    again = [step(stepped, "install", "i-1"), step(stepped, "deposit", "d-1", quantity=3)]

    assert [(row.is_new, row.completes, row.conversion) for row in again] == [
        (False, False, reached),
        (False, False, reached),
    ]
    with merchant_context(stepped.id):
        assert Conversion.objects.count() == Customer.objects.count() == 1


def test_a_conversions_id_tells_nobody_whose_it_is(stepped: Company) -> None:
    step(stepped, "install", "i-1")
    reached = step(stepped, "deposit", "d-1", quantity=3).conversion
    assert reached is not None
    assert sha256(b"customer:c-1").hexdigest()[:32] not in reached.external_id

    with override_settings(SECRET_KEY="another"):  # A new key, and it is not reached again.
        assert step(stepped, "deposit", "d-2").conversion == reached
