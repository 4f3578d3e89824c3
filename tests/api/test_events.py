"""Events: what happened, who did it, in outsiders' words."""

from tests.api.conftest import Caller
from tests.cast import Company, Promoter, click_of, sell


def test_events_are_read_in_outsiders_words(acme: Company, bob: Promoter, api: Caller) -> None:
    conversion = sell(acme, click=click_of(bob))

    rows = api.get(f"events?subject={conversion.id}").json["data"]

    assert [row["type"] for row in rows] == ["conversion.attributed", "conversion.received"]
    attributed, received = rows
    assert attributed["data"]["status"] == "pending"
    assert attributed["actor"] == {"kind": "system", "id": None}
    assert received["actor"] == {"kind": "user", "id": str(acme.owner.user_id)}
    assert received["subject"] == str(conversion.id)
    assert api.get(f"events/{received['id']}").json == received


def test_events_are_filtered_by_type(acme: Company, api: Caller) -> None:
    rows = api.get("events?type=program.rate_changed").json["data"]

    assert [row["data"]["reward"] for row in rows] == ["percent"]


def test_another_merchants_events_are_missing(
    acme: Company, globex: Company, api: Caller, other_api: Caller
) -> None:
    [theirs, *_rest] = other_api.get("events").json["data"]

    assert api.get(f"events/{theirs['id']}").refusal == (404, "not_found")
    assert theirs["id"] not in [row["id"] for row in api.get("events").json["data"]]
