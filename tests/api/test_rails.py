"""/rails, /findings: secrets go in and never come out; a finding is resolved with a reason."""

import json

import pytest

from merchants.tenancy import merchant_context
from payouts.models import Finding, FindingKind, Rail, Reconciliation
from tests.api.conftest import Caller
from tests.cast import NOON, Company

TOKEN = "wise-token-of-fairlead"
WISE = {
    "provider": "wise",
    "mode": "sandbox",
    "credentials": {"profile": "12345678", "token": TOKEN},
}


def test_a_rail_is_connected_and_shows_no_secret(acme: Company, api: Caller) -> None:
    created = api.post("rails", WISE)

    with merchant_context(acme.id):
        rail = Rail.objects.get()
    assert created.status == 201
    assert {name: created.json[name] for name in ("provider", "mode", "masked", "problem")} == {
        "provider": "wise",
        "mode": "sandbox",
        "masked": "12345678",
        "problem": None,
    }
    assert created.json["notice_url"].endswith(f"/rails/wise/{rail.notice_token}/")
    assert created.json["check_due_at"] is not None
    shown = json.dumps([api.get("rails").json, api.get(f"rails/{rail.id}").json])
    assert TOKEN not in shown
    assert "credentials" not in shown


def test_one_account_is_in_force(api: Caller) -> None:
    first = api.post("rails", WISE).json
    second = api.post("rails", {**WISE, "mode": "live"}).json

    assert [row["id"] for row in api.get("rails?in_force=true").json["data"]] == [second["id"]]
    assert [row["id"] for row in api.get("rails?in_force=false").json["data"]] == [first["id"]]
    archived = api.post(f"rails/{second['id']}/archive").json
    assert archived["archived_at"] is not None
    assert api.get("rails?in_force=true").json["data"] == []


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"provider": "csv"}, (400, "invalid"), "provider"),
        ({"provider": "banknotes"}, (400, "invalid"), "provider"),
        ({"mode": "real"}, (400, "invalid"), "mode"),
        ({"credentials": {"profile": "1"}}, (400, "invalid"), "token"),
        ({"credentials": {"profile": "x", "token": TOKEN}}, (400, "invalid"), "profile"),
        ({"credentials": {"profile": 1, "token": TOKEN}}, (400, "invalid"), "credentials.profile"),
        ({"credentials": []}, (400, "invalid"), "credentials"),
    ],
)
def test_what_cannot_be_is_refused_by_name(api: Caller, changes, refusal, field) -> None:
    answer = api.post("rails", {**WISE, **changes})

    assert answer.refusal[0] in (400, 422), answer.json
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert api.get("rails").json["data"] == []


def test_providers_say_what_they_need(api: Caller) -> None:
    rows = {row["provider"]: row for row in api.get("rail-providers").json["data"]}

    assert set(rows) >= {"csv", "paypal", "wise", "stripe", "balance"}
    secrets = {each["name"]: each["is_secret"] for each in rows["wise"]["credentials"]}
    assert secrets == {
        "profile": False,
        "source_currency": False,
        "token": True,
        "signing_key": True,
    }


def test_a_finding_is_resolved_once(acme: Company, api: Caller) -> None:
    rail_id = api.post("rails", WISE).json["id"]
    with merchant_context(acme.id):
        day = Reconciliation.objects.create(
            merchant_id=acme.id, rail_id=rail_id, day=NOON.date(), checked_at=NOON
        )
        finding = Finding.objects.create(
            merchant_id=acme.id,
            rail_id=rail_id,
            reconciliation=day,
            kind=FindingKind.UNKNOWN_TO_US,
            reference="T-1",
            currency="EUR",
            theirs_minor=100,
        )

    (shown,) = api.get("findings?open=true").json["data"]
    assert (shown["kind"], shown["day"], shown["theirs_minor"]) == (
        "unknown_to_us",
        "2026-03-02",
        100,
    )
    path = f"findings/{finding.id}/resolve"
    assert api.post(path, {"reason": " "}).status in (400, 422)
    assert api.post(path, {"reason": "Paid by hand."}).json["resolution"] == "Paid by hand."
    assert api.post(path, {"reason": "Again."}).refusal == (409, "illegal_move")
    assert api.get("findings?open=true").json["data"] == []
