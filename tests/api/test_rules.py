"""Rates: set as versions, listed, previewed."""

from typing import Any

import pytest

from commissions.models import RuleVersion
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company


def rules(company: Company) -> str:
    """Return the address of the company's rates."""
    return f"programs/{company.program.id}/rules"


def test_a_rate_is_set_as_the_next_version(acme: Company, api: Caller) -> None:
    answer = api.post(
        rules(acme),
        {
            "goal": "sale",
            "reward": "fixed",
            "fixed_minor": 500,
            "valid_from": "2026-05-01T00:00:00Z",
        },
    )

    assert answer.status == 201
    found = answer.json
    id = found.pop("id")
    assert found.pop("created_at")
    assert found.pop("rule")
    assert found == {
        "goal": "sale",
        "level": "program",
        "is_base": True,
        "tier": None,
        "promotion": None,
        "enrollment": None,
        "link": None,
        "name": None,
        "position": 100,
        "details": {},
        "conditions": [],
        "text": "€5.00 per sale",
        "version": 2,
        "reward": "fixed",
        "fixed_minor": 500,
        "rate_bps": 0,
        "valid_from": "2026-05-01T00:00:00Z",
        "ended_at": None,
    }
    assert [row["version"] for row in api.get(rules(acme)).json["data"]] == [2, 1]
    assert api.get(f"{rules(acme)}/{id}").json == answer.json
    assert api.get(f"{rules(acme)}?reward=percent").json["data"][0]["rate_bps"] == 1_000


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    ("no reward", {"rate_bps": 1}, "reward", "required"),
    ("a percentage without a rate", {"reward": "percent"}, "rate_bps", "required"),
    ("a fixed one without an amount", {"reward": "fixed"}, "fixed_minor", "required"),
    ("both", {"reward": "fixed", "fixed_minor": 1, "rate_bps": 1}, "rate_bps", "not_with_reward"),
    ("nothing", {"reward": "fixed", "fixed_minor": 0}, "fixed_minor", "min_value"),
    ("no rate", {"reward": "percent", "rate_bps": 0}, "rate_bps", "min_value"),
    ("more than all", {"reward": "percent", "rate_bps": 10_001}, "rate_bps", "max_value"),
    ("half a point", {"reward": "percent", "rate_bps": 7.5}, "rate_bps", "not_an_integer"),
]


@pytest.mark.parametrize(
    ("changes", "field", "code"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_an_invalid_rate_is_refused(
    acme: Company, api: Caller, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post(rules(acme), {"goal": "sale", **changes})

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {field: code}
    with merchant_context(acme.id):
        assert RuleVersion.objects.count() == 1


def test_a_rate_of_an_unknown_goal_is_refused(acme: Company, api: Caller) -> None:
    answer = api.post(rules(acme), {"goal": "nope", "reward": "percent", "rate_bps": 1})

    assert answer.refusal == (404, "not_found")
    assert answer.fields == {"goal": "not_found"}


def test_a_preview_says_what_would_be_paid_and_why(acme: Company, api: Caller) -> None:
    answer = api.post(
        f"{rules(acme)}/preview",
        {
            "goal": "sale",
            "amount_minor": 11_900,
            "currency": "EUR",
            "tax_minor": 1_900,
            "shipping_minor": 500,
        },
    )

    with merchant_context(acme.id):
        version = RuleVersion.objects.get()
    assert answer.status == 200
    assert answer.json == {
        "commission_minor": 950,
        "currency": "EUR",
        "rule_version": str(version.id),
        "arithmetic": ["11900 paid − 1900 tax − 500 shipping = 9500 net; × 1000 bps = 950"],
        "looks": [
            {
                "rule_version": str(version.id),
                "level": "program",
                "matched": True,
                "reason": "goal",
            }
        ],
        "grants": [],
    }


def test_a_goal_without_a_rate_previews_nothing(acme: Company, api: Caller) -> None:
    body = {"goal": "lead", "amount_minor": 0, "currency": "EUR"}

    answer = api.post(f"{rules(acme)}/preview", body)

    assert answer.json == {
        "commission_minor": 0,
        "currency": "EUR",
        "rule_version": None,
        "arithmetic": [],
        "looks": [],
        "grants": [],
    }


def test_a_preview_is_in_the_programs_currency(acme: Company, api: Caller) -> None:
    body = {"goal": "sale", "amount_minor": 100, "currency": "USD"}

    answer = api.post(f"{rules(acme)}/preview", body)

    assert answer.refusal == (422, "currency_mismatch")
