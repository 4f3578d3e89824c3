"""/programs/{id}/destinations: their fields, and what is refused by which name."""

from typing import Any

import pytest

from merchants.tenancy import merchant_context
from programs.models import Destination
from tests.api.conftest import Caller
from tests.cast import Company

PAGE = "https://shop.acme.example/abend"
FACTS = {
    "name": "Evenings",
    "url": PAGE,
    "countries": ["AT", "DE"],
    "devices": ["phone"],
    "systems": ["iOS"],
    "languages": ["de"],
    "weekdays": [6, 7],
    "hour_from": 22,
    "hour_until": 6,
    "time_zone": "Europe/Vienna",
    "starts_at": "2026-03-02T12:00:00Z",
    "ends_at": None,
    "priority": 1,
    "weight": 30,
}


def test_a_destination_is_created_read_changed_and_archived(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/destinations"
    created = api.post(path, FACTS)
    one = f"{path}/{created.json['id']}"

    assert created.status == 201
    assert {name: created.json[name] for name in FACTS} == FACTS
    assert api.get(path).json["data"] == [created.json]

    changed = api.patch(
        one, {"weight": 1, "starts_at": None, "hour_from": None, "hour_until": None}
    )
    wanted = {"weight": 1, "starts_at": None, "hour_from": None, "hour_until": None}
    assert changed.json == created.json | wanted

    archived = api.post(f"{one}/archive").json
    assert archived["archived_at"]
    assert api.get(one).json == archived


@pytest.mark.parametrize(
    ("changes", "refusal", "fields"),
    [
        ({"name": "x" * 81}, (400, "invalid"), {"name": "max_length"}),
        ({"url": "javascript:alert(1)"}, (400, "invalid"), {"url": "invalid"}),
        ({"url": "https://evil.example/"}, (422, "host_not_allowed"), {"url": "host_not_allowed"}),
        ({"countries": "DE"}, (400, "invalid"), {"countries": "not_a_list"}),
        ({"countries": ["EU"]}, (422, "bad_value"), {"countries": "unknown_countries"}),
        ({"devices": ["watch"]}, (400, "invalid"), {"devices.0": "invalid_choice"}),
        ({"languages": ["xx"]}, (422, "bad_value"), {"languages": "unknown_languages"}),
        ({"weekdays": [0]}, (400, "invalid"), {"weekdays.0": "min_value"}),
        ({"hour_from": None}, (422, "bad_value"), {"hour_from": "half_open"}),
        ({"time_zone": "Mars"}, (422, "bad_value"), {"time_zone": "unknown_time_zone"}),
        ({"weight": 10_001}, (400, "invalid"), {"weight": "max_value"}),
        ({"weight": 1.5}, (400, "invalid"), {"weight": "not_an_integer"}),
        (
            {"ends_at": "2026-03-02T12:00:00Z"},
            (422, "bad_value"),
            {"ends_at": "ends_before_it_starts"},
        ),
        ({"colour": "red"}, (400, "invalid"), {"colour": "unknown_field"}),
    ],
)
def test_what_is_refused_is_named_and_not_stored(
    acme: Company,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    fields: dict[str, str],
) -> None:
    answer = api.post(f"programs/{acme.program.id}/destinations", FACTS | changes)

    assert (answer.refusal, answer.fields) == (refusal, fields)
    with merchant_context(acme.id):
        assert not Destination.objects.exists()


def test_a_name_is_taken_once(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/destinations"
    api.post(path, FACTS)

    answer = api.post(path, FACTS)

    assert (answer.refusal, answer.fields) == ((409, "name_taken"), {"name": "name_taken"})
