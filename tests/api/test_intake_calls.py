"""GET /intake-calls: what was said to the intakes; and API calls that stand in the log, too."""

from datetime import timedelta
from typing import Any

import pytest

from common.clock import now
from merchants.models import ApiKey
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.api.test_report_conversion import sale
from tests.cast import Company, Promoter, click_of, make_company
from tracking import directory
from tracking.intake import Call, CallNote, receive_postback, record_call
from tracking.models import IntakeCall, Outcome


def send(company: Company, **said: Any) -> None:
    call = Call(
        path="/postback",
        method="GET",
        address="203.0.113.9",
        parameters={"token": company.program.postback_token, **said},
    )
    receive_postback(call, at=now())


def test_a_call_is_shown_without_its_secret(acme: Company, api: Caller):
    send(acme, order_id="A-1", amount="12.50", ammount="x")

    [row] = api.get("intake-calls").json["data"]

    assert row["conversion"] is not None
    assert {**row, "id": "", "at": "", "conversion": ""} == {
        "id": "",
        "at": "",
        "program": str(acme.program.id),
        "intake": "postback",
        "method": "GET",
        "address": "203.0.113.9",
        "parameters": {"token": "•••", "order_id": "A-1", "amount": "12.50", "ammount": "x"},
        "outcome": "created",
        "reason": None,
        "detail": "Not understood: ammount",
        "order_id": "A-1",
        "conversion": "",
        "is_test": False,
    }


@pytest.fixture
def calls(acme: Company, bob: Promoter) -> str:
    """Store three calls; return the click of the second."""
    click = click_of(bob, at=now())
    send(acme, order_id="A-1", amount="1")
    send(acme, order_id="A-2", amount="x", click_id=click)
    send(acme, order_id="A-3", amount="1", coupon="Sommer%")
    return click


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A-3", "A-2", "A-1"]),
        ("outcome=refused", ["A-2"]),
        ("reason=invalid_amount", ["A-2"]),
        ("order_id=A-1", ["A-1"]),
        ("click_id={click}", ["A-2"]),
        ("intake=postback", ["A-3", "A-2", "A-1"]),
        ("intake=tune", []),
        ("text=sommer%25", ["A-3"]),
        ("text=not%20an%20amount", ["A-2"]),
        ("text=%25%25", []),
        ("program={program}", ["A-3", "A-2", "A-1"]),
        ("program=01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b", []),
        ("created_from=2026-01-01T00:00:00Z", ["A-3", "A-2", "A-1"]),
        ("created_to=2026-01-01T00:00:00Z", []),
    ],
)
def test_the_log_is_searched(acme: Company, api: Caller, calls: str, query, found):
    answer = api.get(f"intake-calls?{query.format(click=calls, program=acme.program.id)}")

    assert [row["order_id"] for row in answer.json["data"]] == found


def test_pages_follow_each_other(api: Caller, calls: str):
    first = api.get("intake-calls?limit=2").json
    second = api.get(f"intake-calls?limit=2&cursor={first['next_cursor']}").json

    assert [row["order_id"] for row in first["data"] + second["data"]] == ["A-3", "A-2", "A-1"]
    assert second["next_cursor"] is None


def test_another_merchant_sees_none_of_it(other_api: Caller, calls: str):
    assert other_api.get("intake-calls").json["data"] == []


# Calls of the API --------------------------------------------------------------------------------


def logged(company: Company) -> list[tuple[str, str, str, bool]]:
    with merchant_context(company.id):
        rows = IntakeCall.objects.filter(intake="api").order_by("id")
        return [(row.outcome, row.reason, row.order_id, bool(row.conversion_id)) for row in rows]


def test_reports_of_the_api_are_logged_and_refusals_too(acme: Company, api: Caller):
    api.post("conversions", sale(acme, external_id="A-1"))
    api.post("conversions", sale(acme, external_id="A-1"))
    api.post("conversions", sale(acme, external_id="A-2", amount_minor=-1))
    api.post("conversions", sale(acme, external_id="A-3", goal="nothing"))
    api.post("conversions", raw=b"{")

    assert logged(acme) == [
        ("CREATED", "", "A-1", True),
        ("REPEATED", "", "A-1", True),
        ("REFUSED", "min_value", "A-2", False),
        ("REFUSED", "unknown_goal", "A-3", False),
        ("REFUSED", "parse_error", "", False),
    ]


def test_each_of_many_has_a_row(acme: Company, api: Caller):
    items = [sale(acme, external_id="A-1"), {}, sale(acme, external_id="A-1"), "x"]

    api.post("conversions/bulk", {"data": items})

    assert logged(acme) == [
        ("CREATED", "", "A-1", True),
        ("REFUSED", "required", "", False),
        ("REPEATED", "", "A-1", True),
        ("REFUSED", "invalid", "", False),
    ]


def test_customers_refunds_and_statuses_are_logged(acme: Company, bob: Promoter, api: Caller):
    program = str(acme.program.id)
    customer = {"program": program, "external_id": "c-1", "referral": bob.enrollment.code}
    order = {"program": program, "conversion_external_id": "A-1"}

    api.post("customers", {**customer, "email": "a@b.example"})
    api.post("refunds", {**order, "external_id": "r-1", "amount_minor": 5})
    api.post("refunds", {**order, "external_id": "r-1", "amount_minor": 5})

    assert [row[:3] for row in logged(acme)] == [
        ("CREATED", "", "c-1"),
        ("CREATED", "", "A-1"),
        ("REPEATED", "", "A-1"),
    ]
    with merchant_context(acme.id):
        assert IntakeCall.objects.get(order_id="c-1").said["email"] == "•••"


def test_a_replayed_answer_and_a_test_key_are_told(acme: Company, api: Caller):
    with merchant_context(acme.id):
        ApiKey.objects.update(is_test=True)
    for _time in range(2):
        api.post("conversions", sale(acme, external_id="A-1"), Idempotency_Key="k")

    assert [row[0] for row in logged(acme)] == ["CREATED", "REPEATED"]
    with merchant_context(acme.id):
        assert set(IntakeCall.objects.values_list("is_test", flat=True)) == {True}


def test_a_broken_log_never_fails_a_call(acme: Company, api: Caller, monkeypatch):
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("interfaces.api.intake.record_calls", fail)

    assert api.post("conversions", sale(acme)).status == 201
    assert logged(acme) == []


def test_a_call_is_kept_for_thirty_days_and_no_longer(acme: Company):
    other, at = make_company("Initech", "Bill"), now()
    for company in (acme, other):
        for days in (31, 29):
            with merchant_context(company.id):
                note = CallNote(
                    merchant_id=company.id,
                    program_id=None,
                    intake="api",
                    method="POST",
                    address="",
                    said={},
                    outcome=Outcome.CREATED,
                    order_id=f"{days} days old",
                )
                record_call(note, at=at - timedelta(days=days))

    forgotten = directory.forget_intake_calls(before=at - timedelta(days=30))

    assert forgotten == 2
    assert [row[2] for row in logged(acme)] == ["29 days old"]
    assert [row[2] for row in logged(other)] == ["29 days old"]
