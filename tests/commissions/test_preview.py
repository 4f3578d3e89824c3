"""preview: what would this conversion pay, by the same rules as the real thing."""

from datetime import datetime, timedelta

from commissions.models import Reward
from commissions.preview import Preview, Supposed, facts_of, preview
from commissions.rules import Basis
from commissions.services import Rate, end_rate, set_rate
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import NOON, Company


def sale_of(goal: Goal, basis: Basis, at: datetime) -> Preview:
    return preview(goal.program, facts_of(goal, Supposed(basis=basis), at))


def test_a_percentage_is_of_the_net_amount(acme: Company) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")

        found = sale_of(goal, Basis(10_000, 1_600, 400), NOON)

        assert found.rule is not None
        assert found.award is not None
        assert found.award.amount_minor == 800


def test_the_version_of_the_moment_pays(acme: Company) -> None:
    by = acting_user(acme.owner.user)
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        later = NOON + timedelta(days=10)
        set_rate(
            goal=goal, rate=Rate(Reward.FIXED, fixed_minor=300), by=by, at=NOON, valid_from=later
        )

        before = sale_of(goal, Basis(10_000), later - timedelta(seconds=1))
        after = sale_of(goal, Basis(10_000), later)

        assert before.award is not None
        assert after.award is not None
        assert (before.award.amount_minor, after.award.amount_minor) == (1_000, 300)


def test_an_ended_rate_pays_nothing_any_more(acme: Company) -> None:
    by = acting_user(acme.owner.user)
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        end_rate(goal=goal, by=by, at=NOON)

        assert sale_of(goal, Basis(10_000), NOON).award is None
        before = sale_of(goal, Basis(10_000), NOON - timedelta(seconds=1))
        assert before.award is not None


def test_a_goal_without_a_rate_pays_nothing(acme: Company) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="lead")

        found = sale_of(goal, Basis(10_000), NOON)

        assert (found.rule, found.award) == (None, None)
