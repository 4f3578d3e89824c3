"""The document for machines, the pages for people, and the answer where there is nothing."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView

from interfaces.api.problems import NotFound, problem_of

MINUTES = 300


@cache
def document() -> bytes:
    """Return the OpenAPI document; it changes with the code alone."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return json.dumps(schema, separators=(",", ":")).encode()


def openapi(_request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI document."""
    return HttpResponse(
        document(),
        content_type="application/json",
        headers={"Cache-Control": f"public, max-age={MINUTES}"},
    )


class Pages(SpectacularSwaggerSplitView):
    """The document for people: Swagger UI from our own static files."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    url_name = "api:openapi"
    template_name = "api/docs.html"


@csrf_exempt
def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Answer 404 in JSON wherever there is nothing."""
    problem = problem_of(NotFound())
    assert problem is not None
    return problem.as_response()
