"""The wish to join a program, and what was typed for it, kept in the session until it is done."""

from typing import NamedTuple, TypedDict

from django.http import HttpRequest

from programs.models import Program
from programs.services import OPTIONS_MAX

KEY = "join"
TEXT_MAX = 2_000  # Of each field; a session is no place for more.


Typed = dict[str, str | list[str]]  # By the field's name; lists where several can be ticked.


class Stored(TypedDict):
    """The form in the session."""

    program: str
    name: str
    merchant_slug: str
    program_slug: str
    typed: Typed


class Wish(NamedTuple):
    """What a page needs to lead back to it."""

    program: str
    merchant_slug: str
    program_slug: str


def keep_wish(request: HttpRequest, program: Program, typed: Typed) -> None:
    """Remember the wish and what was typed; a later one takes its place."""
    stored: Stored = {
        "program": str(program.id),
        "name": program.name,
        "merchant_slug": program.merchant.slug,
        "program_slug": program.slug,
        "typed": {name: _short(value) for name, value in typed.items()},
    }
    request.session[KEY] = stored


def _short(value: str | list[str]) -> str | list[str]:
    if isinstance(value, str):
        return value[:TEXT_MAX]
    return [text[:TEXT_MAX] for text in value[:OPTIONS_MAX]]


def typed_for(request: HttpRequest, program: Program) -> Typed:
    """Return what was typed for this program, if anything was."""
    stored: Stored | None = request.session.get(KEY)
    return stored["typed"] if stored and stored["program"] == str(program.id) else {}


def wish_of(request: HttpRequest) -> Wish | None:
    """Return the program that the visitor meant to join and has not."""
    stored: Stored | None = request.session.get(KEY)
    if stored is None:
        return None
    return Wish(stored["name"], stored["merchant_slug"], stored["program_slug"])


def forget_wish(request: HttpRequest) -> None:
    """Forget it, once it is done."""
    request.session.pop(KEY, None)
