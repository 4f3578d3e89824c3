"""Experiments by the API."""

from datetime import timedelta
from typing import Any

import pytest

from commissions.models import RuleVersion
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import NOON, Company
from tests.experiments import plan_experiment

VARIANTS: list[dict[str, Any]] = [
    {"name": "As now"},
    {
        "name": "15 %",
        "weight": 2,
        "rules": [{"goal": "sale", "reward": "percent", "rate_bps": 1_500}],
    },
]
BODY: dict[str, Any] = {
    "name": "15 % against 10 %",
    "hypothesis": "More for more.",
    "starts_at": "2190-01-01T00:00:00Z",
    "ends_at": "2190-02-01T00:00:00Z",
    "variants": VARIANTS,
}


def test_one_is_planned_read_and_discarded(acme: Company, api: Caller):
    path = f"programs/{acme.program.id}/experiments"

    made = api.post(path, BODY)
    found = api.get(f"{path}/{made.json['id']}")

    assert made.status == 201
    assert made.json == found.json | {"until": made.json["until"]}
    assert (made.json["state"], made.json["currency"]) == ("planned", "EUR")
    control, variant = made.json["variants"]
    assert (control["name"], control["is_control"], control["promotion"]) == ("As now", True, None)
    assert (variant["name"], variant["weight"], variant["is_control"]) == ("15 %", 2, False)
    assert variant["figures"][0] == {
        "figure": "conversion_rate",
        "unit": "share",
        "value": None,
        "interval": None,
        "difference": None,
        "difference_interval": None,
    }
    [listed] = api.get(path).json["data"]
    assert listed == {name: made.json[name] for name in listed}
    discarded = api.post(f"{path}/{made.json['id']}/archive")
    assert (discarded.status, discarded.json["state"]) == (200, "archived")
    assert api.post(f"{path}/{made.json['id']}/archive").refusal == (409, "illegal_move")


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({"x": 1}, 400, {"x": "unknown_field"}),
        ({"name": ""}, 400, {"name": "blank"}),
        ({"starts_at": "2190-01-01"}, 400, {"starts_at": "no_moment"}),
        ({"starts_at": "2020-01-01T00:00:00Z"}, 422, {"starts_at": "in_past"}),
        ({"ends_at": "2190-01-01T00:00:00Z"}, 422, {"ends_at": "not_after"}),
        ({"variants": "no"}, 400, {"variants": "not_a_list"}),
        ({"variants": VARIANTS[:1]}, 422, {"variants": "count"}),
        ({"variants": [VARIANTS[0], VARIANTS[0]]}, 422, {"variants": "one_control"}),
        (
            {"variants": [VARIANTS[0], VARIANTS[1] | {"weight": 0}]},
            400,
            {"variants.1.weight": "min_value"},
        ),
        (
            {"variants": [VARIANTS[0], {"name": "B", "rules": [{"goal": "sale"}]}]},
            400,
            {"variants.1.rules.0.reward": "required"},
        ),
        (
            {
                "variants": [
                    VARIANTS[0],
                    {"name": "B", "rules": [{"goal": "x", "reward": "percent", "rate_bps": 1}]},
                ]
            },
            422,
            {"variants.1.rules.0.goal": "unknown_goal"},
        ),
        (
            {
                "variants": [
                    VARIANTS[0],
                    {"name": "B", "rules": [{"goal": "sale", "reward": "volume", "details": {}}]},
                ]
            },
            422,
            {"variants.1.rules.0.details.period": "required"},
        ),
    ],
)
def test_what_is_wrong_is_named(
    acme: Company, api: Caller, change: dict[str, Any], status: int, fields: dict[str, str]
):
    answer = api.post(f"programs/{acme.program.id}/experiments", BODY | change)

    assert (answer.status, answer.fields) == (status, fields)


def test_another_merchants_is_not_there(globex: Company, acme: Company, api: Caller):
    with merchant_context(globex.id):
        foreign = plan_experiment(globex.program, starts_at=NOON + timedelta(days=1))

    for path in (
        f"programs/{globex.program.id}/experiments",
        f"programs/{globex.program.id}/experiments/{foreign.id}",
        f"programs/{acme.program.id}/experiments/{foreign.id}",
    ):
        assert api.get(path).refusal == (404, "not_found")
    assert api.post(f"programs/{acme.program.id}/experiments/{foreign.id}/stop").status == 404
    assert api.post(f"programs/{globex.program.id}/experiments", BODY).status == 404


def test_what_is_compared_stays_as_it_is(acme: Company, api: Caller):
    path = f"programs/{acme.program.id}"
    made = api.post(f"{path}/experiments", BODY).json
    promotion = made["variants"][1]["promotion"]
    with merchant_context(acme.id):
        rule = RuleVersion.objects.get(rule__promotion=promotion)
    reward = {"reward": "fixed", "fixed_minor": 9}
    for_it = {"level": "promotion", "promotion": promotion, **reward}
    refused = {
        "moved": api.patch(f"{path}/promotions/{promotion}", {"starts_at": "2026-01-01T00:00:00Z"}),
        "ended": api.post(f"{path}/promotions/{promotion}/archive"),
        "revised": api.post(f"{path}/rules/{rule.id}/revise", reward),
        "archived": api.post(f"{path}/rules/{rule.id}/archive"),
        "added": api.post(f"{path}/rules", for_it),
        "put in order": api.post(f"{path}/rules/reorder", {"rules": [str(rule.id)]}),
    }

    assert {name: answer.refusal for name, answer in refused.items()} == {
        **dict.fromkeys(["moved", "ended", "revised", "archived"], (409, "illegal_move")),
        **dict.fromkeys(["added", "put in order"], (422, "bad_value")),
    }
    with merchant_context(acme.id):
        assert RuleVersion.objects.filter(rule__promotion=promotion).count() == 1
        assert RuleVersion.objects.get(id=rule.id).rule.archived_at is None
