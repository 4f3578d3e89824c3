"""What a rule pays: the numbers of docs/commissions.md."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.catalogue import clean_reward
from commissions.facts import Basis, Facts, Item, Volume
from commissions.paying import NeedsVolume
from commissions.rules import GrantDraft, RuleInForce, award

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def facts(basis: Basis, *items: Item) -> Facts:
    return Facts(goal="sale", goal_id=None, occurred_at=AT, basis=basis, items=items)


def rule(
    reward: str, fixed: int = 0, bps: int = 0, details: dict[str, Any] | None = None
) -> RuleInForce:
    clean = clean_reward(reward, fixed, bps, details)
    return RuleInForce(
        level="PROGRAM",
        reward=clean.reward,
        fixed_minor=clean.fixed_minor,
        rate_bps=clean.rate_bps,
        details=clean.details,
    )


@pytest.mark.parametrize(
    ("basis", "earned"),
    [
        (Basis(10_000), 1_000),
        (Basis(9_999), 1_000),
        (Basis(12_900, 1_900, 1_000), 1_000),
        (Basis(1_995), 200),  # JPY: 199.5, half to the even 200.
        (Basis(12_345), 1_234),  # KWD: 1.2345, half to the even 1.234.
        (Basis(12_900, 1_900, 1_000, excludes_tax=False), 1_190),
        (Basis(12_900, 1_900, 1_000, excludes_shipping=False), 1_100),
        (Basis(10_000, discount_minor=2_000), 1_000),  # The discount has left it already.
        (Basis(10_000, discount_minor=2_000, adds_discount=True), 1_200),
        (Basis(1_000, 2_000), 0),  # Never below zero.
    ],
)
def test_ten_percent(basis: Basis, earned: int) -> None:
    assert award(rule("PERCENT", bps=1_000), facts(basis)).amount_minor == earned


def test_the_arithmetic_is_said_as_the_program_computes_it() -> None:
    plain = award(rule("PERCENT", bps=1_000), facts(Basis(10_000)))
    gross = Basis(10_000, 1_600, discount_minor=500, excludes_tax=False, adds_discount=True)

    assert plain.arithmetic == ("10000 paid − 0 tax − 0 shipping = 10000 net; × 1000 bps = 1000",)
    assert award(rule("PERCENT", bps=1_000), facts(gross)).arithmetic == (
        "10000 paid − 0 shipping + 500 discount = 10500 net; × 1000 bps = 1050",
    )


def test_fixed_and_percent_and_nothing() -> None:
    both = award(rule("FIXED_AND_PERCENT", 500, 1_000), facts(Basis(10_000)))

    assert award(rule("FIXED", 700), facts(Basis(10_000))).amount_minor == 700
    assert award(rule("FIXED", 700), facts(Basis(0))).amount_minor == 700
    assert both.amount_minor == 1_500
    assert both.arithmetic[-1] == "fixed 500 + 1000 = 1500"
    assert award(rule("NOTHING"), facts(Basis(10_000))).amount_minor == 0


def volume_rule(**changes: Any) -> RuleInForce:
    details = {
        "period": "MONTH",
        "counts": "CONVERSIONS",
        "mode": "ONWARDS",
        "steps": [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}],
    }
    return rule("VOLUME", details=details | changes)


BY_AMOUNT = {
    "counts": "AMOUNT",
    "steps": [
        {"from": 0, "fixed_minor": 0},
        {"from": 100_000, "fixed_minor": 300},
        {"from": 500_000, "rate_bps": 500},
    ],
}


@pytest.mark.parametrize(
    ("changes", "volume", "earned"),
    [
        ({}, Volume(0, 0, 1, 10_000), 1_000),
        ({}, Volume(19, 190_000, 20, 200_000), 1_000),  # The 20th.
        ({}, Volume(20, 200_000, 21, 210_000), 1_500),  # The 21st.
        ({}, Volume(5, 50_000, 30, 300_000), 1_000),  # Onwards: the 6th stays what it was.
        ({"mode": "RETROACTIVE"}, Volume(5, 50_000, 20, 200_000), 1_000),
        ({"mode": "RETROACTIVE"}, Volume(5, 50_000, 21, 210_000), 1_500),
        (BY_AMOUNT, Volume(8, 80_000, 9, 90_000), 0),
        (BY_AMOUNT, Volume(9, 89_999, 10, 99_999), 0),
        (BY_AMOUNT, Volume(9, 90_000, 10, 100_000), 300),  # With itself it is reached.
        (BY_AMOUNT, Volume(9, 90_000, 10, 100_000, own_minor=5_000), 0),  # Half credited.
        (BY_AMOUNT, Volume(49, 490_000, 50, 500_000), 500),
        (BY_AMOUNT | {"mode": "RETROACTIVE"}, Volume(0, 0, 50, 500_000), 500),
    ],
)
def test_volume(changes: dict[str, Any], volume: Volume, earned: int) -> None:
    assert award(volume_rule(**changes), facts(Basis(10_000)), volume).amount_minor == earned


def test_volume_says_which_step_it_was() -> None:
    paid = award(volume_rule(), facts(Basis(10_000)), Volume(20, 0, 21, 0))

    assert paid.arithmetic[0] == "21 conversions in the period (month): the step from 21"
    with pytest.raises(NeedsVolume):
        award(volume_rule(), facts(Basis(10_000)))


PER_ITEM = {
    "items": [
        {"sku": "mug", "fixed_minor": 150},
        {"category": "books", "rate_bps": 500},
        {"sku": "gift-card", "rate_bps": 0},
    ],
    "otherwise": {"rate_bps": 1_000},
}
MUGS = Item("mug", 2, 3_000)
BOOK = Item("b-1", 1, 2_050, "books")
CARD = Item("gift-card", 1, 5_000, "cards")
LAMP = Item("lamp", 1, 1_995)


@pytest.mark.parametrize(
    ("basis", "items", "earned"),
    [
        (Basis(12_045), (MUGS, BOOK, CARD, LAMP), 602),  # 300 + 102 + 0 + 200.
        (Basis(10_000), (), 1_000),  # Without lines it is one, of everything else.
        (Basis(10_000, 5_000), (Item("lamp", 1, 5_000), Item("lamp", 1, 5_000)), 500),
        (Basis(4_100, 50), (BOOK, BOOK), 202),  # 2 025 each: 101.25 each, rounded by line.
    ],
)
def test_per_item(basis: Basis, items: tuple[Item, ...], earned: int) -> None:
    assert award(rule("PER_ITEM", details=PER_ITEM), facts(basis, *items)).amount_minor == earned


def test_items_that_no_row_names_earn_nothing_without_otherwise() -> None:
    only_mugs = rule("PER_ITEM", details={"items": PER_ITEM["items"]})

    paid = award(only_mugs, facts(Basis(10_000), LAMP, MUGS))

    assert paid.amount_minor == 300
    assert paid.arithmetic == ("lamp: nothing", "mug: 2 × 150 = 300", "sum 300")
    assert award(only_mugs, facts(Basis(10_000))).amount_minor == 0


def test_what_is_no_money_is_granted() -> None:
    friend = {"kind": "FREE_MONTHS", "quantity": 1}
    credit = {"kind": "CREDIT", "quantity": 2_000, "description": "store credit"}

    two_sided = award(rule("NON_CASH", details=credit | {"friend": friend}), facts(Basis(0)))
    with_cash = award(rule("FIXED", 500, details={"friend": friend}), facts(Basis(0)))

    assert two_sided.amount_minor == 0
    assert two_sided.grants == (
        GrantDraft("CREDIT", 2_000, "store credit"),
        GrantDraft("FREE_MONTHS", 1, is_for_friend=True),
    )
    assert (with_cash.amount_minor, len(with_cash.grants)) == (500, 1)


AMOUNTS = st.integers(0, 10**12)
RULES = st.sampled_from(
    [
        rule("FIXED", 700),
        rule("PERCENT", bps=1_234),
        rule("FIXED_AND_PERCENT", 1, 10_000),
        rule("PER_ITEM", details=PER_ITEM),
        rule("NON_CASH", details={"kind": "GIFT", "quantity": 1}),
        volume_rule(),
        volume_rule(**BY_AMOUNT),
        volume_rule(mode="RETROACTIVE"),
    ]
)
ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(["mug", "gift-card", "lamp"]),
        st.integers(1, 10**6),
        AMOUNTS,
        st.sampled_from(["", "books"]),
    ),
    max_size=5,
)


@given(RULES, st.builds(Basis, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.booleans()), ITEMS)
def test_no_award_is_below_zero_or_beyond_what_a_row_can_hold(
    paying: RuleInForce, basis: Basis, items: list[Item]
) -> None:
    paid = award(paying, facts(basis, *items), Volume(20, 0, 21, basis.amount_minor))

    assert 0 <= paid.amount_minor <= 10**15
    assert paid == award(paying, facts(basis, *items), Volume(20, 0, 21, basis.amount_minor))


def test_an_award_beyond_all_bounds_is_cut() -> None:
    dear = rule("PER_ITEM", details={"items": [{"sku": "mug", "fixed_minor": 10**15}]})

    assert award(dear, facts(Basis(1), Item("mug", 10**6, 1))).amount_minor == 10**15
