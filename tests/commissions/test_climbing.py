"""next_tier: up at once, down after the grace and the lock, never below the floor."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.models import MoveCause
from commissions.ladders import Rung, Standing, Verdict, next_tier
from programs.models import Metric
from tests.cast import NOON

BRONZE, SILVER, GOLD, VIP = (UUID(int=number) for number in range(1, 5))
SALES, REVENUE = Metric.CONVERSIONS.value, Metric.REVENUE.value
RUNGS = [
    Rung(BRONZE, {SALES: 1}),
    Rung(VIP),  # By hand alone.
    Rung(SILVER, {SALES: 10}),
    Rung(GOLD, {SALES: 20, REVENUE: 100_000}),
]
GRACE = timedelta(days=14)
LONG_AGO = NOON - timedelta(days=60)


def judged(tier_id: UUID | None, sales: int, **facts: object) -> Verdict:
    """Return the verdict on somebody who made so many sales in a rolling period."""
    figures = {SALES: sales, REVENUE: sales * 10_000}
    standing = Standing(tier_id=tier_id, figures=figures, **{"closed": figures, **facts})  # type: ignore[arg-type]
    return next_tier(rungs=RUNGS, standing=standing, demotes=True, grace=GRACE, at=NOON)


@pytest.mark.parametrize(
    ("_case", "verdict", "expected"),
    [
        ("nothing brought, nothing changes", judged(None, 0), Verdict(None)),
        (
            "the first sale is enough for Bronze",
            judged(None, 1),
            Verdict(BRONZE, MoveCause.REACHED),
        ),
        ("up several rungs at once", judged(BRONZE, 20), Verdict(GOLD, MoveCause.REACHED)),
        ("9 sales are not 10", judged(BRONZE, 9), Verdict(BRONZE)),
        ("by hand, then up by figures", judged(VIP, 10), Verdict(SILVER, MoveCause.REACHED)),
        ("by hand, and never down", judged(VIP, 0), Verdict(VIP)),
        ("missed since now", judged(GOLD, 12), Verdict(GOLD, missed_since=NOON)),
        (
            "the grace is not over",
            judged(GOLD, 12, missed_since=NOON - GRACE + timedelta(seconds=1)),
            Verdict(GOLD, missed_since=NOON - GRACE + timedelta(seconds=1)),
        ),
        (
            "down after the grace, to what is reached",
            judged(GOLD, 12, missed_since=NOON - GRACE),
            Verdict(SILVER, MoveCause.MISSED),
        ),
        (
            "locked longer than the grace",
            judged(GOLD, 12, missed_since=LONG_AGO, locked_until=NOON + timedelta(days=1)),
            Verdict(GOLD, missed_since=LONG_AGO),
        ),
        (
            "reached again, so forgotten",
            judged(SILVER, 10, missed_since=LONG_AGO),
            Verdict(SILVER),
        ),
        (
            "down out of all tiers",
            judged(SILVER, 0, missed_since=LONG_AGO),
            Verdict(None, MoveCause.MISSED),
        ),
        (
            "never below where a member put it",
            judged(GOLD, 1, missed_since=LONG_AGO, floor_id=VIP),
            Verdict(VIP, MoveCause.MISSED),
        ),
        ("no period to judge by yet", judged(GOLD, 0, closed=None), Verdict(GOLD)),
        (
            "the closed month was good, this one is not yet",
            judged(SILVER, 0, closed={SALES: 10}),
            Verdict(SILVER),
        ),
        ("a tier that nobody knows is below all", judged(UUID(int=9), 0), Verdict(UUID(int=9))),
    ],
)
def test_verdicts(_case: str, verdict: Verdict, expected: Verdict) -> None:
    assert verdict == expected


def test_without_demotion_nobody_falls() -> None:
    standing = Standing(tier_id=GOLD, figures={}, closed={}, missed_since=LONG_AGO)

    verdict = next_tier(rungs=RUNGS, standing=standing, demotes=False, grace=GRACE, at=NOON)

    assert verdict == Verdict(GOLD)


figures = st.fixed_dictionaries(
    {SALES: st.integers(0, 30), REVENUE: st.integers(0, 200_000)}  # Around every target.
)
moments = st.none() | st.integers(-60, 60).map(lambda days: NOON + timedelta(days=days))
standings = st.builds(
    Standing,
    tier_id=st.sampled_from([None, BRONZE, VIP, SILVER, GOLD]),
    figures=figures,
    closed=st.none() | figures,
    locked_until=moments,
    missed_since=st.none() | st.integers(0, 60).map(lambda days: NOON - timedelta(days=days)),
    floor_id=st.sampled_from([None, BRONZE, VIP]),
)
ORDER = [None, *(rung.tier_id for rung in RUNGS)]


def after(standing: Standing, verdict: Verdict) -> Standing:
    """Return how somebody stands once a verdict was carried out."""
    moved = verdict.cause is not None
    return Standing(
        tier_id=verdict.tier_id,
        figures=standing.figures,
        closed=standing.closed,
        locked_until=NOON + timedelta(days=30) if moved else standing.locked_until,
        missed_since=verdict.missed_since,
        floor_id=standing.floor_id,
    )


@given(standing=standings, demotes=st.booleans())
def test_a_verdict_that_was_carried_out_is_not_given_again(
    standing: Standing, demotes: bool
) -> None:
    verdict = next_tier(rungs=RUNGS, standing=standing, demotes=demotes, grace=GRACE, at=NOON)

    again = next_tier(
        rungs=RUNGS, standing=after(standing, verdict), demotes=demotes, grace=GRACE, at=NOON
    )

    assert again.cause is None
    assert again.tier_id == verdict.tier_id


@given(standing=standings)
def test_up_is_up_and_down_is_down(standing: Standing) -> None:
    verdict = next_tier(rungs=RUNGS, standing=standing, demotes=True, grace=GRACE, at=NOON)

    before, now = ORDER.index(standing.tier_id), ORDER.index(verdict.tier_id)
    if verdict.cause == MoveCause.REACHED:
        assert now > before
        assert RUNGS[now - 1].is_reached_by(standing.figures)
        assert not any(rung.is_reached_by(standing.figures) for rung in RUNGS[now:])
    elif verdict.cause == MoveCause.MISSED:
        assert now < before
        assert now >= (ORDER.index(standing.floor_id) if standing.floor_id == VIP else 0) or (
            before < ORDER.index(VIP)
        )
    else:
        assert now == before


@given(standing=standings)
def test_nobody_falls_before_the_grace_and_the_lock_are_over(standing: Standing) -> None:
    verdict = next_tier(rungs=RUNGS, standing=standing, demotes=True, grace=GRACE, at=NOON)

    if verdict.cause == MoveCause.MISSED:
        assert standing.missed_since is not None
        assert standing.missed_since + GRACE <= NOON
        assert standing.locked_until is None or standing.locked_until <= NOON
        assert standing.tier_id != VIP


@given(standing=standings, more=figures)
def test_more_brought_never_means_a_lower_tier(standing: Standing, more: dict[str, int]) -> None:
    grown = {name: standing.figures[name] + more[name] for name in standing.figures}
    richer = Standing(
        tier_id=standing.tier_id,
        figures=grown,
        closed=standing.closed,
        locked_until=standing.locked_until,
        missed_since=standing.missed_since,
        floor_id=standing.floor_id,
    )

    poor = next_tier(rungs=RUNGS, standing=standing, demotes=True, grace=GRACE, at=NOON)
    rich = next_tier(rungs=RUNGS, standing=richer, demotes=True, grace=GRACE, at=NOON)

    assert ORDER.index(rich.tier_id) >= ORDER.index(poor.tier_id)
