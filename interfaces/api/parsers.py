"""JSON as RFC 8259 means it: one reading of every document, and nothing PostgreSQL cannot store."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser

DEPTH_MAX = 20
INTEGER_DIGITS_MAX = 40  # More is no amount of anything; int() of a long text is slow besides.


class StrictJSONParser(BaseParser):
    """Parses a request's body; whatever could be read in two ways is refused."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says.

        :raises ParseError: if it is no JSON or nested deeper than DEPTH_MAX.
        :raises ValidationError: naming the field that cannot be stored or stands there twice.
        """
        return read_json(stream.read())


def read_json(raw: bytes) -> Any:
    """Return the document in `raw`; see StrictJSONParser.parse for what it refuses."""
    try:
        document = json.loads(
            raw.decode(),
            object_pairs_hook=_once_each,
            parse_int=_integer,
            parse_constant=float,  # NaN and Infinity: refused below, where their field is known.
        )
    except ValidationError:
        raise
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ParseError(_("The body is not JSON: %s") % error) from error
    _require_storable(document, (), depth=0)
    return document


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refusal((twice,), _("This field stands in the object twice."), "duplicate_field")
    return found


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= INTEGER_DIGITS_MAX else math.inf


def _require_storable(value: Any, path: tuple[str, ...], *, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise _too_deep()
    if isinstance(value, str):
        _require_plain_text(value, path)
    elif isinstance(value, float) and not math.isfinite(value):
        raise _refusal(path, _("This number is not finite, or far too large."), "not_finite")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_plain_text(name, path)
            _require_storable(inner, (*path, name), depth=depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _require_storable(inner, (*path, str(index)), depth=depth + 1)


def _require_plain_text(text: str, path: tuple[str, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        storable = False
    else:
        storable = "\0" not in text
    if not storable:
        message = _("NUL and lone surrogate characters cannot be stored.")
        raise _refusal(path, message, "forbidden_character")


def _refusal(path: tuple[str, ...], message: str, code: str) -> ValidationError:
    return ValidationError({".".join(path): [ErrorDetail(message, code)]})


def _too_deep() -> ParseError:
    return ParseError(_("The body is nested too deeply."))
