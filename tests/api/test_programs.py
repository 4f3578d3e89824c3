"""Programs: created, read, changed, moved through their life."""

from typing import Any

import pytest

from merchants.models import Event
from merchants.tenancy import merchant_context
from programs.models import Goal, Program
from tests.api.conftest import Caller
from tests.cast import Company

NEW = {"name": "Friends", "landing_url": "https://shop.acme.example/friends"}


def test_a_program_is_created_with_defaults(acme: Company, api: Caller) -> None:
    answer = api.post("programs", NEW)

    assert answer.status == 201
    found = answer.json
    assert found.pop("id")
    assert found.pop("created_at")
    assert found == {
        "name": "Friends",
        "slug": "friends",
        "kind": "affiliate",
        "status": "draft",
        "currency": "EUR",
        "summary": "",
        "description": "",
        "landing_url": "https://shop.acme.example/friends",
        "fallback_url": None,
        "allowed_hosts": [],
        "join_mode": "application",
        "consent_mode": "consent",
        "window_days": 30,
        "hold_days": 30,
        "payout_minor_min": 0,
        "utm_template": "",
        "legacy_parameters": [],
        "attribution_model": "last",
        "half_life_days": 7,
        "code_priority": "link_first",
        "new_customers_only": False,
        "reactivation_days": None,
        "lock_in_months": None,
        "yields_to": None,
        "after_hold": "approve",
        "excludes_tax": True,
        "excludes_shipping": True,
        "adds_discount": False,
        "foreign_currency": "refuse",
        "commission_bps_max": None,
        "claim_days": 14,
        "reapply_days": 0,
        "takes_coupon_requests": False,
        "postback_profile": "native",
        "postback_networks": [],
        "is_test": False,
    }


def test_a_program_is_created_with_everything_said(acme: Company, api: Caller) -> None:
    body = {
        **NEW,
        "slug": "friends-2026",
        "kind": "referral",
        "currency": "KWD",
        "summary": "Bring a friend",
        "description": "Long",
        "fallback_url": "https://shop.acme.example/",
        "allowed_hosts": ["blog.acme.example"],
        "join_mode": "open",
        "consent_mode": "cookieless",
        "window_days": 90,
        "hold_days": 0,
        "payout_minor_min": 5_000,
        "utm_template": "utm_source={via}",
        "legacy_parameters": ["ref"],
        "postback_profile": "affise",
        "postback_networks": ["192.0.2.0/24"],
        "is_test": True,
        "goals": [{"code": "trial", "name": "Trial", "definition": "A trial starts."}],
    }

    answer = api.post("programs", body)

    assert answer.status == 201
    assert {name: answer.json[name] for name in body if name != "goals"} == {
        name: value for name, value in body.items() if name != "goals"
    }
    goals = api.get(f"programs/{answer.json['id']}/goals").json["data"]
    assert [(goal["code"], goal["name"]) for goal in goals] == [("trial", "Trial")]


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    ("no name", {"name": ""}, "name", "blank"),
    ("a name of blanks", {"name": "   "}, "name", "blank"),
    ("no landing page", {"landing_url": None}, "landing_url", "null"),
    ("no address", {"landing_url": "shop"}, "landing_url", "invalid"),
    ("another scheme", {"landing_url": "javascript:alert(1)"}, "landing_url", "invalid"),
    ("ftp", {"landing_url": "ftp://shop.acme.example/"}, "landing_url", "invalid"),
    ("a slug with a slash", {"slug": "a/b"}, "slug", "invalid"),
    ("an upper-case word", {"kind": "REFERRAL"}, "kind", "invalid_choice"),
    ("an unknown word", {"join_mode": "secret"}, "join_mode", "invalid_choice"),
    ("no window", {"window_days": 0}, "window_days", "min_value"),
    ("a long window", {"window_days": 731}, "window_days", "max_value"),
    ("a long hold", {"hold_days": 366}, "hold_days", "max_value"),
    ("half a day", {"hold_days": 0.5}, "hold_days", "not_an_integer"),
    ("a host with a path", {"allowed_hosts": ["a.example/x"]}, "allowed_hosts.0", "invalid"),
    ("hosts as text", {"allowed_hosts": "a.example"}, "allowed_hosts", "not_a_list"),
    ("a status", {"status": "active"}, "status", "unknown_field"),
    (
        "a goal twice",
        {"goals": [{"code": "a", "name": "A"}, {"code": "a", "name": "B"}]},
        "goals",
        "duplicate_goal",
    ),
    (
        "a goal in capitals",
        {"goals": [{"code": "Sale", "name": "A"}]},
        "goals.0.code",
        "invalid",
    ),
]


@pytest.mark.parametrize(
    ("changes", "field", "code"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_an_invalid_program_is_refused(
    acme: Company, api: Caller, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post("programs", {**NEW, **changes})

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {field: code}
    with merchant_context(acme.id):
        assert Program.objects.count() == 1


def test_an_address_that_is_taken_is_refused(acme: Company, api: Caller) -> None:
    answer = api.post("programs", {**NEW, "slug": "partners"})

    assert answer.refusal == (409, "slug_taken")
    assert answer.fields == {"slug": "slug_taken"}
    with merchant_context(acme.id):
        assert Program.objects.count() == 1


def test_a_program_is_changed_field_by_field(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}"
    before = api.get(path).json

    answer = api.patch(path, {"name": "Better partners", "hold_days": 14})

    assert answer.status == 200
    assert answer.json == {**before, "name": "Better partners", "hold_days": 14}
    assert api.get(path).json == answer.json
    with merchant_context(acme.id):
        event = Event.objects.get(type="program.updated")
        assert event.data["before"] == {"name": "Acme Partners", "hold_days": 30}


def test_an_empty_change_changes_nothing(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}"

    assert api.patch(path, {}).json == api.get(path).json


@pytest.mark.parametrize("field", ["currency", "kind", "status", "id", "merchant"])
def test_what_is_for_good_cannot_be_changed(acme: Company, api: Caller, field: str) -> None:
    answer = api.patch(f"programs/{acme.program.id}", {field: "USD"})

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {field: "unknown_field"}


def test_a_program_goes_through_its_life(acme: Company, api: Caller) -> None:
    path = f"programs/{api.post('programs', NEW).json['id']}"

    assert api.post(f"{path}/activate").json["status"] == "active"
    assert api.post(f"{path}/pause").json["status"] == "paused"
    assert api.post(f"{path}/activate").json["status"] == "active"
    assert api.post(f"{path}/end").json["status"] == "ended"
    refused = api.post(f"{path}/activate")
    assert refused.refusal == (409, "illegal_move")
    assert refused.json["detail"] == "The program is ended: it cannot become active."


def test_goals_are_added_read_and_renamed(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/goals"

    added = api.post(path, {"code": "renewal", "name": "Renewal"})

    assert added.status == 201
    assert added.json.keys() == {
        *("code", "name", "definition", "created_at"),
        *("window_days", "attribution_model"),
    }
    assert [goal["code"] for goal in api.get(path).json["data"]] == [
        "renewal",
        "sale",
        "lead",
        "signup",
    ]
    changed = api.patch(f"{path}/renewal", {"definition": "A year later."})
    assert changed.json == {**added.json, "definition": "A year later."}
    assert api.get(f"{path}/renewal").json == changed.json
    assert api.get(f"{path}/nope").refusal == (404, "not_found")


def test_a_goals_code_is_unique(acme: Company, api: Caller) -> None:
    answer = api.post(f"programs/{acme.program.id}/goals", {"code": "sale", "name": "Sale"})

    assert answer.refusal == (409, "goal_taken")
    with merchant_context(acme.id):
        assert Goal.objects.filter(code="sale").count() == 1


def test_terms_are_published_in_versions(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/terms"

    first = api.post(path, {"body": "Be fair.", "summary": "Fair"})
    second = api.post(path, {"body": "Be very fair."})

    assert (first.status, first.json["version"], first.json["summary"]) == (201, 1, "Fair")
    assert (second.json["version"], second.json["body"]) == (2, "Be very fair.")
    assert [row["version"] for row in api.get(path).json["data"]] == [2, 1]
    assert api.get(f"{path}/{first.json['id']}").json == first.json
