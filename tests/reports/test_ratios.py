"""Ratios with intervals: known numbers, copied from docs/replays.md and from tables."""

import pytest

from reports.ratios import Cluster, Ratio, difference, ratio_of, t_quantile


@pytest.mark.parametrize(
    ("freedom", "expected"),
    # Two-sided 95 %, from any printed table of Student's t.
    [(1, 12.706), (2, 4.303), (5, 2.571), (9, 2.262), (30, 2.042), (120, 1.980), (1e6, 1.960)],
)
def test_quantiles_of_t_are_those_of_the_tables(freedom: float, expected: float):
    assert t_quantile(freedom) == pytest.approx(expected, abs=5e-4)


def test_the_worked_example_of_the_docs():
    ratio = ratio_of([Cluster(2, 100), Cluster(6, 200), Cluster(7, 300)])

    assert ratio is not None
    assert ratio.value == pytest.approx(0.025)
    assert ratio.variance == pytest.approx(0.00000625)
    assert ratio.interval.low == pytest.approx(0.0142, abs=5e-5)
    assert ratio.interval.high == pytest.approx(0.0358, abs=5e-5)


def test_a_mean_is_a_ratio_to_the_count():
    # 2, 4, 6: mean 4, variance of the mean 4 / 3.
    ratio = ratio_of([Cluster(2, 1), Cluster(4, 1), Cluster(6, 1)])

    assert ratio is not None
    assert (ratio.value, ratio.variance) == pytest.approx((4, 4 / 3))


def test_bunched_clicks_widen_the_interval():
    even = ratio_of([Cluster(5, 100)] * 10)
    bunched = ratio_of([Cluster(10, 100), Cluster(0, 100)] * 5)

    assert even is not None
    assert bunched is not None
    assert even.value == bunched.value == pytest.approx(0.05)
    assert even.variance == pytest.approx(0)
    assert bunched.variance == pytest.approx(10 / 9 * 10 * 25 / 1_000_000)


def test_nothing_below_the_line_is_no_ratio():
    assert ratio_of([]) is None
    assert ratio_of([Cluster(0, 0)]) is None


def test_one_affiliate_alone_says_nothing():
    ratio = ratio_of([Cluster(1, 10)])

    assert ratio is not None
    assert (ratio.interval.low, ratio.interval.high) == (float("-inf"), float("inf"))


def test_the_difference_has_the_freedom_of_welch():
    # v 1 and 4 with 10 and 20: (1 + 4)² / (1/9 + 16/19) = 26.2 degrees, t = 2.055.
    interval = difference(Ratio(10, 1, 10), Ratio(4, 4, 20))

    half = 2.0548 * 5**0.5
    assert (interval.low, interval.high) == pytest.approx((6 - half, 6 + half), abs=2e-3)
    assert interval.excludes_zero


def test_equal_ratios_without_spread_do_not_differ():
    assert not difference(Ratio(1, 0, 10), Ratio(1, 0, 10)).excludes_zero
