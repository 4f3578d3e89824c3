"""Replays: a backtest shows what rules would cost, a recompute lists and then books differences."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from commissions.models import (
    Commission,
    Replay,
    ReplayDifference,
    ReplayKind,
    ReplayStatus,
    ReplayTotal,
)
from commissions.replays import run, run_replays
from commissions.services import decline_conversion
from commissions.services.replays import (
    TooManyReplays,
    apply_recompute,
    start_backtest,
    start_recompute,
    stop_replay,
)
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, acting_user
from merchants.tenancy import merchant_context
from programs.models import AttributionModel
from programs.services import update_program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell, settle
from tracking.services import record_refund

LATER = NOON + timedelta(days=2)
SPAN = {"happened_from": NOON - timedelta(days=30), "happened_until": NOON + timedelta(days=30)}
BASE = {"goal": "sale", "reward": "PERCENT", "rate_bps": 1_200}
LARGE = {
    "goal": "sale",
    "reward": "PERCENT",
    "rate_bps": 1_500,
    "conditions": [{"field": "amount_minor", "op": "gte", "value": 15_000}],
}


def backtest(company: Company, rules: Any, **more: Any) -> Replay:
    """Start a backtest by the owner."""
    with merchant_context(company.id):
        return start_backtest(
            program=company.program,
            proposed=rules,
            **{**SPAN, **more},
            by=acting_user(company.owner.user),
            at=LATER,
        )


def recompute(company: Company) -> Replay:
    """Start a recompute by the owner."""
    with merchant_context(company.id):
        return start_recompute(
            program=company.program, **SPAN, by=acting_user(company.owner.user), at=LATER
        )


def work(company: Company, limit: int = 2_000) -> int:
    """Do what the worker does until nothing is due; return the steps."""
    steps = 0
    while run_replays(merchant_id=company.id, at=LATER, limit=limit):
        steps += 1
    return steps


def found(company: Company, replay: Replay) -> Replay:
    """Return the replay as stored."""
    with merchant_context(company.id):
        return Replay.objects.get(id=replay.id)


def totals(company: Company, replay: Replay) -> dict[str, tuple[int, int, int]]:
    """Return conversions, before and after by affiliate."""
    with merchant_context(company.id):
        rows = ReplayTotal.objects.filter(replay=replay).select_related("enrollment__affiliate")
        return {
            row.enrollment.affiliate.name: (row.conversions, row.before_minor, row.after_minor)
            for row in rows
        }


def refund(company: Company, conversion: Any, amount_minor: int) -> None:
    """Give some of it back."""
    with merchant_context(company.id):
        record_refund(
            conversion=conversion,
            external_id="r",
            amount_minor=amount_minor,
            reason="",
            occurred_at=LATER,
            by=SYSTEM,
            at=LATER,
        )
    settle(company, at=LATER)


def share_among_all(company: Company) -> None:
    """Let all touches share alike from now on."""
    with merchant_context(company.id):
        update_program(
            program=company.program,
            changes={"attribution_model": AttributionModel.LINEAR},
            by=SYSTEM,
            at=NOON,
        )


@pytest.fixture
def dora(acme: Company) -> Promoter:
    """Return Dora, who promotes Acme, too."""
    return make_promoter(acme, "Dora")


@pytest.fixture
def sales(acme: Company, bob: Promoter, dora: Promoter) -> Company:
    """Return Acme with the sales of the worked example in docs/replays.md."""
    sell(acme, click=click_of(bob), amount_minor=10_000)
    half = sell(acme, click=click_of(bob), amount_minor=20_000)
    refund(acme, half, 5_000)
    gone = sell(acme, click=click_of(bob), amount_minor=6_000)
    with merchant_context(acme.id):
        decline_conversion(conversion=gone, reason="No.", by=SYSTEM, at=LATER)
    share_among_all(acme)
    shared(acme, bob, dora)
    return acme


def shared(company: Company, first: Promoter, second: Promoter) -> None:
    """Sell for 80.00 to somebody who came through both."""
    early, late = click_of(first), click_of(second, at=NOON + timedelta(minutes=1))
    sell(company, click=late, earlier=[early], amount_minor=8_000)


def test_the_worked_example_of_the_docs(sales: Company):
    replay = backtest(sales, [LARGE, BASE])

    work(sales)

    stored = found(sales, replay)
    assert stored.status == ReplayStatus.DONE
    assert (stored.total, stored.done) == (3, 3)
    assert totals(sales, replay) == {"Bob": (3, 2_900, 3_930), "Dora": (1, 400, 480)}
    assert (stored.before_minor, stored.after_minor) == (3_300, 4_410)


def test_the_rules_of_now_give_what_is_booked(sales: Company):
    replay = backtest(sales, [BASE | {"rate_bps": 1_000}])

    work(sales)

    assert all(before == after for _n, before, after in totals(sales, replay).values())


def test_a_backtest_changes_nothing(sales: Company):
    with merchant_context(sales.id):
        before = list(Commission.objects.order_by("id").values())
    backtest(sales, [BASE])

    work(sales)

    with merchant_context(sales.id):
        assert list(Commission.objects.order_by("id").values()) == before
        assert not ReplayDifference.objects.exists()


def test_levels_that_are_not_named_keep_their_rules(sales: Company, bob: Promoter):
    own = BASE | {"level": "ENROLLMENT", "enrollment": str(bob.enrollment.id), "rate_bps": 5_000}
    kept, alone = backtest(sales, [own]), backtest(sales, [own], replaces_all=True)

    work(sales)

    assert totals(sales, kept)["Dora"] == (1, 400, 400)
    assert totals(sales, alone)["Dora"] == (1, 400, 0)
    assert totals(sales, kept)["Bob"] == totals(sales, alone)["Bob"]


def test_batches_add_up_and_a_killed_worker_is_made_up_for(
    sales: Company, monkeypatch: pytest.MonkeyPatch
):
    replay = backtest(sales, [LARGE, BASE])
    derive: Callable[..., Any] = run.derive

    def die(*_args: Any, **_options: Any) -> Any:
        raise OperationalError("killed")

    assert run_replays(merchant_id=sales.id, at=LATER, limit=1) == 1
    monkeypatch.setattr(run, "derive", die)
    with pytest.raises(OperationalError):
        run_replays(merchant_id=sales.id, at=LATER, limit=1)
    between = found(sales, replay)
    monkeypatch.setattr(run, "derive", derive)
    work(sales, limit=1)

    assert (between.done, between.status) == (1, ReplayStatus.RUNNING)
    assert totals(sales, replay) == {"Bob": (3, 2_900, 3_930), "Dora": (1, 400, 480)}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("counts", "mode", "expected_minor"),
    [  # Five sales of 100.00: 10 % at first, 20 % from the third, or from 300.00 on.
        ("CONVERSIONS", "ONWARDS", 2 * 1_000 + 3 * 2_000),
        ("CONVERSIONS", "RETROACTIVE", 5 * 2_000),
        ("AMOUNT", "ONWARDS", 2 * 1_000 + 3 * 2_000),
        ("AMOUNT", "RETROACTIVE", 5 * 2_000),
    ],
)
def test_a_volume_counts_what_other_batches_hold(
    acme: Company, bob: Promoter, counts: str, mode: str, expected_minor: int, limit: int
):
    for hours in (1, 2, 2, 2, 5):  # Three of one moment.
        sell(acme, click=click_of(bob), at=NOON + timedelta(hours=hours))
    sell(acme, click=click_of(bob, at=NOON - timedelta(days=9)), at=NOON - timedelta(days=8))
    reached = 3 if counts == "CONVERSIONS" else 30_000
    first = 1 if counts == "CONVERSIONS" else 0
    steps = [{"from": first, "rate_bps": 1_000}, {"from": reached, "rate_bps": 2_000}]
    volume = {"period": "MONTH", "counts": counts, "mode": mode, "steps": steps}
    replay = backtest(acme, [{"goal": "sale", "reward": "VOLUME", "details": volume}])

    work(acme, limit)

    # The sale of February is of another month.
    assert found(acme, replay).after_minor == expected_minor + 1_000


def test_our_own_fault_ends_it_and_says_so(sales: Company, monkeypatch: pytest.MonkeyPatch):
    replay = backtest(sales, [BASE])
    monkeypatch.setattr(run, "derive", lambda *_args, **_options: 1 / 0)

    assert run_replays(merchant_id=sales.id, at=LATER) == 0

    stored = found(sales, replay)
    assert (stored.status, stored.finished_at) == (ReplayStatus.FAILED, LATER)
    assert stored.error
    assert run_replays(merchant_id=sales.id, at=LATER) == 0


def test_no_other_merchants_conversions_are_looked_at(
    sales: Company, globex: Company, carol: Promoter
):
    sell(globex, click=click_of(carol))
    replay = backtest(globex, [BASE])

    assert work(sales) == 0
    work(globex)

    assert totals(globex, replay) == {"Carol": (1, 1_000, 1_200)}


@pytest.mark.parametrize(
    ("rules", "field", "code"),
    [
        ([], "rules", "required"),
        ("x", "rules", "required"),
        ([1], "rules.0", "invalid"),
        ([BASE | {"x": 1}], "rules.0.x", "unknown_field"),
        ([BASE | {"goal": "x"}], "rules.0.goal", "unknown_goal"),
        ([BASE, BASE | {"level": "X"}], "rules.1.level", "invalid_choice"),
        ([BASE | {"level": "TIER"}], "rules.0.tier", "required"),
        ([BASE | {"level": "TIER", "tier": str(NOON)}], "rules.0.tier", "required"),
        ([BASE | {"tier": "x"}], "rules.0.tier", "not_with_level"),
        ([BASE | {"reward": "OVERRIDE"}], "rules.0.reward", "invalid_choice"),
        ([BASE | {"rate_bps": 10_001}], "rules.0.rate_bps", "max_value"),
        (
            [BASE | {"conditions": [{"field": "amount_minor", "op": "gte", "value": "x"}]}],
            "rules.0.conditions.0.value",
            "invalid",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_named(acme: Company, rules: Any, field: str, code: str):
    with pytest.raises(BadValue) as refusal:
        backtest(acme, rules)

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_another_merchants_affiliate_is_not_there(acme: Company, carol: Promoter):
    rule = BASE | {"level": "ENROLLMENT", "enrollment": str(carol.enrollment.id)}

    with pytest.raises(BadValue) as refusal:
        backtest(acme, [rule])

    assert (refusal.value.field, refusal.value.code) == ("rules.0.enrollment", "not_found")


def test_a_time_that_cannot_be_and_too_many_are_refused(acme: Company):
    with pytest.raises(BadValue, match="after the start"):
        backtest(acme, [BASE], happened_until=SPAN["happened_from"])
    for _number in range(5):
        backtest(acme, [BASE])

    with pytest.raises(TooManyReplays):
        recompute(acme)


def test_stopping_ends_it(sales: Company):
    replay = backtest(sales, [BASE])
    run_replays(merchant_id=sales.id, at=LATER, limit=1)

    with merchant_context(sales.id):
        stop_replay(replay=replay, by=SYSTEM, at=LATER)
        with pytest.raises(IllegalMove):
            stop_replay(replay=replay, by=SYSTEM, at=LATER)

    assert run_replays(merchant_id=sales.id, at=LATER) == 0
    assert found(sales, replay).done == 1


# Recompute ---------------------------------------------------------------------------------------


@pytest.fixture
def last_click(acme: Company, bob: Promoter, dora: Promoter) -> Company:
    """Return Acme where Dora's last click had all of a sale, and now all shall share."""
    early, late = click_of(bob), click_of(dora, at=NOON + timedelta(minutes=1))
    sell(acme, click=late, earlier=[early], amount_minor=10_000, external_id="shared")
    sell(acme, click=click_of(bob), amount_minor=5_000, external_id="alone")
    share_among_all(acme)
    return acme


def differences(company: Company, replay: Replay) -> set[tuple[str, str, int, int, int | None]]:
    """Return what the replay lists."""
    with merchant_context(company.id):
        rows = ReplayDifference.objects.filter(replay=replay).select_related(
            "enrollment__affiliate", "conversion"
        )
        return {
            (
                row.conversion.external_id,
                row.enrollment.affiliate.name,
                row.before_minor,
                row.after_minor,
                row.booked_minor,
            )
            for row in rows
        }


def net(company: Company) -> dict[str, int]:
    """Return what each affiliate has earned."""
    earned: dict[str, int] = {}
    with merchant_context(company.id):
        for line in Commission.objects.exclude(status="DECLINED").select_related("affiliate"):
            earned[line.affiliate.name] = earned.get(line.affiliate.name, 0) + line.amount_minor
    return earned


def apply(company: Company, replay: Replay) -> None:
    """Say that it shall be applied."""
    with merchant_context(company.id):
        apply_recompute(replay=replay, by=acting_user(company.owner.user), at=LATER)


def test_a_recompute_lists_each_difference_and_books_none(last_click: Company):
    replay = recompute(last_click)

    work(last_click)

    stored = found(last_click, replay)
    assert (stored.kind, stored.status) == (ReplayKind.RECOMPUTE, ReplayStatus.DONE)
    assert (stored.done, stored.differing) == (2, 1)
    assert (stored.before_minor, stored.after_minor) == (1_500, 1_500)
    assert differences(last_click, replay) == {
        ("shared", "Bob", 0, 500, None),
        ("shared", "Dora", 1_000, 500, None),
    }
    assert net(last_click) == {"Bob": 500, "Dora": 1_000}


def test_applying_books_what_was_listed_as_corrections(last_click: Company):
    replay = recompute(last_click)
    work(last_click)

    apply(last_click, replay)
    work(last_click)

    stored = found(last_click, replay)
    assert (stored.status, stored.applied_at) == (ReplayStatus.APPLIED, LATER)
    assert (stored.applied_count, stored.booked_minor) == (1, 0)
    assert stored.applied_by_id == last_click.owner.id
    assert differences(last_click, replay) == {
        ("shared", "Bob", 0, 500, 500),
        ("shared", "Dora", 1_000, 500, -500),
    }
    assert net(last_click) == {"Bob": 1_000, "Dora": 500}
    with pytest.raises(IllegalMove):
        apply(last_click, replay)


def test_a_second_recompute_finds_nothing(last_click: Company):
    apply_first = recompute(last_click)
    work(last_click)
    apply(last_click, apply_first)
    work(last_click)

    second = recompute(last_click)
    work(last_click)

    assert found(last_click, second).differing == 0
    assert differences(last_click, second) == set()


def test_applying_goes_on_after_an_interruption_and_books_once(
    last_click: Company, monkeypatch: pytest.MonkeyPatch
):
    from commissions.replays import apply as applying

    replay = recompute(last_click)
    work(last_click)
    apply(last_click, replay)
    keep: Callable[..., None] = applying._keep

    def die(*_args: Any) -> None:
        raise OperationalError("killed")

    monkeypatch.setattr(applying, "_keep", die)
    with pytest.raises(OperationalError):
        run_replays(merchant_id=last_click.id, at=LATER)
    between = net(last_click)
    monkeypatch.setattr(applying, "_keep", keep)
    work(last_click)

    assert between == {"Bob": 500, "Dora": 1_000}
    assert net(last_click) == {"Bob": 1_000, "Dora": 500}


def test_what_is_not_done_or_a_backtest_is_not_applied(last_click: Company):
    waiting = recompute(last_click)
    with pytest.raises(IllegalMove):
        apply(last_click, waiting)
    work(last_click)
    tried = backtest(last_click, [BASE])
    work(last_click)

    with pytest.raises(IllegalMove):
        apply(last_click, tried)
