"""Rules at every level, tiers, promotions, currency rates: through the API."""

from typing import Any

import pytest

from affiliates.models import Enrollment
from commissions.models import Rule
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, make_promoter

NEW = [{"field": "customer", "op": "is", "value": "new"}]
VOLUME = {
    "period": "MONTH",
    "counts": "CONVERSIONS",
    "mode": "ONWARDS",
    "steps": [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}],
}
MAY = {"name": "May", "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-06-01T00:00:00Z"}


def of(company: Company, noun: str) -> str:
    return f"programs/{company.program.id}/{noun}"


def gold(company: Company, api: Caller) -> str:
    return str(api.post(of(company, "tiers"), {"name": "Gold"}).json["id"])


def test_a_rule_with_conditions_stands_before_the_base(acme: Company, api: Caller) -> None:
    answer = api.post(
        of(acme, "rules"),
        {
            "goal": "sale",
            "reward": "percent",
            "rate_bps": 2_000,
            "conditions": NEW,
            "name": "Doubled",
            "valid_from": "2026-05-01T00:00:00Z",
        },
    )

    assert answer.status == 201
    found = answer.json
    assert (found["level"], found["is_base"], found["name"]) == ("program", False, "Doubled")
    assert (found["conditions"], found["position"], found["version"]) == (NEW, 10, 1)
    assert found["text"] == "20% of each sale for new customers"
    listed = api.get(f"{of(acme, 'rules')}?rule={found['rule']}").json["data"]
    assert [row["id"] for row in listed] == [found["id"]]


def test_rules_of_tiers_affiliates_and_links(acme: Company, bob: Promoter, api: Caller) -> None:
    fixed = {"reward": "fixed", "fixed_minor": 700}
    tier = gold(acme, api)

    answers = [
        api.post(of(acme, "rules"), {**fixed, "goal": "sale", "level": "tier", "tier": tier}),
        api.post(
            of(acme, "rules"),
            {**fixed, "level": "enrollment", "enrollment": str(bob.enrollment.id)},
        ),
        api.post(of(acme, "rules"), {**fixed, "level": "link", "link": str(bob.link.id)}),
    ]

    assert [row.status for row in answers] == [201, 201, 201]
    assert answers[0].json["tier"] == tier
    assert answers[1].json["goal"] is None
    assert answers[2].json["link"] == str(bob.link.id)


def test_volume_by_the_catalogue(acme: Company, api: Caller) -> None:
    body = {"goal": "sale", "reward": "volume", "details": VOLUME}

    answer = api.post(of(acme, "rules"), body)

    assert answer.json["is_base"]
    assert answer.json["details"] == VOLUME
    assert answer.json["text"] == "10% of each sale, 15% from the 21st sale of a month"


FIXED = {"goal": "sale", "reward": "fixed", "fixed_minor": 1}
BAD: list[tuple[str, dict[str, Any], tuple[int, str], str, str]] = [
    ("no goal", {"reward": "fixed", "fixed_minor": 1}, (400, "invalid"), "goal", "required"),
    ("unknown level", {**FIXED, "level": "moon"}, (400, "invalid"), "level", "invalid_choice"),
    ("no tier", {**FIXED, "level": "tier"}, (422, "bad_value"), "tier", "required"),
    (
        "unknown field",
        {**FIXED, "conditions": [{"field": "moon", "op": "in", "value": "x"}]},
        (422, "bad_value"),
        "conditions.0.field",
        "invalid_choice",
    ),
    (
        "bad operator",
        {**FIXED, "conditions": [{"field": "customer", "op": "in", "value": "new"}]},
        (422, "bad_value"),
        "conditions.0.op",
        "invalid_choice",
    ),
    (
        "no condition",
        {**FIXED, "conditions": ["new"]},
        (400, "invalid"),
        "conditions.0",
        "not_an_object",
    ),
    (
        "steps that fall",
        {
            "goal": "sale",
            "reward": "volume",
            "details": {**VOLUME, "steps": [VOLUME["steps"][0]] * 2},  # type: ignore[index]
        },
        (422, "bad_value"),
        "details.steps.1.from",
        "not_rising",
    ),
    (
        "a rate with volume",
        {"goal": "sale", "reward": "volume", "rate_bps": 1, "details": VOLUME},
        (400, "invalid"),
        "rate_bps",
        "not_with_reward",
    ),
    (
        "conditions of a flat fee",
        {
            "reward": "flat",
            "fixed_minor": 5,
            "details": {"period": "MONTH"},
            "conditions": NEW,
        },
        (422, "bad_value"),
        "conditions",
        "not_with_reward",
    ),
]


@pytest.mark.parametrize(
    ("body", "refusal", "field", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_a_bad_rule_is_refused_by_its_field(
    acme: Company,
    api: Caller,
    body: dict[str, Any],
    refusal: tuple[int, str],
    field: str,
    code: str,
) -> None:
    answer = api.post(of(acme, "rules"), body)

    assert answer.refusal == refusal
    assert answer.fields == {field: code}
    with merchant_context(acme.id):
        assert Rule.objects.count() == 1


def test_what_is_anothers_is_missing(
    acme: Company, globex: Company, carol: Promoter, api: Caller
) -> None:
    body = {**FIXED, "level": "enrollment", "enrollment": str(carol.enrollment.id)}

    assert api.post(of(acme, "rules"), body).refusal == (404, "not_found")
    assert api.post(of(globex, "tiers"), {"name": "Gold"}).refusal == (404, "not_found")
    assert api.get(of(globex, "promotions")).refusal == (404, "not_found")


def test_a_rule_is_revised_and_archived_by_any_of_its_ids(acme: Company, api: Caller) -> None:
    first = api.post(of(acme, "rules"), {**FIXED, "conditions": NEW}).json

    second = api.post(
        f"{of(acme, 'rules')}/{first['rule']}/revise",
        {"reward": "percent", "rate_bps": 500, "valid_from": "2196-01-01T00:00:00Z"},
    )
    ended = api.post(f"{of(acme, 'rules')}/{first['id']}/archive")

    assert second.status == 201
    assert (second.json["version"], second.json["rule"]) == (2, first["rule"])
    assert second.json["conditions"] == []
    assert ended.json["ended_at"]
    again = api.post(f"{of(acme, 'rules')}/{first['id']}/revise", {"reward": "nothing"})
    assert again.refusal == (409, "illegal_move")


def test_rules_are_put_in_order(acme: Company, api: Caller) -> None:
    one, two = (
        api.post(of(acme, "rules"), {**FIXED, "conditions": NEW}).json for _number in range(2)
    )

    answer = api.post(of(acme, "rules/reorder"), {"rules": [two["rule"], one["id"]]})

    assert (answer.status, answer.json["rule"], answer.json["position"]) == (200, two["rule"], 10)
    assert api.get(f"{of(acme, 'rules')}/{one['rule']}").json["position"] == 20
    twice = api.post(of(acme, "rules/reorder"), {"rules": [two["rule"], two["id"]]})
    assert twice.refusal == (422, "bad_value")


def test_a_preview_asks_every_level_and_says_what_it_asked(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    tier = gold(acme, api)
    mug = {"items": [{"sku": "mug", "fixed_minor": 150}], "otherwise": {"rate_bps": 500}}
    old = "2026-01-01T00:00:00Z"
    ruled = api.post(
        of(acme, "rules"),
        {
            "goal": "sale",
            "level": "tier",
            "tier": tier,
            "reward": "per_item",
            "details": {**mug, "friend": {"kind": "GIFT", "quantity": 1}},
            "conditions": NEW,
            "valid_from": old,
        },
    ).json
    api.post(f"enrollments/{bob.enrollment.id}/move", {"tier": tier})
    sale = {"goal": "sale", "amount_minor": 10_000, "currency": "EUR"}
    items = [
        {"sku": "mug", "quantity": 2, "amount_minor": 3_000},
        {"sku": "lamp", "quantity": 1, "amount_minor": 7_000},
    ]
    preview = of(acme, "rules/preview")

    known = api.post(
        preview,
        {**sale, "enrollment": str(bob.enrollment.id), "customer_is_new": True, "items": items},
    ).json
    unknown = api.post(preview, {**sale, "link": str(bob.link.id)}).json
    plain = api.post(preview, sale).json

    assert (known["commission_minor"], known["rule_version"]) == (650, ruled["id"])
    assert known["arithmetic"] == ["mug: 2 × 150 = 300", "lamp: 7000 × 500 bps = 350", "sum 650"]
    assert known["grants"] == [
        {"kind": "gift", "quantity": 1, "description": "", "is_for_friend": True}
    ]
    assert [(row["level"], row["reason"]) for row in unknown["looks"]] == [
        ("tier", "condition:customer"),
        ("program", "goal"),
    ]
    assert (unknown["commission_minor"], plain["commission_minor"]) == (1_000, 1_000)
    assert len(plain["looks"]) == 1


def test_a_preview_knows_the_guard_and_what_counts(acme: Company, api: Caller) -> None:
    changes = {"commission_bps_max": 500, "excludes_tax": False}
    assert api.patch(f"programs/{acme.program.id}", changes).json["commission_bps_max"] == 500

    found = api.post(
        of(acme, "rules/preview"),
        {"goal": "sale", "amount_minor": 11_900, "tax_minor": 1_900, "currency": "EUR"},
    ).json

    assert found["commission_minor"] == 595
    assert found["arithmetic"] == [
        "11900 paid − 0 shipping = 11900 net; × 1000 bps = 1190",
        "at the most 500 bps of the net = 595",
    ]


def test_tiers(acme: Company, bob: Promoter, api: Caller) -> None:
    tier = gold(acme, api)
    assert api.post(of(acme, "tiers"), {"name": "Gold"}).refusal == (409, "tier_name_taken")
    changed = api.patch(f"{of(acme, 'tiers')}/{tier}", {"hold_days": 7, "position": 1})
    assert (changed.json["hold_days"], changed.json["name"]) == (7, "Gold")
    assert api.patch(f"{of(acme, 'tiers')}/{tier}", {"hold_days": 366}).fields == {
        "hold_days": "max_value"
    }

    moved = api.post(f"enrollments/{bob.enrollment.id}/move", {"tier": tier})
    assert moved.json["tier"] == tier
    assert api.post(f"{of(acme, 'tiers')}/{tier}/archive").json["archived_at"]
    assert api.post(f"enrollments/{bob.enrollment.id}/move", {}).fields == {"tier": "required"}
    out = api.post(f"enrollments/{bob.enrollment.id}/move", {"tier": None})
    assert out.json["tier"] is None
    back = api.post(f"enrollments/{bob.enrollment.id}/move", {"tier": tier})
    assert (back.refusal, back.fields) == ((422, "bad_value"), {"tier": "archived"})


def test_who_brought_whom(acme: Company, bob: Promoter, api: Caller) -> None:
    bea: Enrollment = make_promoter(acme, "Bea").enrollment

    set_by = api.post(f"enrollments/{bea.id}/recruiter", {"recruiter": str(bob.enrollment.id)})
    circle = api.post(f"enrollments/{bob.enrollment.id}/recruiter", {"recruiter": str(bea.id)})

    assert set_by.json["recruited_by"] == str(bob.enrollment.id)
    assert circle.fields == {"recruiter": "circle"}


def test_promotions(acme: Company, api: Caller) -> None:
    made = api.post(of(acme, "promotions"), MAY)
    assert made.status == 201
    path = f"{of(acme, 'promotions')}/{made.json['id']}"

    changed = api.patch(path, {"ends_at": "2026-05-15T00:00:00Z"})
    backwards = api.patch(path, {"ends_at": "2026-04-01T00:00:00Z"})

    assert changed.json["ends_at"] == "2026-05-15T00:00:00Z"
    assert changed.json["name"] == "May"
    assert (backwards.refusal, backwards.fields) == (
        (422, "bad_value"),
        {"ends_at": "not_after_start"},
    )
    rule = api.post(
        of(acme, "rules"), {**FIXED, "level": "promotion", "promotion": made.json["id"]}
    )
    assert rule.json["promotion"] == made.json["id"]
    assert api.post(f"{path}/archive").json["archived_at"]
    assert api.patch(path, {"name": "June"}).refusal == (409, "illegal_move")


RATE = {
    "base": "EUR",
    "quote": "USD",
    "rate": "1.10",
    "source": "ECB",
    "at": "2026-03-01T00:00:00Z",
}


def test_currency_rates(acme: Company, api: Caller) -> None:
    made = api.post("fx-rates", RATE)

    assert made.status == 201
    assert made.json["rate"] == "1.1000000000"
    assert api.post("fx-rates", RATE).json["id"] == made.json["id"]
    other = api.post("fx-rates", {**RATE, "rate": "1.2"})
    assert (other.refusal, other.fields) == ((422, "bad_value"), {"at": "taken"})
    assert [row["id"] for row in api.get("fx-rates?base=EUR").json["data"]] == [made.json["id"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base": "euro"}, "base"),
        ({"quote": "EUR"}, "quote"),
        ({"rate": 1.1}, "rate"),
        ({"rate": "1,1"}, "rate"),
        ({"rate": "0"}, "rate"),
        ({"rate": "1.12345678901"}, "rate"),
        ({"source": ""}, "source"),
    ],
)
def test_a_bad_currency_rate_names_its_field(
    api: Caller, changes: dict[str, Any], field: str
) -> None:
    answer = api.post("fx-rates", {**RATE, **changes})

    assert answer.status in (400, 422)
    assert list(answer.fields) == [field]


def test_a_foreign_conversion_is_converted_or_refused_by_name(acme: Company, api: Caller) -> None:
    sale = {
        "program": str(acme.program.id),
        "goal": "sale",
        "external_id": "O-1",
        "amount_minor": 11_000,
        "currency": "USD",
        "occurred_at": "2026-03-02T12:00:00Z",
    }
    assert api.post("conversions", sale).refusal == (422, "currency_mismatch")
    api.patch(f"programs/{acme.program.id}", {"foreign_currency": "convert"})

    unknown = api.post("conversions", sale)
    api.post("fx-rates", RATE)
    taken = api.post("conversions", sale)

    assert (unknown.refusal, list(unknown.fields)) == ((422, "no_fx_rate"), ["currency"])
    assert taken.status == 201
    assert (taken.json["amount_minor"], taken.json["currency"]) == (10_000, "EUR")


PROGRAM_FIELDS: list[tuple[str, Any, Any]] = [
    ("attribution_model", "time_decay", "markov"),
    ("half_life_days", 14, 0),
    ("code_priority", "coupon_first", "none"),
    ("new_customers_only", True, "yes"),
    ("reactivation_days", 180, 0),
    ("lock_in_months", 0, -1),
    ("yields_to", "referral", "moon"),
    ("after_hold", "review", "later"),
    ("excludes_tax", False, 0),
    ("excludes_shipping", False, None),
    ("adds_discount", True, "no"),
    ("foreign_currency", "convert", "guess"),
    ("commission_bps_max", 3_000, 10_001),
    ("claim_days", 30, 91),
]


@pytest.mark.parametrize(("name", "good", "bad"), PROGRAM_FIELDS)
def test_what_a_program_may_be_told(
    acme: Company, api: Caller, name: str, good: Any, bad: Any
) -> None:
    path = f"programs/{acme.program.id}"

    assert api.patch(path, {name: good}).json[name] == good
    refused = api.patch(path, {name: bad})
    assert refused.refusal == (400, "invalid")
    assert list(refused.fields) == [name]


@pytest.mark.parametrize(
    "name", ["reactivation_days", "lock_in_months", "yields_to", "commission_bps_max"]
)
def test_what_may_be_nothing_again(acme: Company, api: Caller, name: str) -> None:
    path = f"programs/{acme.program.id}"
    api.patch(path, {name: "channel" if name == "yields_to" else 5})

    assert api.patch(path, {name: None}).json[name] is None


def test_a_goal_has_a_window_and_a_model_of_its_own(acme: Company, api: Caller) -> None:
    path = of(acme, "goals/sale")

    own = api.patch(path, {"window_days": 7, "attribution_model": "linear"}).json
    back = api.patch(path, {"window_days": None, "attribution_model": None, "name": "Order"}).json

    assert (own["window_days"], own["attribution_model"]) == (7, "linear")
    assert (back["window_days"], back["attribution_model"]) == (None, None)
    assert back["name"] == "Order"
    assert api.patch(path, {"window_days": 0}).fields == {"window_days": "min_value"}
    made = api.post(
        of(acme, "goals"), {"code": "demo", "name": "Demo", "attribution_model": "first"}
    )
    assert made.json["attribution_model"] == "first"
