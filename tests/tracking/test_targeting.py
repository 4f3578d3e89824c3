"""For whom something is: every condition must hold, and draws share by weight."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from programs.targeting import Targeting, Visitor, choose, matching

MONDAY = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
BOB = Visitor(country="DE", device="phone", system="iOS", language="de")


@pytest.mark.parametrize(
    ("_case", "conditions", "fits"),
    [
        ("none", {}, True),
        ("country", {"countries": ("AT", "DE")}, True),
        ("another country", {"countries": ("AT",)}, False),
        ("device", {"devices": ("phone",)}, True),
        ("another device", {"devices": ("desktop", "tv")}, False),
        ("system", {"systems": ("iOS",)}, True),
        ("another system", {"systems": ("Android",)}, False),
        ("language", {"languages": ("de",)}, True),
        ("another language", {"languages": ("en",)}, False),
        ("all of them", {"countries": ("DE",), "devices": ("phone",), "languages": ("de",)}, True),
        ("all but one", {"countries": ("DE",), "devices": ("phone",), "languages": ("en",)}, False),
        ("weekday", {"weekdays": (1,)}, True),
        ("weekend", {"weekdays": (6, 7)}, False),
        ("a weekday in Tokyo, too", {"weekdays": (1,), "time_zone": "Asia/Tokyo"}, True),
        ("hours", {"hour_from": 9, "hour_until": 17}, True),
        ("hours elsewhere", {"hour_from": 9, "hour_until": 17, "time_zone": "Asia/Tokyo"}, False),
        ("the hour at the end", {"hour_from": 9, "hour_until": 12}, False),
        ("over midnight", {"hour_from": 22, "hour_until": 6}, False),
        ("over noon, so to say", {"hour_from": 12, "hour_until": 6}, True),
        ("until midnight", {"hour_from": 12, "hour_until": 24}, True),
        ("begun", {"starts_at": MONDAY.timestamp()}, True),
        ("not begun", {"starts_at": MONDAY.timestamp() + 1}, False),
        ("ended", {"ends_at": MONDAY.timestamp()}, False),
        ("not ended", {"ends_at": MONDAY.timestamp() + 1}, True),
    ],
)
def test_every_condition_must_hold(_case, conditions, fits):
    assert Targeting(**conditions).matches(BOB, MONDAY) is fits


def test_who_is_unknown_fits_no_condition_but_the_absent_one():
    nobody = Visitor("", "", "", "")

    assert Targeting().matches(nobody, MONDAY)
    assert not Targeting(countries=("DE",)).matches(nobody, MONDAY)


class Choice(NamedTuple):
    """Something for some visitors."""

    name: str
    targeting: Targeting


def test_only_the_smallest_priority_that_fits_is_chosen_from():
    choices = [
        Choice("elsewhere", Targeting(countries=("FR",), priority=1)),
        Choice("a", Targeting(priority=5)),
        Choice("b", Targeting(priority=5)),
        Choice("later", Targeting(priority=6)),
    ]

    assert [choice.name for choice in matching(choices, BOB, MONDAY)] == ["a", "b"]
    assert matching(choices[:1], BOB, MONDAY) == []


def test_draws_share_by_weight_exactly():
    choices = [Choice("a", Targeting(weight=3)), Choice("b", Targeting(weight=1))]

    names = [choose(choices, draw).name for draw in range(8)]

    assert names == ["a", "a", "a", "b"] * 2
