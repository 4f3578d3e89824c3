"""/programs/{id}/caps: limits with what is used of them."""

from typing import Any

import pytest

from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company, Promoter
from tracking.models import Cap, CapUse

CAP = {"unit": "clicks", "period": "all", "scope": "program", "limit": 100}


def test_a_cap_says_how_much_of_it_is_used(acme: Company, api: Caller) -> None:
    path = f"programs/{acme.program.id}/caps"
    created = api.post(path, CAP | {"is_hard": True, "beyond": "destination"})
    with merchant_context(acme.id):
        CapUse.objects.create(
            merchant_id=acme.id,
            cap_id=created.json["id"],
            counted="",
            period_start="1970-01-01T00:00:00Z",
            used=7,
        )

    [found] = api.get(path).json["data"]

    assert created.status == 201
    assert created.json["used"] == 0
    assert found == created.json | {"used": 7}
    assert {name: found[name] for name in CAP} == CAP
    assert (found["is_hard"], found["beyond"], found["country"]) == (True, "destination", None)
    archived = api.post(f"{path}/{found['id']}/archive")
    assert archived.json["archived_at"]


@pytest.mark.parametrize(
    ("changes", "refusal", "fields"),
    [
        ({"limit": 0}, (400, "invalid"), {"limit": "min_value"}),
        ({"limit": 10**13}, (400, "invalid"), {"limit": "max_value"}),
        ({"unit": "CLICKS"}, (400, "invalid"), {"unit": "invalid_choice"}),
        ({"country": "DE"}, (422, "bad_value"), {"country": "not_the_scope"}),
        (
            {"scope": "enrollment", "enrollment": "{carol}"},
            (404, "not_found"),
            {"enrollment": "not_found"},
        ),
    ],
)
def test_what_is_refused_is_named_and_not_stored(
    acme: Company,
    carol: Promoter,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    fields: dict[str, str],
) -> None:
    if "enrollment" in changes:
        changes = changes | {"enrollment": str(carol.enrollment.id)}

    answer = api.post(f"programs/{acme.program.id}/caps", CAP | changes)

    assert (answer.refusal, answer.fields) == (refusal, fields)
    with merchant_context(acme.id):
        assert not Cap.objects.exists()
