"""Many at once: each has its own result, and a refused one stops no other."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from interfaces.api.fields import Strict
from interfaces.api.problems import problem_of
from interfaces.api.schema import ProblemSerializer, raw_field

ITEMS_MAX = 1_000


def bulk_of(name: str) -> type[Strict]:
    """Return the shape of a request with up to ITEMS_MAX objects of the component `name`."""
    # Anything is taken as an item: they are checked one by one, and a wrong one alone is refused.
    items = {
        "type": "array",
        "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {}]},
        "minItems": 1,
        "maxItems": ITEMS_MAX,
    }
    data = raw_field(items)(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=ITEMS_MAX
    )
    return type(f"{name}s", (Strict,), {"data": data, "__doc__": "Up to 1,000 at once."})


class ResultSerializer(serializers.Serializer[Any]):
    """What became of one of many: `status` is what it would have been answered alone."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    status = serializers.IntegerField()
    error = ProblemSerializer(allow_null=True)


def attempt(do: Callable[[], Any]) -> Any:
    """Return what this gives, or the refusal it raises; a fault of ours is raised on."""
    try:
        return do()
    except Exception as error:
        problem = problem_of(error)
        if problem is None or problem.status >= 500:
            raise
        return error


def result(index: int, outcome: Any, *, named: str, status: int = 201) -> dict[str, Any]:
    """Return the result of one item: the thing itself under `named`, or what refused it."""
    if not isinstance(outcome, Exception):
        return {"index": index, "status": status, named: outcome, "error": None}
    problem = problem_of(outcome)
    assert problem is not None
    return {"index": index, "status": problem.status, named: None, "error": problem.as_dict()}
