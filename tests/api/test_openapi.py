"""The OpenAPI document: valid, complete, and true to what is answered."""

import json
from typing import Any

import jsonschema
import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from interfaces.api.docs import document
from tests.api.conftest import Caller
from tests.api.test_permissions import PARTNER, PUBLIC, ROWS, Row, World, served
from tests.api.test_permissions import name_server as name_server  # A fixture.
from tests.api.test_permissions import world as world  # A fixture.
from tests.routes import routes


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    """Return the document."""
    return dict(json.loads(document()))


def operations(openapi: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and description of every operation."""
    return [
        (path, method.upper(), operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_served_to_everybody() -> None:
    response = Client().get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["openapi"] == "3.1.0"


def test_the_document_is_valid(openapi: dict[str, Any]) -> None:
    validate_schema(openapi)


def test_every_operation_is_described(openapi: dict[str, Any]) -> None:
    described = [(path, method) for path, method, _operation in operations(openapi)]

    assert len(described) == len([pair for pair in served() if pair[0] not in not_described()])
    assert len(routes("api")) == len(openapi["paths"]) + len(not_described())


def not_described() -> set[str]:
    """Return the routes that are no operations."""
    return {row.route for row in ROWS if row.needs == PUBLIC}


def test_every_operation_says_what_may_happen(openapi: dict[str, Any]) -> None:
    for path, method, operation in operations(openapi):
        where = f"{method} {path}"
        statuses = set(operation["responses"])
        assert operation["security"] == [{"key": []}], where
        assert {"400", "401", "403", "404", "429", "503"} <= statuses, where
        assert any(status.startswith("2") for status in statuses), where
        assert operation["summary"], where
        if method != "GET":
            assert {"409", "413", "415", "422"} <= statuses, where
        if method == "POST":
            assert "Idempotency-Key" in [row["name"] for row in operation["parameters"]], where
        for status, response in operation["responses"].items():
            assert response["description"], where
            [media_type] = response["content"]
            problem = media_type == "application/problem+json"
            assert problem == (status >= "400"), where


def test_names_are_unique(openapi: dict[str, Any]) -> None:
    names = [operation["operationId"] for _path, _method, operation in operations(openapi)]

    assert len(set(names)) == len(names)


def test_requests_have_no_room_for_unknown_fields(openapi: dict[str, Any]) -> None:
    for path, method, operation in operations(openapi):
        body = operation.get("requestBody")
        if body:
            [content] = body["content"].values()
            name = content["schema"]["$ref"].rsplit("/", 1)[1]
            shape = openapi["components"]["schemas"][name]
            assert shape["additionalProperties"] is False, f"{method} {path}"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.needs != PUBLIC], ids=lambda row: f"{row.method} {row.route}"
)
def test_answers_are_as_described(openapi: dict[str, Any], world: World, row: Row) -> None:
    caller = "affiliate key" if row.needs == PARTNER else "full key"

    for who in ("no key", caller):
        answer = world.call(row, who)
        described = responses_of(openapi, row, answer_path(answer))[str(answer.status)]
        media_type = answer.response.headers["Content-Type"].partition(";")[0]
        assert media_type in described["content"]
        if media_type.endswith("json"):
            check(openapi, described["content"][media_type]["schema"], answer.json)


def answer_path(answer: Any) -> str:
    """Return the path that was asked."""
    return str(answer.response.request["PATH_INFO"])


def responses_of(openapi: dict[str, Any], row: Row, asked: str) -> dict[str, Any]:
    """Return the described responses of the operation that answers this path."""
    parts = asked.split("/")
    literal_first = sorted(openapi["paths"].items(), key=lambda pair: pair[0].count("{"))
    for path, methods in literal_first:
        own = path.split("/")
        if len(own) == len(parts) and all(
            mine == theirs for mine, theirs in zip(own, parts, strict=True) if "{" not in mine
        ):
            return dict(methods[row.method.lower()]["responses"])
    raise AssertionError(f"{asked} is not described")


def check(openapi: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    """Refuse a value that the schema does not describe."""
    whole = {**schema, "components": openapi["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def test_examples_are_accepted_by_their_schemas(openapi: dict[str, Any]) -> None:
    for _path, _method, operation in operations(openapi):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            check(openapi, content["schema"], example["value"])


def test_a_refusal_is_as_described(openapi: dict[str, Any], api: Caller) -> None:
    answer = api.post("conversions", {"colour": "red"})

    check(openapi, {"$ref": "#/components/schemas/Problem"}, answer.json)
