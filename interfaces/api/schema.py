"""The OpenAPI document: made from the same declarations that check the requests."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    Direction,
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers

from interfaces.api.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from interfaces.api.endpoints import Operation

Shape = type[serializers.Serializer[Any]]
DONE = {200: "As asked.", 201: "Created.", 202: "Taken in: more of its kind is to come."}
REFUSALS = {
    400: "Something in the request makes no sense; `errors` names it.",
    401: "No key in force was sent.",
    403: "The key may not do that.",
    404: "There is no such object, or it is not yours.",
    429: "Too many requests; come back after `Retry-After` seconds.",
    503: "Away for the moment; come back after `Retry-After` seconds.",
}
REFUSALS_OF_WRITES = {
    409: "The state of things does not allow that, or the first request with the key still runs.",
    413: "The body is larger than 2 MB.",
    415: "The body is no application/json.",
    422: "The request is well formed, and refused; `code` says why.",
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="1 to 255 visible characters. The same key and request get the first answer again.",
)


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(allow_blank=True, help_text="A dotted path: items.0.quantity.")
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). `code` is stable; `title`, `detail` and messages are for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]


def describe(
    operation: "Operation",
    handler: Callable[..., Any],
    *,
    description: str = "",
    also: Mapping[int, Shape] | None = None,
    example: Any = None,
    answer: Any = None,
    file: bool | str = False,
) -> Callable[[Any], Any]:
    """Return the decorator that puts an operation into the document.

    `also` are answers of other statuses, `example` is a request and `answer` its answer, `file`
    says that it answers with bytes: of a CSV file, or of the media type that it is.
    """
    method = handler.__name__.upper()
    gives = page_of(operation.gives) if operation.is_list else operation.gives
    answers: dict[Any, Any] = {
        status: OpenApiResponse(shape, DONE[status])
        for status, shape in {operation.status: gives, **(also or {})}.items()
    }
    if file:
        media_type = file if isinstance(file, str) else "text/csv"
        answers = {
            (operation.status, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The file.")
        }
    refusals = REFUSALS if method == "GET" else {**REFUSALS, **REFUSALS_OF_WRITES}
    takes_fields = bool(operation.takes().fields)
    return extend_schema(
        operation_id=operation_id(operation.summary),
        summary=operation.summary,
        description="\n\n".join(filter(None, (description, _needed(operation)))),
        request=operation.takes if takes_fields else None,
        parameters=[
            *([operation.query] if operation.query().fields else []),
            *([IDEMPOTENCY_KEY] if method == "POST" else []),
        ],
        responses={
            **answers,
            **{
                (status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, description)
                for status, description in refusals.items()
            },
        },
        examples=_examples(operation, example, answer),
    )


def _needed(operation: "Operation") -> str:
    return f"Needs the scope `{operation.scope.value}`." if operation.scope else ""


def _examples(operation: "Operation", example: Any, answer: Any) -> Sequence[OpenApiExample]:
    found = []
    if example is not None:
        found.append(OpenApiExample("Request", example, request_only=True))
    if answer is not None:
        status = str(operation.status)
        found.append(OpenApiExample("Answer", answer, response_only=True, status_codes=[status]))
    return found


def operation_id(summary: str) -> str:
    """Return a summary as an identifier: "List the conversions" is listConversions."""
    words = re.findall(r"[A-Za-z]+", summary)
    telling = [word for word in words if word.lower() not in ("a", "an", "the")]
    return telling[0].lower() + "".join(word.capitalize() for word in telling[1:])


@cache
def page_of(gives: Shape) -> Shape:
    """Return the shape of a list of these."""
    name = gives.__name__.removesuffix("Serializer")
    fields = {
        "__doc__": "A page of a list, newest first.",
        "data": gives(many=True),
        "next_cursor": serializers.CharField(
            allow_null=True, help_text="Where the next page begins; null on the last one."
        ),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)


class BearerScheme(OpenApiAuthenticationExtension):
    """How the document says that a key is needed."""

    target_class = "interfaces.api.auth.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the security scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A secret key (`fl_sk_…`); under /partner, an affiliate's (`fl_pa_…`).",
        }


class StrictShape(OpenApiSerializerExtension):
    """Objects of which an unknown field is an error say so."""

    target_class = "interfaces.api.fields.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema without room for other fields."""
        found: dict[str, Any] = auto_schema._map_basic_serializer(self.target, direction)
        return {**found, "additionalProperties": False}


class StorableText(OpenApiSerializerFieldExtension):
    """Strings say which characters they cannot hold."""

    target_class = "interfaces.api.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema with a pattern."""
        pattern = getattr(self.target, "pattern", None)
        found: dict[str, Any] = {"type": "string"}
        found |= {"pattern": pattern} if pattern else {"not": {"pattern": r"\u0000"}}
        if not self.target.allow_blank:
            found["minLength"] = 1
        return found


def raw_field(schema: dict[str, Any]) -> type[serializers.ListField]:
    """Return a list field that the document describes by this schema."""
    return extend_schema_field(schema)(type("RawListField", (serializers.ListField,), {}))
