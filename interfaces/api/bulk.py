"""Many at once: each has its own result, and a refused one takes nothing else back."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework import serializers

from interfaces.api.endpoints import Answer
from interfaces.api.fields import Strict
from interfaces.api.problems import problem_of
from interfaces.api.schema import ProblemSerializer, raw_field

ITEMS_MAX = 1_000


def bulk_of(name: str) -> type[Strict]:
    """Return the shape of a request with up to ITEMS_MAX objects of the component `name`."""
    items = {
        "type": "array",
        "items": {"$ref": f"#/components/schemas/{name}"},
        "minItems": 1,
        "maxItems": ITEMS_MAX,
    }
    # The objects are checked one by one, so that a wrong one is the only one refused.
    data = raw_field(items)(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=ITEMS_MAX
    )
    return type(f"{name}s", (Strict,), {"data": data, "__doc__": "Up to 1,000 at once."})


class ResultSerializer(serializers.Serializer[Any]):
    """What became of one of many: `status` is what it would have been answered alone."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    status = serializers.IntegerField()
    error = ProblemSerializer(allow_null=True)


def each(
    items: list[Any],
    do: Callable[[Any], Answer],
    *,
    named: str,
    gives: type[serializers.Serializer[Any]],
) -> list[dict[str, Any]]:
    """Do one item after the other; return a result for each, the thing itself under `named`.

    Every item has its own savepoint. A fault of ours, unlike a refusal, takes all of them back.
    """
    return [_result(index, item, do, named, gives) for index, item in enumerate(items)]


def _result(
    index: int,
    item: Any,
    do: Callable[[Any], Answer],
    named: str,
    gives: type[serializers.Serializer[Any]],
) -> dict[str, Any]:
    try:
        with transaction.atomic():
            answer = do(item)
            shown = gives(answer.value).data
    except Exception as error:
        problem = problem_of(error)
        if problem is None or problem.status >= 500:
            raise
        return {
            "index": index,
            "status": problem.status,
            named: None,
            "error": problem.as_dict(),
        }
    return {"index": index, "status": answer.status, named: shown, "error": None}
