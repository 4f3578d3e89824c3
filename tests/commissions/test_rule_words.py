"""Whole rules in one sentence, as affiliates read them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from commissions.catalogue import clean_conditions, clean_reward
from commissions.words import describe_amount, describe_award, describe_rule


@dataclass(frozen=True)
class Drafted:
    reward: str
    fixed_minor: int = 0
    rate_bps: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    conditions: list[dict[str, Any]] = field(default_factory=list)


def drafted(reward: str, *conditions: tuple[str, str, Any], **facts: Any) -> Drafted:
    clean = clean_reward(reward, **facts)
    asked = [{"field": name, "op": op, "value": value} for name, op, value in conditions]
    return Drafted(
        clean.reward, clean.fixed_minor, clean.rate_bps, clean.details, clean_conditions(asked)
    )


STEPS = [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}]
VOLUME = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": STEPS}
BY_AMOUNT = {
    "counts": "AMOUNT",
    "steps": [{"from": 0, "fixed_minor": 0}, {"from": 100_000, "fixed_minor": 300}],
}
FRIEND = {"friend": {"kind": "FREE_MONTHS", "quantity": 1}}
ITEMS = {
    "items": [{"sku": "mug", "fixed_minor": 150}, {"category": "books", "rate_bps": 500}],
    "otherwise": {"rate_bps": 1_000},
}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (drafted("PERCENT", rate_bps=1_000), "10% of each sale"),
        (drafted("FIXED", fixed_minor=500), "€5.00 per sale"),
        (
            drafted("FIXED_AND_PERCENT", fixed_minor=500, rate_bps=1_000),
            "€5.00 and 10% of each sale",
        ),
        (
            drafted("PERCENT", ("customer_months", "lt", 12), rate_bps=1_000),
            "10% of each sale for 12 months",
        ),
        (
            drafted("PERCENT", ("payment_number", "lte", 3), rate_bps=1_000),
            "10% of each sale for the first 3 payments of a customer",
        ),
        (
            drafted("PERCENT", ("payment_number", "gte", 2), rate_bps=500),
            "5% of each sale from the 2nd payment of a customer on",
        ),
        (
            drafted(
                "FIXED",
                ("customer", "is", "new"),
                ("country", "in", ["DE", "AT"]),
                ("amount_minor", "gte", 10_000),
                fixed_minor=1_000,
            ),
            "€10.00 per sale for new customers, in Germany or Austria, from an amount of €100.00",
        ),
        (
            drafted("VOLUME", details=VOLUME),
            "10% of each sale, 15% from the 21st sale of a month",
        ),
        (
            drafted("VOLUME", ("customer_months", "lt", 12), details=VOLUME),
            "10% of each sale, 15% from the 21st sale of a month, for 12 months",
        ),
        (
            drafted("VOLUME", details=VOLUME | {"mode": "RETROACTIVE", "period": "QUARTER"}),
            "10% of each sale, 15% for all of a quarter once it has the 21st sale",
        ),
        (
            drafted("VOLUME", details=VOLUME | BY_AMOUNT),
            "nothing per sale, €3.00 from €1,000.00 in a month",
        ),
        (
            drafted("PER_ITEM", details=ITEMS),
            "per sale: €1.50 for each mug, 5% of books, 10% for everything else",
        ),
        (
            drafted("NON_CASH", details={"kind": "CREDIT", "quantity": 2_000} | FRIEND),
            "€20.00 credit per sale, and for the customer 1 free month",
        ),
        (
            drafted("NON_CASH", details={"kind": "GIFT", "quantity": 2, "description": "mug"}),
            "2 × mug per sale",
        ),
        (drafted("NOTHING", ("coupon", "in", ["X"])), "nothing per sale with the coupon X"),
        (drafted("PER_CLICK", details={"rate_e5": 125}), "€0.00125 per click"),
        (drafted("PER_CLICK", details={"rate_e5": 1_000}), "€0.01 per click"),
        (drafted("PER_MILLE", details={"rate_e5": 250_000}), "€2.50 per 1,000 impressions"),
        (
            drafted(
                "OVERRIDE",
                rate_bps=500,
                details={"depth_max": 2, "own": {"conversions_min": 3, "days": 30}},
            ),
            "5% of what affiliates earn whom you brought, 2 levels deep, if you had 3 conversions"
            " of your own in the last 30 days",
        ),
        (
            drafted(
                "BONUS",
                fixed_minor=10_000,
                details={"counts": "CONVERSIONS", "every": 10, "period": "MONTH"},
            ),
            "€100.00 bonus for every 10 conversions in a month",
        ),
        (
            drafted(
                "BONUS",
                fixed_minor=10_000,
                details={"counts": "NEW_CUSTOMERS", "at": 1, "period": "ALL"},
            ),
            "€100.00 bonus at 1 new customer",
        ),
        (drafted("FLAT", fixed_minor=5_000, details={"period": "MONTH"}), "€50.00 every month"),
        (
            drafted(
                "FIXED",
                ("date", "gte", "2026-12-01"),
                ("weekday", "in", ["sat", "sun"]),
                ("metadata.seats", "gte", 1_000),
                fixed_minor=500,
            ),
            "€5.00 per sale from Dec 1, 2026, on Saturday or Sunday, where seats is 1,000 or more",
        ),
    ],
)
def test_a_rule_in_one_sentence(rule: Drafted, said: str) -> None:
    assert describe_rule(rule, goal="Sale", currency="EUR", language="en") == said


def test_every_goal_is_every_conversion() -> None:
    rule = drafted("PERCENT", rate_bps=1_000)

    said = describe_rule(rule, goal=None, currency="EUR", language="en")

    assert said == "10% of each conversion"


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        (drafted("FIXED_AND_PERCENT", fixed_minor=500, rate_bps=1_000), "€5.00 + 10%"),
        (drafted("VOLUME", details=VOLUME), "10% to 15%"),
        (drafted("PER_ITEM", details=ITEMS), "By line item"),
        (drafted("NOTHING"), "Nothing"),
        (drafted("NON_CASH", details={"kind": "DISCOUNT", "quantity": 1_000}), "10% discount"),
    ],
)
def test_a_rate_alone(rule: Drafted, short: str) -> None:
    assert describe_amount(rule, currency="EUR", language="en") == short


def test_how_other_amounts_came_about() -> None:
    both = drafted("FIXED_AND_PERCENT", fixed_minor=500, rate_bps=1_000)

    said = describe_award(both, net_minor=10_000, earned_minor=1_500, currency="EUR", language="en")

    assert said == "€5.00 and 10% of €100.00: €15.00"
