"""Two workers at one replay, each on its own connection: each conversion is looked at once."""

from datetime import timedelta

import pytest

from commissions.models import Commission, Replay, ReplayDifference, ReplayStatus, ReplayTotal
from commissions.replays import run_replays
from commissions.services.replays import apply_recompute, start_backtest, start_recompute
from merchants.models import SYSTEM, acting_user
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import AttributionModel
from programs.services import update_program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.commissions.test_concurrency import at_once

LATER = NOON + timedelta(days=2)
SPAN = {"happened_from": NOON - timedelta(days=30), "happened_until": NOON + timedelta(days=30)}
SALES = 12


@pytest.fixture
def sales(acme: Company, bob: Promoter) -> Company:
    """Return Acme where Dora's last clicks had all of twelve sales, and now all shall share."""
    dora = make_promoter(acme, "Dora")
    for number in range(SALES):
        early, late = click_of(bob), click_of(dora, at=NOON + timedelta(minutes=1))
        sell(acme, click=late, earlier=[early], external_id=f"o-{number}")
    with merchant_context(acme.id):
        update_program(
            program=acme.program,
            changes={"attribution_model": AttributionModel.LINEAR},
            by=SYSTEM,
            at=NOON,
        )
    return acme


def work(company: Company) -> None:
    """Let two workers do what is due, until both find nothing."""

    def run() -> None:
        idle = 0
        while idle < 5:  # What the other one has locked, it skips.
            idle = 0 if run_replays(merchant_id=company.id, at=LATER, limit=2) else idle + 1

    assert at_once([run, run]) == []
    while run_replays(merchant_id=company.id, at=LATER, limit=2):
        pass


def found(company: Company, replay: Replay) -> Replay:
    """Return the replay as it is now."""
    with merchant_context(company.id):
        return Replay.objects.get(id=replay.id)


def test_a_backtest_counts_each_conversion_once(sales: Company) -> None:
    rules = [{"goal": "sale", "reward": "PERCENT", "rate_bps": 1_200}]
    with merchant_context(sales.id):
        replay = start_backtest(
            program=sales.program,
            proposed=rules,
            **SPAN,
            by=acting_user(sales.owner.user),
            at=LATER,
        )

    work(sales)

    stored = found(sales, replay)
    assert (stored.status, stored.total, stored.done) == (ReplayStatus.DONE, SALES, SALES)
    assert (stored.before_minor, stored.after_minor) == (12_000, 14_400)
    with merchant_context(sales.id):
        assert ReplayTotal.objects.get(replay=replay).conversions == SALES


def test_a_recompute_is_booked_once(sales: Company) -> None:
    by = acting_user(sales.owner.user)
    with merchant_context(sales.id):
        replay = start_recompute(program=sales.program, **SPAN, by=by, at=LATER)
    work(sales)
    assert found(sales, replay).differing == SALES

    with merchant_context(sales.id):
        apply_recompute(replay=replay, by=by, at=LATER)
    work(sales)

    stored = found(sales, replay)
    assert (stored.status, stored.applied_count) == (ReplayStatus.APPLIED, SALES)
    with merchant_context(sales.id):
        assert check_money(sales.id) == []
        booked = ReplayDifference.objects.filter(replay=replay)
        assert sorted(booked.values_list("booked_minor", flat=True)) == [-500] * 12 + [500] * 12
        corrections = Commission.objects.filter(kind="ADJUSTMENT")
        assert sorted(corrections.values_list("amount_minor", flat=True)) == (
            [-500] * SALES + [500] * SALES
        )
