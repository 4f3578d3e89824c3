"""What a call of an intake says: its query, and its body as a form or as JSON."""

import json
from typing import Any, Final
from urllib.parse import parse_qsl

from interfaces.edge.http import PARAMETERS_MAX, Request
from tracking.postbacks import Refused

BODY_MAX: Final = 64_000
DEPTH_MAX = 10
JSON = "application/json"


async def read_parameters(request: Request) -> dict[str, Any]:
    """Return the parameters of a call; what the address says goes before what the body says.

    Numbers of JSON stay the text they were written as, so that no amount is ever rounded.

    :raises TooLarge: if the body is longer than BODY_MAX.
    :raises Refused: if it cannot be read.
    """
    found: dict[str, Any] = {}
    for name, value in request.query:
        found.setdefault(name, value)
    if request.method == "POST":
        body = await request.body(BODY_MAX)
        for name, value in _read_body(body, request.headers.get("content-type", "")):
            found.setdefault(name, value)
    return found


def _read_body(body: bytes, content_type: str) -> list[tuple[str, Any]]:
    if not body.strip():
        return []
    if content_type.partition(";")[0].strip().lower() == JSON or body.lstrip()[:1] == b"{":
        return _read_json(body)
    try:
        return parse_qsl(
            body.decode(errors="replace"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX
        )
    except ValueError as error:
        raise Refused("malformed", "The body has too many parameters.") from error


def _read_json(body: bytes) -> list[tuple[str, Any]]:
    try:
        found = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or len(found) > PARAMETERS_MAX:
        raise Refused("malformed", "Send a JSON object.")
    _require_shallow(found, DEPTH_MAX)
    return [(name, _plain(value)) for name, value in found.items() if value is not None]


def _plain(value: Any) -> Any:
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else value


def _require_shallow(value: Any, depth: int) -> None:
    if depth == 0:
        raise Refused("malformed", "The body is nested too deeply.")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for row in inner:
        _require_shallow(row, depth - 1)
