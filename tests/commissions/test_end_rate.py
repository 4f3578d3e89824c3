"""Ending and changing rates: what happened before keeps its rate, what comes after does not."""

from datetime import timedelta

from commissions.models import Commission, Reward
from commissions.selectors import rate_histories
from commissions.services import Rate, change_rates, end_rate, set_rate
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import NOON, Company, Promoter, click_of, sell
from tracking.models import Reason

LATER = NOON + timedelta(days=1)


def end_sale_rate(acme: Company) -> Goal:
    """End what Acme pays per sale at LATER; return the goal."""
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        end_rate(goal=goal, by=SYSTEM, at=LATER)
        end_rate(goal=goal, by=SYSTEM, at=LATER + timedelta(hours=1))
    return goal


def test_a_sale_before_the_end_is_paid_and_one_at_the_end_is_not(
    acme: Company, bob: Promoter
) -> None:
    end_sale_rate(acme)

    before = sell(acme, click=click_of(bob), at=LATER - timedelta(seconds=1))
    after = sell(acme, click=click_of(bob), at=LATER)

    with merchant_context(acme.id):
        assert [line.conversion_id for line in Commission.objects.all()] == [before.id]
        assert after.reason == Reason.NO_RULE


def test_a_new_rate_after_the_end_pays_again(acme: Company, bob: Promoter) -> None:
    goal = end_sale_rate(acme)
    again = LATER + timedelta(days=1)

    with merchant_context(acme.id):
        set_rate(goal=goal, rate=Rate(Reward.FIXED, fixed_minor=500), by=SYSTEM, at=again)
        history = {row.goal.code: row for row in rate_histories(acme.program, at=again)}["sale"]
        assert history.current is not None
        assert history.current.fixed_minor == 500
        assert len(history.versions) == 2
    sell(acme, click=click_of(bob), at=again + timedelta(hours=1))

    with merchant_context(acme.id):
        assert Commission.objects.get().amount_minor == 500


def test_changing_rates_makes_versions_only_of_what_changed(acme: Company) -> None:
    with merchant_context(acme.id):
        goals = Goal.objects.filter(program=acme.program)
        lead, sale = goals.get(code="lead"), goals.get(code="sale")
        ten = Rate(Reward.PERCENT, rate_bps=1_000)
        five = Rate(Reward.FIXED, fixed_minor=500)

        change_rates(program=acme.program, rates=[(sale, ten), (lead, five)], by=SYSTEM, at=LATER)
        versions = {
            row.goal.code: [(one.version, one.reward) for one in row.versions]
            for row in rate_histories(acme.program, at=LATER)
        }
        assert versions == {
            "signup": [],
            "lead": [(1, Reward.FIXED)],
            "sale": [(1, Reward.PERCENT)],
        }

        change_rates(program=acme.program, rates=[(sale, None)], by=SYSTEM, at=LATER)
        paying = [row.goal.code for row in rate_histories(acme.program, at=LATER) if row.current]
        assert paying == ["lead"]
