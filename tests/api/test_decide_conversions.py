"""Conversions are approved, declined, held, released and refunded."""

from typing import Any

import pytest

from commissions.models import Commission
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.api.conftest import Caller
from tests.api.test_report_conversion import sale
from tests.cast import NOON, Company, Promoter, click_of, sell, settle
from tracking.models import Conversion, Refund


@pytest.fixture
def path(acme: Company, bob: Promoter) -> str:
    """Return the address of a pending conversion of 100.00 that earned 10.00."""
    return f"conversions/{sell(acme, click=click_of(bob)).id}"


def statuses(api: Caller, path: str) -> tuple[str, str | None, list[str]]:
    """Return the conversion's status and reason, and its commissions' statuses."""
    found = api.get(path).json
    return found["status"], found["reason"], [line["status"] for line in found["commissions"]]


def test_approving_ends_the_hold(acme: Company, api: Caller, path: str) -> None:
    answer = api.post(f"{path}/approve")

    assert answer.status == 200
    assert answer.json == api.get(path).json
    assert statuses(api, path) == ("approved", None, ["approved"])
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
    assert api.post(f"{path}/approve").refusal == (409, "illegal_move")


def test_declining_takes_the_commission_back(acme: Company, api: Caller, path: str) -> None:
    answer = api.post(f"{path}/decline", {"reason": "Own purchase"})

    assert answer.status == 200
    assert statuses(api, path) == ("declined", "declined_by_merchant", ["declined"])
    with merchant_context(acme.id):
        assert Conversion.objects.get().reason_detail == "Own purchase"
        assert check_money(acme.id) == []
    assert "Own purchase" not in str(answer.json)


@pytest.mark.parametrize("body", [None, {}, {"reason": ""}, {"reason": 1}, {"reason": "x" * 501}])
def test_declining_needs_a_reason(api: Caller, path: str, body: Any) -> None:
    answer = api.post(f"{path}/decline", body)

    assert answer.refusal == (400, "invalid")
    assert list(answer.fields) == ["reason"]
    assert statuses(api, path)[0] == "pending"


def test_a_conversion_is_held_and_released(acme: Company, api: Caller, path: str) -> None:
    assert api.post(f"{path}/hold").status == 200
    assert statuses(api, path) == ("held", "held_by_merchant", ["held"])
    assert api.post(f"{path}/hold", {"reason": "Odd"}).refusal == (409, "illegal_move")
    assert api.post(f"{path}/approve").refusal == (409, "illegal_move")

    assert api.post(f"{path}/release").status == 200
    assert statuses(api, path) == ("pending", "on_hold", ["pending"])
    assert api.post(f"{path}/release").refusal == (409, "illegal_move")


def test_a_refused_decision_says_from_where_to_where(api: Caller, path: str) -> None:
    api.post(f"{path}/approve")

    answer = api.post(f"{path}/decline", {"reason": "Late"})

    assert answer.json["detail"] == "The conversion is approved: it cannot become declined."


def test_a_refund_takes_its_part_back(acme: Company, api: Caller, path: str) -> None:
    answer = api.post(
        f"{path}/refunds", {"external_id": "r-1", "amount_minor": 5_000, "reason": "Sent back"}
    )
    settle(acme, at=NOON)

    assert answer.status == 201
    assert answer.json["applied_at"] is None
    [refund] = api.get(path).json["refunds"]
    assert refund == {**answer.json, "applied_at": "2026-03-02T12:00:00Z"}
    assert (refund["external_id"], refund["amount_minor"], refund["reason"]) == (
        "r-1",
        5_000,
        "Sent back",
    )
    lines = api.get(path).json["commissions"]
    assert [(line["kind"], line["amount_minor"]) for line in lines] == [
        ("earning", 1_000),
        ("reversal", -500),
    ]
    assert api.get(f"{path}/refunds").json == {"data": [refund], "next_cursor": None}


def test_a_repeated_refund_stores_nothing(acme: Company, api: Caller, path: str) -> None:
    first = api.post(f"{path}/refunds", {"external_id": "r-1", "amount_minor": 5_000})
    again = api.post(f"{path}/refunds", {"external_id": "r-1", "amount_minor": 1})

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    with merchant_context(acme.id):
        assert Refund.objects.count() == 1


def test_refunds_never_exceed_the_amount(acme: Company, api: Caller, path: str) -> None:
    api.post(f"{path}/refunds", {"external_id": "r-1", "amount_minor": 6_000})

    answer = api.post(f"{path}/refunds", {"external_id": "r-2", "amount_minor": 4_001})

    assert answer.refusal == (422, "refund_exceeds_amount")
    assert answer.fields == {"amount_minor": "refund_exceeds_amount"}
    with merchant_context(acme.id):
        assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": 1.5}, "amount_minor"),
        ({"external_id": ""}, "external_id"),
        ({"occurred_at": "2199-01-01T00:00:00Z"}, "occurred_at"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_an_invalid_refund_is_refused(
    acme: Company, api: Caller, path: str, changes: dict[str, Any], field: str
) -> None:
    answer = api.post(f"{path}/refunds", {"external_id": "r", "amount_minor": 1, **changes})

    assert answer.refusal == (400, "invalid")
    assert list(answer.fields) == [field]
    with merchant_context(acme.id):
        assert not Refund.objects.exists()


def test_many_conversions_have_a_result_each(acme: Company, api: Caller) -> None:
    items = [
        sale(acme, external_id="b-1"),
        sale(acme, external_id="b-1"),
        sale(acme, external_id="b-2", currency="USD"),
        sale(acme, external_id="b-3", amount_minor=1.5),
        sale(acme, external_id="b-4", program="01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"),
        None,
        sale(acme, external_id="b-5"),
    ]

    answer = api.post("conversions/bulk", {"data": items})

    assert answer.status == 200
    results = answer.json["data"]
    assert [row["index"] for row in results] == list(range(7))
    assert [row["status"] for row in results] == [201, 200, 422, 400, 404, 400, 201]
    assert results[0]["conversion"] == results[1]["conversion"]
    assert results[0]["error"] is None
    assert results[2]["conversion"] is None
    assert results[2]["error"]["code"] == "currency_mismatch"
    assert results[3]["error"]["errors"][0]["field"] == "amount_minor"
    with merchant_context(acme.id):
        stored = Conversion.objects.order_by("id").values_list("external_id", flat=True)
        assert list(stored) == ["b-1", "b-5"]
        assert not Commission.objects.exists()


def test_a_thousand_conversions_are_taken_at_once(acme: Company, api: Caller) -> None:
    items = [sale(acme, external_id=f"b-{number}") for number in range(1_000)]

    answer = api.post("conversions/bulk", {"data": items})

    assert {row["status"] for row in answer.json["data"]} == {201}
    too_many = api.post("conversions/bulk", {"data": [*items, items[0]]})
    assert too_many.refusal == (400, "invalid")
    with merchant_context(acme.id):
        assert Conversion.objects.count() == 1_000
