"""Which rule pays: the order of levels, positions and conditions, and the margin guard."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.facts import Basis, Facts, Item
from commissions.rules import RuleInForce, award, guard, resolve, share_award

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)  # A Saturday.
SALE, LEAD = UUID(int=1), UUID(int=2)
BOB, LINK, TIER, PROMO = UUID(int=11), UUID(int=12), UUID(int=13), UUID(int=14)


def facts(**changes: Any) -> Facts:
    known: dict[str, Any] = {
        "goal": "sale",
        "goal_id": SALE,
        "occurred_at": AT,
        "basis": Basis(10_000),
        "enrollment_id": BOB,
        "tier_id": TIER,
        "link_id": LINK,
    }
    return Facts(**(known | changes))


def rule(number: int, level: str = "PROGRAM", **changes: Any) -> RuleInForce:
    ids: dict[str, Any] = {
        "LINK": {"link_id": LINK},
        "ENROLLMENT": {"enrollment_id": BOB},
        "PROMOTION": {"promotion_id": PROMO},
        "TIER": {"tier_id": TIER},
        "PROGRAM": {},
    }[level]
    known = {"level": level, "reward": "PERCENT", "goal_id": SALE, "rate_bps": 1_000, **ids}
    return RuleInForce(**(known | {"version_id": UUID(int=number)} | changes))


def condition(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def test_levels_are_asked_from_the_nearest_to_the_widest() -> None:
    levels = ["LINK", "ENROLLMENT", "PROMOTION", "TIER", "PROGRAM"]
    rules = [rule(number, level) for number, level in enumerate(levels)]

    for number, level in enumerate(levels):
        found = resolve(reversed(rules[number:]), facts())

        assert found.rule == rules[number]
        assert [(look.level, look.reason) for look in found.looks] == [(level, "goal")]


@pytest.mark.parametrize(
    ("level", "changes"),
    [
        ("LINK", {"link_id": UUID(int=99)}),
        ("ENROLLMENT", {"enrollment_id": UUID(int=99)}),
        ("TIER", {"tier_id": UUID(int=99)}),
        ("PROMOTION", {"promotion_tier_id": UUID(int=99)}),
        ("PROMOTION", {"is_for_variant": True}),
        ("PROGRAM", {"goal_id": LEAD}),
    ],
)
def test_what_is_somebody_elses_is_not_asked(level: str, changes: dict[str, Any]) -> None:
    found = resolve([rule(1, level, **changes), rule(2, is_base=True)], facts())

    assert found.rule is not None
    assert found.rule.version_id == UUID(int=2)
    assert len(found.looks) == 1


def test_a_variants_promotion_is_for_those_assigned_to_it() -> None:
    promoted = rule(1, "PROMOTION", is_for_variant=True)

    assert resolve([promoted], facts(variant_promotions=frozenset([PROMO]))).rule == promoted


@pytest.mark.parametrize(
    ("moment", "runs"),
    [
        (AT - timedelta(microseconds=1), False),
        (AT, True),
        (AT + timedelta(days=1) - timedelta(microseconds=1), True),
        (AT + timedelta(days=1), False),
    ],
)
def test_a_promotion_runs_from_its_start_until_before_its_end(moment: datetime, runs: bool) -> None:
    promoted = rule(1, "PROMOTION", starts_at=AT, ends_at=AT + timedelta(days=1))
    base = rule(2, is_base=True)

    found = resolve([base, promoted], facts(occurred_at=moment))

    assert found.rule == (promoted if runs else base)
    if not runs:
        assert found.looks[0].reason == "not_running"


def test_within_a_level_the_position_decides_and_the_base_comes_last() -> None:
    base = rule(1, is_base=True, position=1)
    second = rule(2, position=20, conditions=[condition("country", "in", ["DE"])])
    first = rule(3, position=10, conditions=[condition("customer", "is", "new")])

    new = resolve([base, second, first], facts(customer_is_new=True, country="DE"))
    german = resolve([base, second, first], facts(customer_is_new=False, country="DE"))
    other = resolve([base, second, first], facts())

    assert new.rule == first
    assert german.rule == second
    assert other.rule == base
    assert [(look.matched, look.reason) for look in other.looks] == [
        (False, "condition:customer"),
        (False, "condition:country"),
        (True, "goal"),
    ]


def test_a_level_without_a_match_passes_on() -> None:
    own = rule(1, "ENROLLMENT", conditions=[condition("amount_minor", "gte", 20_000)])
    base = rule(2, is_base=True)

    assert resolve([own, base], facts()).rule == base
    assert resolve([own, base], facts(basis=Basis(20_000))).rule == own


def test_a_rule_of_every_goal_serves_each() -> None:
    assert resolve([rule(1, goal_id=None)], facts(goal_id=LEAD)).rule is not None


def test_no_rule_is_no_rule() -> None:
    found = resolve([rule(1, conditions=[condition("customer", "is", "new")])], facts())

    assert found.rule is None
    assert [look.reason for look in found.looks] == ["condition:customer"]


ITEMS = (Item("mug", 2, 3_000, "kitchen"), Item("book", 1, 2_000, "books"))


@pytest.mark.parametrize(
    ("asked", "known", "holds"),
    [
        (condition("country", "in", ["DE"]), {"country": "DE"}, True),
        (condition("country", "in", ["DE"]), {"country": "AT"}, False),
        (condition("country", "in", ["DE"]), {}, False),
        (condition("country", "not_in", ["DE"]), {"country": "AT"}, True),
        (condition("country", "not_in", ["DE"]), {}, False),  # Not known is no yes.
        (condition("device", "in", ["phone"]), {"device": "phone"}, True),
        (condition("item_sku", "in", ["book"]), {"items": ITEMS}, True),
        (condition("item_sku", "in", ["pen"]), {"items": ITEMS}, False),
        (condition("item_sku", "not_in", ["pen"]), {"items": ITEMS}, True),
        (condition("item_category", "in", ["kitchen"]), {"items": ITEMS}, True),
        (condition("item_category", "in", ["kitchen"]), {}, False),
        (condition("amount_minor", "gte", 10_000), {}, True),
        (condition("amount_minor", "gt", 10_000), {}, False),
        (condition("amount_minor", "lte", 10_000), {}, True),
        (condition("amount_minor", "lt", 10_000), {}, False),
        (condition("coupon", "in", ["BOB10"]), {"coupon": "BOB10"}, True),
        (condition("coupon", "in", ["BOB10"]), {}, False),
        (condition("coupon", "not_in", ["BOB10"]), {}, True),  # It is known: there was none.
        (condition("sub1", "in", ["blog"]), {"subs": {"sub1": "blog"}}, True),
        (condition("source", "in", ["blog"]), {"subs": {"sub1": "blog"}}, False),
        (condition("customer", "is", "new"), {"customer_is_new": True}, True),
        (condition("customer", "is", "existing"), {"customer_is_new": False}, True),
        (condition("customer", "is", "existing"), {}, False),
        (condition("customer_months", "lt", 12), {"customer_months": 11}, True),
        (condition("customer_months", "lt", 12), {"customer_months": 12}, False),
        (condition("customer_months", "lt", 12), {"customer_months": 0}, True),
        (condition("customer_months", "lt", 12), {}, False),
        (condition("payment_number", "lte", 3), {"payment_number": 3}, True),
        (condition("payment_number", "lte", 3), {"payment_number": 4}, False),
        (condition("affiliate_type", "in", ["CREATOR"]), {"affiliate_type": "CREATOR"}, True),
        (condition("weekday", "in", ["SAT"]), {}, True),
        (condition("weekday", "in", ["MON"]), {}, False),
        (condition("date", "gte", "2026-11-21"), {}, True),
        (condition("date", "gte", "2026-11-22"), {}, False),
        (condition("date", "lte", "2026-11-21"), {}, True),
        (condition("metadata.title", "in", ["CTO"]), {"metadata": {"title": "CTO"}}, True),
        (condition("metadata.title", "in", ["CTO"]), {"metadata": {"title": ["CTO"]}}, False),
        (condition("metadata.seats", "gte", 50), {"metadata": {"seats": 50}}, True),
        (condition("metadata.seats", "gte", 50), {"metadata": {"seats": "50.5"}}, True),
        (condition("metadata.seats", "gte", 50), {"metadata": {"seats": "many"}}, False),
        (condition("metadata.seats", "gte", 50), {"metadata": {"seats": "NaN"}}, False),
        (condition("metadata.seats", "in", ["50"]), {"metadata": {"seats": 50}}, True),
        (condition("metadata.paid", "in", ["true"]), {"metadata": {"paid": True}}, True),
    ],
)
def test_conditions(asked: dict[str, Any], known: dict[str, Any], holds: bool) -> None:
    found = resolve([rule(1, conditions=[asked])], facts(**known))

    assert (found.rule is not None) is holds


def test_a_weekday_is_the_one_in_utc() -> None:
    saturday = rule(1, conditions=[condition("weekday", "in", ["SAT"])])
    late = datetime.fromisoformat("2026-11-22T01:30:00+02:00")  # Still Saturday in UTC.

    assert resolve([saturday], facts(occurred_at=late)).rule == saturday


@pytest.mark.parametrize(
    ("earned", "net", "limit", "paid"),
    [
        (3_000, 10_000, None, 3_000),
        (3_000, 10_000, 2_500, 2_500),
        (2_500, 10_000, 2_500, 2_500),
        (100, 99, 5_000, 49),  # 49.5 is rounded down: never more than half.
        (500, 0, 2_500, 500),  # A lead has no price to take a percentage of.
    ],
)
def test_the_guard_cuts_what_is_beyond(earned: int, net: int, limit: int | None, paid: int) -> None:
    assert guard(earned, net, limit) == paid


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.none() | st.integers(1, 10_000))
def test_the_guard_never_gives_more(award: int, net: int, limit: int | None) -> None:
    paid = guard(award, net, limit)

    assert 0 <= paid <= award
    if limit is not None and net > 0:
        assert paid * 10_000 <= net * limit


@given(st.integers(0, 10**15), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_shares_sum_to_the_award(award: int, weights: list[int]) -> None:
    parts = share_award(award, shares_ppm=weights)

    assert sum(parts) == award
    assert all(part >= 0 for part in parts)


LEVELS = st.sampled_from(["LINK", "ENROLLMENT", "PROMOTION", "TIER", "PROGRAM"])
CONDITION = st.sampled_from(
    [
        [],
        [condition("customer", "is", "new")],
        [condition("amount_minor", "gte", 5_000)],
        [condition("country", "in", ["DE"])],
    ]
)
RULES = st.lists(st.tuples(LEVELS, st.integers(1, 5), CONDITION), max_size=8)


@given(RULES, st.randoms(), st.integers(0, 10_000), st.sampled_from([True, False, None]))
def test_the_order_in_which_rules_are_read_changes_nothing(
    drawn: list[tuple[str, int, list[dict[str, Any]]]], random: Any, amount: int, is_new: bool
) -> None:
    rules = [
        rule(number, level, position=position, conditions=asked, rule_id=UUID(int=number))
        for number, (level, position, asked) in enumerate(drawn, start=1)
    ]
    shuffled = list(rules)
    random.shuffle(shuffled)
    known = facts(basis=Basis(amount), customer_is_new=is_new, country="DE")

    found = resolve(rules, known)

    assert found == resolve(shuffled, known)
    assert [look.matched for look in found.looks].count(True) == (found.rule is not None)
    assert all(not look.matched for look in found.looks[:-1])


GOLD = rule(
    4,
    "TIER",
    rate_bps=2_500,
    conditions=[condition("amount_minor", "gte", 20_000)],
)
DOCUMENTED = [
    rule(1, is_base=True, rate_bps=1_000),
    rule(2, position=10, rate_bps=2_000, conditions=[condition("customer", "is", "new")]),
    rule(3, position=20, rate_bps=1_500, conditions=[condition("country", "in", ["DE"])]),
    GOLD,
]


@pytest.mark.parametrize(
    ("amount", "is_new", "country", "tier", "earned"),
    [
        (10_000, True, "DE", None, 2_000),
        (10_000, False, "DE", None, 1_500),
        (10_000, False, "AT", None, 1_000),
        (20_000, True, "DE", TIER, 5_000),
        (19_999, True, "DE", TIER, 4_000),
    ],
)
def test_the_worked_example_of_the_documentation(
    amount: int, is_new: bool, country: str, tier: UUID | None, earned: int
) -> None:
    known = facts(
        basis=Basis(amount), customer_is_new=is_new, country=country, tier_id=tier, link_id=None
    )

    found = resolve(DOCUMENTED, known).rule

    assert found is not None
    assert award(found, known).amount_minor == earned
