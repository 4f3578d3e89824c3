"""Rates in words, by language."""

import pytest

from commissions.models import Reward
from commissions.services import Rate
from commissions.words import describe_amount, describe_award, describe_rate, format_rate

TEN_PERCENT = Rate(Reward.PERCENT, rate_bps=1_000)
FIVE = Rate(Reward.FIXED, fixed_minor=500)


@pytest.mark.parametrize(
    ("rate", "goal", "currency", "expected"),
    [
        (TEN_PERCENT, "Sale", "EUR", "10% of each sale"),
        (Rate(Reward.PERCENT, rate_bps=725), "Sale", "EUR", "7.25% of each sale"),
        (Rate(Reward.PERCENT, rate_bps=750), "Webinar visit", "EUR", "7.5% of each webinar visit"),
        (FIVE, "Sign-up", "EUR", "€5.00 per sign-up"),
        (FIVE, "SQL demo", "JPY", "¥500 per SQL demo"),
        (FIVE, "Demo", "KWD", "KWD\xa00.500 per demo"),
    ],
)
def test_a_rate_in_a_sentence(rate: Rate, goal: str, currency: str, expected: str) -> None:
    assert describe_rate(rate, goal=goal, currency=currency, language="en") == expected


@pytest.mark.parametrize(
    ("rate_bps", "language", "expected"),
    [
        (1, "en", "0.01%"),
        (1_000, "en", "10%"),
        (10_000, "zh-hans", "100%"),
        (725, "de", "7,25\xa0%"),
    ],
)
def test_basis_points_keep_their_decimals(rate_bps: int, language: str, expected: str) -> None:
    assert format_rate(rate_bps, language=language) == expected


def test_a_rate_alone() -> None:
    assert describe_amount(TEN_PERCENT, currency="EUR", language="en") == "10%"
    assert describe_amount(FIVE, currency="EUR", language="en") == "€5.00"


def test_how_an_amount_came_about() -> None:
    percent = describe_award(
        TEN_PERCENT, net_minor=8_403, earned_minor=840, currency="EUR", language="en"
    )
    fixed = describe_award(FIVE, net_minor=8_403, earned_minor=500, currency="EUR", language="en")

    assert percent == "10% of €84.03 = €8.40"
    assert fixed == "Fixed: €5.00"
