"""judge_health: points for what happened, with a reason each; docs/affiliates.md works these."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.health import Band, Vitals, band_of, judge_health


@pytest.mark.parametrize(
    ("_case", "vitals", "points", "score"),
    [
        (
            "busy, steady, clean",
            Vitals(days=200, clicks=40, clicks_before=40, conversions=10),
            (35, 20, 20, 15, 10),
            100,
        ),
        (
            "fewer visitors, three of ten sales undone, warned, one gap",
            Vitals(200, 10, 18, 10, undone=3, warnings=1, profile_gaps=1),
            (25, 10, 0, 7, 7),
            49,
        ),
        (
            "silent for long, with an open violation and an empty profile",
            Vitals(200, breaches=1, profile_gaps=3),
            (0, 0, 10, 0, 0),
            10,
        ),
        ("silent since yesterday", Vitals(1), (0, 10, 10, 15, 10), None),
    ],
)
def test_points(_case: str, vitals: Vitals, points: tuple[int, ...], score: int | None) -> None:
    health = judge_health(vitals)

    assert tuple(reason.points for reason in health.reasons) == points
    assert health.score == score


@given(
    st.builds(
        Vitals,
        days=st.integers(0, 4_000),
        clicks=st.integers(0, 10**9),
        clicks_before=st.integers(0, 10**9),
        conversions=st.integers(0, 10**6),
        undone=st.integers(0, 10**6),
        warnings=st.integers(0, 9),
        breaches=st.integers(0, 9),
        profile_gaps=st.integers(0, 3),
    )
)
def test_a_score_is_the_sum_of_its_reasons_and_within_bounds(vitals: Vitals) -> None:
    health = judge_health(vitals)

    assert all(0 <= reason.points <= reason.of for reason in health.reasons)
    assert sum(reason.of for reason in health.reasons) == 100
    if health.score is not None:
        assert health.score == sum(reason.points for reason in health.reasons)
        low, high = band_of(health.score).limits
        assert low <= health.score <= high


def test_bands_leave_no_gap() -> None:
    assert sorted(
        score for band in Band for score in range(band.limits[0], band.limits[1] + 1)
    ) == [*range(101)]
