"""POST conversions: stored once, in the program's currency, and nothing after a refusal."""

from typing import Any

import pytest

from merchants.models import Event
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, click_of, settle
from tracking.models import Conversion, Customer

NOW = "2026-03-02T13:00:00Z"
MISSING = "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"


def sale(company: Company, **changes: Any) -> dict[str, Any]:
    """Return the body of a sale of 100.00; a change to `...` leaves the field out."""
    body = {
        "program": str(company.program.id),
        "goal": "sale",
        "external_id": "order-1",
        "amount_minor": 10_000,
        "currency": company.program.currency,
        "occurred_at": NOW,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def buyer(**facts: Any) -> dict[str, Any]:
    """Return a change of the customer."""
    return {"customer": {"external_id": "c-1", **facts}}


def item(**facts: Any) -> dict[str, Any]:
    """Return a change of the items; a fact of `...` leaves the field out."""
    whole = {"sku": "mug", "quantity": 1, "amount_minor": 1, **facts}
    return {"items": [{name: value for name, value in whole.items() if value is not ...}]}


def stored(company: Company) -> int:
    """Return how many conversions the company has."""
    with merchant_context(company.id):
        return Conversion.objects.filter(merchant_id=company.id).count()


def test_a_sale_is_stored_and_answered_whole(acme: Company, bob: Promoter, api: Caller) -> None:
    click = click_of(bob)
    body = sale(
        acme,
        click_id=click,
        click_ids=[click, "another"],
        coupon="summer",
        customer={
            "external_id": "c-1",
            "email": "Dora@example.com",
            "is_new": True,
            "country": "DE",
        },
        items=[{"sku": "mug", "category": "kitchen", "quantity": 2, "amount_minor": 10_000}],
        tax_minor=1_600,
        shipping_minor=400,
        discount_minor=100,
        metadata={"channel": "web", "weights": [1, 2.5, None, True]},
    )

    answer = api.post("conversions", body)

    assert answer.status == 201
    found = answer.json
    assert found.pop("id")
    assert found.pop("created_at")
    assert found.pop("confirmed_at")
    assert found == {
        "program": str(acme.program.id),
        "goal": "sale",
        "external_id": "order-1",
        "status": "received",
        "reason": None,
        "amount_minor": 10_000,
        "currency": "EUR",
        "original_minor": None,
        "original_currency": None,
        "tax_minor": 1_600,
        "shipping_minor": 400,
        "discount_minor": 100,
        "items": [{"sku": "mug", "category": "kitchen", "quantity": 2, "amount_minor": 10_000}],
        "metadata": {"channel": "web", "weights": [1, 2.5, None, True]},
        "click_id": click,
        "click_ids": ["another"],
        "coupon": "SUMMER",
        "referral": None,
        "source": "api",
        "is_test": False,
        "customer": {"external_id": "c-1", "country": "DE", "is_new": True},
        "occurred_at": NOW,
        "credits": [],
        "commissions": [],
        "refunds": [],
    }


def test_a_sale_is_credited_and_earns_seconds_later(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    id = api.post("conversions", sale(acme, click_id=click_of(bob))).json["id"]

    settle(acme, at=acme.program.created_at)
    found = api.get(f"conversions/{id}").json

    assert (found["status"], found["reason"]) == ("pending", "on_hold")
    assert found["credits"] == [
        {"enrollment": str(bob.enrollment.id), "share_ppm": 1_000_000, "amount_minor": 10_000}
    ]
    [line] = found["commissions"]
    assert line.pop("id")
    assert line.pop("rule_version")
    assert line == {
        "enrollment": str(bob.enrollment.id),
        "kind": "earning",
        "amount_minor": 1_000,
        "currency": "EUR",
        "status": "pending",
        "hold_until": "2026-04-01T13:00:00Z",
    }


def test_a_repeat_stores_nothing_and_answers_the_first(acme: Company, api: Caller) -> None:
    first = api.post("conversions", sale(acme))

    again = api.post("conversions", sale(acme, amount_minor=99_999))

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert stored(acme) == 1


def test_the_key_is_named_in_history(acme: Company, api: Caller) -> None:
    id = api.post("conversions", sale(acme)).json["id"]

    with merchant_context(acme.id):
        event = Event.objects.get(type="conversion.received")
        assert str(event.subject_id) == id
        assert event.actor_kind == "KEY"


def test_the_buyers_address_is_not_kept(acme: Company, api: Caller) -> None:
    customer = {"external_id": "c-1", "email": "dora@example.com"}

    answer = api.post("conversions", sale(acme, customer=customer))

    assert answer.status == 201
    with merchant_context(acme.id):
        assert "dora" not in str(Customer.objects.values().get())
        assert "dora" not in str(Conversion.objects.values().get())


def test_a_time_is_kept_in_utc_and_defaults_to_now(acme: Company, api: Caller) -> None:
    there = api.post("conversions", sale(acme, occurred_at="2026-03-02T15:00:00.5+02:00"))
    now = api.post("conversions", sale(acme, external_id="order-2", occurred_at=...))

    assert there.json["occurred_at"] == "2026-03-02T13:00:00.500000Z"
    assert now.json["occurred_at"] <= now.json["created_at"]


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    ("no currency code", {"currency": "XXX"}, "currency", "invalid_choice"),
    ("lower case code", {"currency": "eur"}, "currency", "invalid_choice"),
    ("a list as code", {"currency": ["EUR"]}, "currency", "invalid_choice"),
    ("unknown field", {"colour": "red"}, "colour", "unknown_field"),
    ("no external id", {"external_id": ...}, "external_id", "required"),
    ("empty external id", {"external_id": ""}, "external_id", "blank"),
    ("a number as text", {"external_id": 12}, "external_id", "invalid"),
    ("long text", {"external_id": "x" * 201}, "external_id", "max_length"),
    ("null", {"external_id": None}, "external_id", "null"),
    ("NUL", {"external_id": "a\0b"}, "external_id", "forbidden_character"),
    ("NUL in a name", {"metadata": {"a\0": 1}}, "metadata", "forbidden_character"),
    ("half a character", {"metadata": {"x": "\ud800"}}, "metadata.x", "forbidden_character"),
    ("no uuid", {"program": "acme"}, "program", "invalid"),
    ("a number as uuid", {"program": 7}, "program", "invalid"),
    ("no zone", {"occurred_at": "2026-03-02T12:00:00"}, "occurred_at", "no_moment"),
    ("a day", {"occurred_at": "2026-03-02"}, "occurred_at", "no_moment"),
    ("no such day", {"occurred_at": "2026-02-30T12:00:00Z"}, "occurred_at", "no_moment"),
    ("a timestamp", {"occurred_at": 1772452800}, "occurred_at", "no_moment"),
    ("the future", {"occurred_at": "2199-03-02T12:00:00Z"}, "occurred_at", "in_future"),
    ("year one", {"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "out_of_range"),
    ("flag as text", buyer(is_new="true"), "customer.is_new", "invalid"),
    ("unknown inner field", buyer(age=3), "customer.age", "unknown_field"),
    ("no address", buyer(email="dora"), "customer.email", "invalid"),
    ("no country", buyer(country="Germany"), "customer.country", "invalid"),
    ("customer as text", {"customer": "c-1"}, "customer", "invalid"),
    ("item without sku", item(sku=...), "items.0.sku", "required"),
    ("none of an item", item(quantity=0), "items.0.quantity", "min_value"),
    ("item for less than nothing", item(amount_minor=-1), "items.0.amount_minor", "min_value"),
    ("items as object", {"items": {}}, "items", "not_a_list"),
    ("metadata as list", {"metadata": []}, "metadata", "not_a_dict"),
    ("much metadata", {"metadata": {"x": "y" * 16_400}}, "metadata", "too_large"),
    ("coupon that grows", {"coupon": "ß" * 21}, "coupon", "max_length"),
    ("negative tax", {"tax_minor": -1}, "tax_minor", "min_value"),
]


@pytest.mark.parametrize(
    ("changes", "field", "code"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_an_invalid_report_names_the_field_and_stores_nothing(
    acme: Company, api: Caller, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post("conversions", sale(acme, **changes))

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {field: code}
    assert stored(acme) == 0


REFUSED: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    ("unknown goal", {"goal": "nope"}, (422, "unknown_goal"), "goal"),
    ("another currency", {"currency": "USD"}, (422, "currency_mismatch"), "currency"),
    ("missing program", {"program": MISSING}, (404, "not_found"), "program"),
]


@pytest.mark.parametrize(
    ("changes", "refusal", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_refused_report_names_the_field_and_stores_nothing(
    acme: Company,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    field: str,
) -> None:
    answer = api.post("conversions", sale(acme, **changes))

    assert answer.refusal == refusal
    assert answer.fields == {field: refusal[1]}
    assert stored(acme) == 0


def test_every_wrong_field_is_named_at_once(acme: Company, api: Caller) -> None:
    answer = api.post("conversions", sale(acme, amount_minor=-1, currency="?", colour="red"))

    assert answer.fields == {
        "colour": "unknown_field",
        "amount_minor": "min_value",
        "currency": "invalid_choice",
    }


def test_another_merchants_program_is_as_missing_as_none(
    acme: Company, globex: Company, api: Caller
) -> None:
    foreign = api.post("conversions", sale(globex))
    missing = api.post("conversions", sale(globex, program=MISSING))

    assert foreign.refusal == (404, "not_found")
    assert foreign.response.content == missing.response.content
    assert stored(globex) == 0


def test_a_customer_of_nobody_may_be_null(acme: Company, api: Caller) -> None:
    answer = api.post("conversions", sale(acme, customer=None))

    assert answer.status == 201
    assert answer.json["customer"] is None
