"""/links/{id}/branches: all of a smart link at once."""

from tests.api.conftest import Caller
from tests.cast import Company, Promoter, make_promoter


def test_a_link_becomes_smart_and_plain_again(bob: Promoter, api: Caller) -> None:
    target = api.post("links", {"enrollment": str(bob.enrollment.id)}).json["id"]
    path = f"links/{bob.link.id}/branches"
    body = {"smart_rule": "best", "branches": [{"target": target, "devices": ["phone"]}]}

    smart = api("PUT", path, body)

    [branch] = smart.json["branches"]
    assert (smart.status, smart.json["smart_rule"]) == (200, "best")
    assert (branch["target"], branch["devices"], branch["score"]) == (target, ["phone"], 0)
    assert api.get(path).json == smart.json
    assert api.get(f"links/{bob.link.id}").json["smart_rule"] == "best"

    plain = api("PUT", path, {"smart_rule": None, "branches": []})
    assert plain.json == {"smart_rule": None, "branches": []}


def test_what_is_refused_is_named_and_not_stored(
    acme: Company, bob: Promoter, carol: Promoter, api: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    path = f"links/{bob.link.id}/branches"
    cases = [
        ("carol's", str(carol.link.id), (404, "not_found"), "not_found"),
        ("dora's", str(dora.link.id), (422, "bad_value"), "bad_target"),
        ("itself", str(bob.link.id), (422, "bad_value"), "bad_target"),
    ]

    for case, target, refusal, code in cases:
        answer = api("PUT", path, {"smart_rule": "match", "branches": [{"target": target}]})
        assert (answer.refusal, answer.fields) == (refusal, {"branches.0.target": code}), case

    assert api("PUT", path, {"smart_rule": "match"}).fields == {"branches": "required"}
    assert api("PUT", path, {"smart_rule": "match", "branches": []}).fields == {"branches": "empty"}
    assert api.get(path).json == {"smart_rule": None, "branches": []}
