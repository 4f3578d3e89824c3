"""Budgets, grants, lines by hand and write-offs through the API."""

from datetime import timedelta
from typing import Any

import pytest

from affiliates.models import Enrollment
from commissions.models import Budget, BudgetUse, Commission, Grant, GrantStatus
from commissions.services.manual import add_line
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller, key_for
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell
from tests.grants import granted

BUDGET = {"scope": "program", "period": "all", "limit_minor": 10_000, "is_hard": True}
NOBODY = "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"


def test_a_budget_says_how_much_of_it_is_used(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/budgets"

    created = api.post(path, BUDGET | {"alert_bps": [9_000, 5_000, 9_000]})
    with merchant_context(acme.id):
        BudgetUse.objects.create(
            merchant_id=acme.id,
            budget_id=created.json["id"],
            counted="",
            period_start="1970-01-01T00:00:00Z",
            used_minor=70,
        )
    [found] = api.get(path).json["data"]

    assert created.status == 201
    assert found == created.json | {"used_minor": 70}
    assert {name: found[name] for name in BUDGET} == BUDGET
    assert (found["alert_bps"], found["enrollment"], found["currency"]) == (
        [5_000, 9_000],
        None,
        "EUR",
    )


def test_a_budget_is_changed_in_part_and_archived(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/budgets"
    id = api.post(path, BUDGET).json["id"]

    changed = api.patch(f"{path}/{id}", {"limit_minor": 99})
    archived = api.post(f"{path}/{id}/archive")

    assert {name: changed.json[name] for name in ("limit_minor", "is_hard", "alert_bps")} == {
        "limit_minor": 99,
        "is_hard": True,
        "alert_bps": [8_000, 10_000],
    }
    assert archived.json["archived_at"]


@pytest.mark.parametrize(
    ("changes", "refusal", "fields"),
    [
        ({"limit_minor": 0}, (400, "invalid"), {"limit_minor": "min_value"}),
        ({"limit_minor": 1.5}, (400, "invalid"), {"limit_minor": "not_an_integer"}),
        ({"limit_minor": 10**16}, (400, "invalid"), {"limit_minor": "max_value"}),
        ({"period": "HOUR"}, (400, "invalid"), {"period": "invalid_choice"}),
        ({"scope": None}, (400, "invalid"), {"scope": "null"}),
        ({"is_hard": "yes"}, (400, "invalid"), {"is_hard": "invalid"}),
        ({"alert_bps": [0]}, (400, "invalid"), {"alert_bps.0": "min_value"}),
        ({"alert_bps": [1, 2, 3, 4, 5, 6]}, (400, "invalid"), {"alert_bps": "max_length"}),
        ({"alert_bps": 80}, (400, "invalid"), {"alert_bps": "not_a_list"}),
        ({"color": "red"}, (400, "invalid"), {"color": "unknown_field"}),
        ({"enrollment": NOBODY}, (404, "not_found"), {"enrollment": "not_found"}),
        ({"enrollment": "{bob}"}, (422, "bad_value"), {"enrollment": "not_the_scope"}),
    ],
)
def test_a_budget_that_cannot_be_is_not_stored(
    acme: Company,
    bob: Promoter,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    fields: dict[str, str],
) -> None:
    if changes.get("enrollment") == "{bob}":
        changes = {"enrollment": str(bob.enrollment.id)}

    refused = api.post(f"programs/{acme.program.id}/budgets", BUDGET | changes)

    assert (refused.refusal, refused.fields) == (refusal, fields)
    with merchant_context(acme.id):
        assert not Budget.objects.exists()


def test_a_line_by_hand(acme: Company, bob: Promoter, api: Caller) -> None:
    body = {"enrollment": str(bob.enrollment.id), "amount_minor": -250, "reason": " Twice paid "}

    written = api.post("commissions", body)

    assert written.status == 201
    assert {
        name: written.json[name]
        for name in ("kind", "status", "amount_minor", "currency", "reason", "conversion")
    } == {
        "kind": "manual",
        "status": "approved",
        "amount_minor": -250,
        "currency": "EUR",
        "reason": "Twice paid",
        "conversion": None,
    }
    assert api.get("commissions?kind=manual").json["data"] == [written.json]


def test_a_line_by_hand_is_written_once_per_idempotency_key(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    body = {"enrollment": str(bob.enrollment.id), "amount_minor": 250, "reason": "Thanks"}

    first, again = (api.post("commissions", body, Idempotency_Key="k-1") for _ in range(2))

    assert first.json == again.json
    with merchant_context(acme.id):
        assert Commission.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal", "fields"),
    [
        ({"amount_minor": 0}, (422, "bad_value"), {"amount_minor": "out_of_range"}),
        ({"amount_minor": "5"}, (400, "invalid"), {"amount_minor": "not_an_integer"}),
        ({"amount_minor": -(10**15) - 1}, (400, "invalid"), {"amount_minor": "min_value"}),
        ({"reason": " "}, (400, "invalid"), {"reason": "blank"}),
        ({"reason": "x" * 501}, (400, "invalid"), {"reason": "max_length"}),
        ({"enrollment": NOBODY}, (404, "not_found"), {"enrollment": "not_found"}),
        ({"currency": "USD"}, (400, "invalid"), {"currency": "unknown_field"}),
    ],
)
def test_a_line_that_cannot_be_is_not_written(
    acme: Company,
    bob: Promoter,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    fields: dict[str, str],
) -> None:
    body = {"enrollment": str(bob.enrollment.id), "amount_minor": 1, "reason": "R"}

    refused = api.post("commissions", body | changes)

    assert (refused.refusal, refused.fields) == (refusal, fields)
    with merchant_context(acme.id):
        assert not Commission.objects.exists()


def test_a_debt_is_written_off_once(acme: Company, bob: Promoter, api: Caller) -> None:
    with merchant_context(acme.id):
        row = Enrollment.objects.select_related("program").get(id=bob.enrollment.id)
        add_line(enrollment=row, amount_minor=-900, reason="Refunded", by=SYSTEM, at=NOON)
    path = f"enrollments/{bob.enrollment.id}/write-off"

    written, again = (api.post(path, {"reason": "Gone"}) for _ in range(2))

    assert (written.status, written.json["kind"], written.json["amount_minor"]) == (
        201,
        "write_off",
        900,
    )
    assert again.refusal == (409, "no_debt")


def test_who_prepares_no_payouts_writes_nothing_off(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        row = Enrollment.objects.select_related("program").get(id=bob.enrollment.id)
        add_line(enrollment=row, amount_minor=-900, reason="Refunded", by=SYSTEM, at=NOON)
    path = f"enrollments/{bob.enrollment.id}/write-off"

    answers = {
        role: Caller(key_for(add_member(acme, role, role))).post(path, {"reason": "Gone"}).status
        for role in (Role.MANAGER, Role.SALES, Role.VIEWER, Role.FINANCE)
    }

    assert answers == {"MANAGER": 403, "SALES": 403, "VIEWER": 403, "FINANCE": 201}
    with merchant_context(acme.id):
        assert Commission.objects.filter(kind="WRITE_OFF").count() == 1


def test_a_grant_is_given(acme: Company, bob: Promoter, api: Caller) -> None:
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    with merchant_context(acme.id):
        grant = granted(conversion)

    early = api.post(f"grants/{grant.id}/given")
    with merchant_context(acme.id):
        Grant.objects.update(status=GrantStatus.DUE)
    failed = api.post(f"grants/{grant.id}/failed", {"reason": "No such account"})
    given, again = (api.post(f"grants/{grant.id}/given") for _ in range(2))

    assert early.refusal == (409, "illegal_move")
    assert (failed.json["status"], failed.json["reason"]) == ("failed", "No such account")
    assert given.json == again.json == api.get("grants?status=given").json["data"][0]
    assert {name: given.json[name] for name in ("kind", "quantity", "customer", "reason")} == {
        "kind": "free_months",
        "quantity": 2,
        "customer": None,
        "reason": None,
    }
