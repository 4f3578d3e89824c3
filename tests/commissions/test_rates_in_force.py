"""rates_in_force: which version of each goal's rule pays at a moment."""

from datetime import timedelta

from commissions.models import Reward
from commissions.selectors import rates_in_force
from commissions.services import Rate, set_rate
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import NOON, Company


def test_each_goal_has_the_version_of_that_moment(acme: Company) -> None:
    with merchant_context(acme.id):
        sale = Goal.objects.get(program=acme.program, code="sale")
        rate = Rate(Reward.PERCENT, rate_bps=2_000)
        set_rate(goal=sale, rate=rate, by=SYSTEM, at=NOON, valid_from=NOON + timedelta(days=1))

        today = rates_in_force([acme.program.id], at=NOON)[acme.program.id]
        tomorrow = rates_in_force([acme.program.id], at=NOON + timedelta(days=1))[acme.program.id]

        assert [
            (row.goal.code, row.version.rate_bps if row.version else None) for row in today
        ] == [("signup", None), ("lead", None), ("sale", 1_000)]
        assert [row.version.rate_bps for row in tomorrow if row.version] == [2_000]


def test_another_merchants_programs_have_no_rates(acme: Company, globex: Company) -> None:
    with merchant_context(globex.id):
        assert rates_in_force([acme.program.id], at=NOON) == {acme.program.id: []}
