"""/programs/{id}/goals/{goal}/steps, and the postback token beside it."""

from tests.api.conftest import Caller
from tests.cast import Company


def test_steps_are_added_and_removed(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/goals/lead/steps"

    added = api.post(path, {"code": "open", "name": "Opened", "times": 3})

    assert added.status == 201
    assert api.get(path).json["data"] == [added.json]
    assert api.post(path, {"code": "open", "name": "X"}).refusal == (409, "goal_taken")
    assert api.post(path, {"code": "sale", "name": "X"}).refusal == (409, "goal_taken")
    refused = api.post(path, {"code": "often", "name": "X", "times": 1_000_001})
    assert refused.fields == {"times": "max_value"}
    assert api.post(f"{path}/nope/remove").refusal == (404, "not_found")
    assert api.post(f"{path}/open/remove").json == added.json
    assert api.get(path).json["data"] == []


def test_the_postback_token_is_rotated(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/postback-token"
    before = api.get(path).json

    after = api.post(f"{path}/rotate").json

    assert before == {"postback_token": acme.program.postback_token}
    assert after["postback_token"] not in ("", before["postback_token"])
    assert api.get(path).json == after
    assert "postback_token" not in api.get(f"programs/{acme.program.id}").json


def test_a_program_takes_the_fields_of_tracking(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}"
    facts = {
        "utm_template": "utm_source={via}",
        "legacy_parameters": ["ref", "fpr"],
        "postback_profile": "tune",
        "postback_networks": ["192.0.2.0/24"],
        "is_test": True,
    }

    changed = api.patch(path, facts)

    assert {name: changed.json[name] for name in facts} == facts
    refused = api.patch(path, {"name": "Other", "utm_template": "a={b}"})
    assert (refused.refusal, refused.fields) == (
        (422, "bad_value"),
        {"utm_template": "unknown_macro"},
    )
    assert api.get(path).json == changed.json
