"""The catalogue: what rules may ask and pay, and how bad input is answered."""

from typing import Any

import pytest

from commissions.catalogue import CONDITIONS, REWARDS, clean_conditions, clean_reward
from commissions.models import Reward
from common.refusals import BadValue

STEPS = [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}]
VOLUME = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": STEPS}


def condition(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def test_every_reward_is_declared() -> None:
    assert set(REWARDS) == set(Reward)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (condition("country", "in", ["de", "AT", "DE"]), ["DE", "AT"]),
        (condition("country", "not_in", "us"), ["US"]),
        (condition("device", "in", ["Phone", "tv"]), ["phone", "tv"]),
        (condition("item_sku", "in", [" mug "]), ["mug"]),
        (condition("item_category", "not_in", ["books"]), ["books"]),
        (condition("amount_minor", "gte", 10_000), 10_000),
        (condition("coupon", "in", ["bob10"]), ["BOB10"]),
        (condition("sub10", "in", ["newsletter"]), ["newsletter"]),
        (condition("source", "in", ["blog"]), ["blog"]),
        (condition("customer", "is", "NEW"), "new"),
        (condition("customer_months", "lt", 12), 12),
        (condition("payment_number", "lte", 3), 3),
        (condition("affiliate_type", "in", ["creator"]), ["CREATOR"]),
        (condition("weekday", "in", ["sat", "Sun"]), ["SAT", "SUN"]),
        (condition("date", "gte", "2026-12-01"), "2026-12-01"),
        (condition("metadata.job_title", "in", ["CTO", "CEO"]), ["CTO", "CEO"]),
        (condition("metadata.seats", "gte", 50), 50),
    ],
)
def test_conditions_are_stored_in_one_form(given: dict[str, Any], stored: Any) -> None:
    assert clean_conditions([given]) == [given | {"value": stored}]


def test_every_declared_field_takes_each_of_its_operators() -> None:
    samples: dict[str, Any] = {
        "country": "DE",
        "device": "phone",
        "customer": "new",
        "affiliate_type": "CREATOR",
        "weekday": "MON",
        "date": "2026-12-01",
    }
    numbers = ("amount_minor", "customer_months", "payment_number")
    for field in CONDITIONS.values():
        value = 3 if field.name in numbers else samples.get(field.name, "X")
        for op in field.ops:
            assert clean_conditions([condition(field.name, op, value)])


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ("text", "conditions", "not_a_list"),
        ([condition("country", "in", "DE")] * 21, "conditions", "max_length"),
        (["DE"], "conditions.0", "invalid"),
        ([{"field": "country", "op": "in"}], "conditions.0.value", "required"),
        ([{"op": "in", "value": 1}], "conditions.0.field", "required"),
        (
            [condition("country", "in", "DE") | {"not": True}],
            "conditions.0.not",
            "unknown_field",
        ),
        ([condition("moon", "in", "full")], "conditions.0.field", "invalid_choice"),
        ([condition("metadata.", "in", "x")], "conditions.0.field", "invalid_choice"),
        ([{"field": 7, "op": "in", "value": 1}], "conditions.0.field", "invalid_choice"),
        ([condition("country", "gte", "DE")], "conditions.0.op", "invalid_choice"),
        (
            [condition("country", "in", "DE"), condition("country", "in", "Germany")],
            "conditions.1.value",
            "max_length",
        ),
        ([condition("country", "in", ["1!"])], "conditions.0.value", "invalid"),
        ([condition("country", "in", [])], "conditions.0.value", "required"),
        ([condition("country", "in", [7])], "conditions.0.value", "invalid"),
        ([condition("item_sku", "in", ["x"] * 201)], "conditions.0.value", "max_length"),
        (
            [condition("item_sku", "in", "a\0b")],
            "conditions.0.value",
            "null_characters_not_allowed",
        ),
        ([condition("device", "in", "fridge")], "conditions.0.value", "invalid_choice"),
        ([condition("customer", "is", "old")], "conditions.0.value", "invalid_choice"),
        ([condition("customer_months", "lt", "12")], "conditions.0.value", "invalid"),
        ([condition("customer_months", "lt", True)], "conditions.0.value", "invalid"),
        ([condition("customer_months", "lt", -1)], "conditions.0.value", "min_value"),
        ([condition("payment_number", "lte", 10**7)], "conditions.0.value", "max_value"),
        ([condition("date", "gte", "24.12.2026")], "conditions.0.value", "invalid"),
        ([condition("metadata.seats", "gte", "many")], "conditions.0.value", "invalid"),
    ],
)
def test_a_bad_condition_names_its_field(given: Any, field: str, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        clean_conditions(given)

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_rewards_are_stored_in_one_form() -> None:
    assert clean_reward("percent", 0, 1_000).rate_bps == 1_000
    assert clean_reward("FIXED", 500).fixed_minor == 500
    both = clean_reward("FIXED_AND_PERCENT", 500, 1_000)
    assert (both.fixed_minor, both.rate_bps) == (500, 1_000)
    assert clean_reward("VOLUME", details=VOLUME | {"period": "month"}).details == VOLUME
    assert clean_reward("NOTHING").details == {}
    grant = clean_reward("NON_CASH", details={"kind": "gift", "quantity": 1})
    assert grant.details == {"kind": "GIFT", "quantity": 1}
    friend = {"kind": "FREE_MONTHS", "quantity": 1, "description": "one month"}
    assert clean_reward("FIXED", 500, details={"friend": friend}).details == {"friend": friend}


@pytest.mark.parametrize(
    ("reward", "columns", "details", "field", "code"),
    [
        ("LOTTERY", (0, 0), None, "reward", "invalid_choice"),
        ("FIXED", (0, 0), None, "fixed_minor", "required"),
        ("FIXED", (None, None), None, "fixed_minor", "required"),
        ("FIXED", (-5, 0), None, "fixed_minor", "min_value"),
        ("FIXED", (10**16, 0), None, "fixed_minor", "max_value"),
        ("FIXED", (5.5, 0), None, "fixed_minor", "invalid"),
        ("FIXED", (False, 0), None, "fixed_minor", "invalid"),
        ("FIXED", (500, 100), None, "rate_bps", "not_with_reward"),
        ("PERCENT", (0, 10_001), None, "rate_bps", "max_value"),
        ("PERCENT", (1, 1_000), None, "fixed_minor", "not_with_reward"),
        ("PERCENT", (0, 1_000), {"moon": 1}, "details.moon", "unknown_field"),
        ("PERCENT", (0, 1_000), "x", "details", "invalid"),
        (
            "PERCENT",
            (0, 1_000),
            {"friend": {"kind": "GIFT"}},
            "details.friend.quantity",
            "required",
        ),
        ("VOLUME", (0, 0), {}, "details.period", "required"),
        ("VOLUME", (0, 0), VOLUME | {"steps": []}, "details.steps", "required"),
        ("VOLUME", (0, 0), VOLUME | {"steps": {}}, "details.steps", "not_a_list"),
        ("VOLUME", (0, 0), VOLUME | {"steps": [*STEPS] * 11}, "details.steps", "max_length"),
        ("VOLUME", (0, 0), VOLUME | {"period": "FORTNIGHT"}, "details.period", "invalid_choice"),
        (
            "VOLUME",
            (0, 0),
            VOLUME | {"steps": [STEPS[0], {"from": 1, "rate_bps": 1}]},
            "details.steps.1.from",
            "not_rising",
        ),
        (
            "VOLUME",
            (0, 0),
            VOLUME | {"steps": [{"from": 2, "rate_bps": 1}]},
            "details.steps.0.from",
            "first_step",
        ),
        (
            "VOLUME",
            (0, 0),
            VOLUME | {"steps": [{"from": 1}]},
            "details.steps.0.rate_bps",
            "required",
        ),
        (
            "VOLUME",
            (0, 0),
            VOLUME | {"steps": [{"from": 1, "rate_bps": 1, "fixed_minor": 1}]},
            "details.steps.0.fixed_minor",
            "only_one",
        ),
        ("PER_ITEM", (0, 0), {}, "details.items", "required"),
        (
            "PER_ITEM",
            (0, 0),
            {"items": [{"rate_bps": 100}]},
            "details.items.0.sku",
            "required",
        ),
        (
            "PER_ITEM",
            (0, 0),
            {"items": [{"sku": "a", "category": "b", "rate_bps": 100}]},
            "details.items.0.category",
            "only_one",
        ),
        (
            "NON_CASH",
            (0, 0),
            {"kind": "DISCOUNT", "quantity": 10_001},
            "details.quantity",
            "max_value",
        ),
        ("NOTHING", (0, 0), {"friend": {}}, "details.friend", "unknown_field"),
        ("PER_CLICK", (0, 0), {"rate_e5": 0}, "details.rate_e5", "min_value"),
        ("OVERRIDE", (0, 500), {"depth_max": 6}, "details.depth_max", "max_value"),
        (
            "OVERRIDE",
            (0, 500),
            {"depth_max": 1, "own": {"days": 1}},
            "details.own.conversions_min",
            "required",
        ),
        (
            "BONUS",
            (500, 0),
            {"counts": "CONVERSIONS", "period": "ALL"},
            "details.every",
            "required",
        ),
        (
            "BONUS",
            (500, 0),
            {"counts": "CONVERSIONS", "period": "ALL", "every": 1, "at": 5},
            "details.at",
            "only_one",
        ),
        (
            "BONUS",
            (500, 0),
            {"counts": "CONVERSIONS", "period": "ALL", "at": 5, "goal": "A B"},
            "details.goal",
            "invalid",
        ),
        ("FLAT", (500, 0), {"period": "DAY"}, "details.period", "invalid_choice"),
    ],
)
def test_a_bad_reward_names_its_field(
    reward: str, columns: tuple[Any, Any], details: Any, field: str, code: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        clean_reward(reward, *columns, details)

    assert (refusal.value.field, refusal.value.code) == (field, code)
