"""Ratios of two sums over affiliates, with confidence intervals that count affiliates, not clicks.

Pure. The formulas stand with their sources and a worked example in docs/replays.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
CLUSTERS_MIN: Final = 10  # Below that an interval promises more than it holds.
_STEPS: Final = 200  # Of Simpson's rule; even.


class Cluster(NamedTuple):
    """What stands above and below the line for one affiliate."""

    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value is, in 95 of 100 such experiments."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether it lies wholly on one side of zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio, the variance of its estimate, and from how many affiliates it comes."""

    value: float
    variance: float
    clusters: int

    @property
    def interval(self) -> Interval:
        """The confidence interval; at least two clusters are needed for it to mean anything."""
        return around(self.value, self.variance, max(self.clusters - 1, 1))


def ratio_of(clusters: Sequence[Cluster]) -> Ratio | None:
    """Return the ratio of the sums; None when nothing stands below the line.

    Its variance is that of the linearised ratio estimator, n ÷ (n − 1) × Σ(y − Rx)² ÷ (Σx)²:
    Cochran, Sampling Techniques, 3rd ed. 1977, section 6.4; Deng, Knoblich, Lu, KDD 2018.
    """
    below = math.fsum(cluster.below for cluster in clusters)
    if below <= 0:
        return None
    count = len(clusters)
    value = math.fsum(cluster.above for cluster in clusters) / below
    squares = math.fsum((cluster.above - value * cluster.below) ** 2 for cluster in clusters)
    variance = count / (count - 1) * squares / below**2 if count > 1 else math.inf
    return Ratio(value, variance, count)


def around(value: float, variance: float, freedom: float) -> Interval:
    """Return the interval around an estimate: value ± t × √variance."""
    half = t_quantile(round(freedom, 3)) * math.sqrt(variance)
    return Interval(value - half, value + half)


def difference(one: Ratio, other: Ratio) -> Interval:
    """Return the interval of one ratio minus another of other affiliates.

    Variances add up; degrees of freedom by Welch and Satterthwaite (Biometrika 34, 1947).
    """
    return around(
        one.value - other.value, one.variance + other.variance, _welch_freedom(one, other)
    )


def _welch_freedom(one: Ratio, other: Ratio) -> float:
    below = one.variance**2 / max(one.clusters - 1, 1)
    below += other.variance**2 / max(other.clusters - 1, 1)
    if below == 0 or not math.isfinite(below):
        return max(min(one.clusters, other.clusters) - 1, 1)
    return (one.variance + other.variance) ** 2 / below


@lru_cache(maxsize=1_000)
def t_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors the interval reaches: Student's t, both sides together.

    The area from zero is summed by Simpson's rule and the point found by bisection.
    """
    wanted = confidence / 2
    low, high = 0.0, 1.0
    while _area(high, freedom) < wanted:
        high *= 2
    for _round in range(40):
        middle = (low + high) / 2
        if _area(middle, freedom) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _area(until: float, freedom: float) -> float:
    """Return the probability between zero and a point."""
    width = until / _STEPS
    inner = math.fsum(
        (4 if step % 2 else 2) * _density(step * width, freedom) for step in range(1, _STEPS)
    )
    return (_density(0.0, freedom) + inner + _density(until, freedom)) * width / 3


def _density(at: float, freedom: float) -> float:
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    shape = -(freedom + 1) / 2 * math.log1p(at * at / freedom)
    return math.exp(scale + shape) / math.sqrt(freedom * math.pi)
