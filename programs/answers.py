"""What applicants answer to a form's questions: the one reading, for pages and API alike. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms import URLField
from django.utils.translation import gettext as _

from common.addresses import read_address
from common.countries import country_codes
from common.phones import read_phone
from programs.models import FieldKind, FormField

Answer = str | int | bool | list[str]

LINE_MAX = 300
TEXT_MAX = 2_000
URL_MAX = 500
NUMBER_MAX = 10**15
YES, NO = "yes", "no"  # What a condition on a CHECKBOX names.
TRUE_WORDS = frozenset({"on", "true", "yes", "1"})
FALSE_WORDS = frozenset({"", "off", "false", "no", "0"})
GROUPED = re.compile(r"[0-9]{1,3}([ ,.'’\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer is none: a stable code, and words for whoever wrote it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood: answers by the question's code, and what is wrong, by code."""

    answers: dict[str, Answer]
    errors: dict[str, Wrong]


def read_answers(fields: Sequence[FormField], raw: Mapping[str, Any]) -> Reading:
    """Return the answers to the questions, in their order, and what is wrong with the others.

    `raw` holds texts, lists of texts, and from JSON numbers and booleans. A question that is not
    shown for the answers before it is not asked: whatever was sent for it is dropped. Keys that are
    no question's are errors, so that no caller believes they were heard; pages send none.
    """
    answers: dict[str, Answer] = {}
    errors: dict[str, Wrong] = {}
    for field in fields:
        if not is_shown(field, answers):
            continue
        try:
            answer = _read(field, raw.get(field.code))
        except _NoAnswer as problem:
            errors[field.code] = problem.wrong
            continue
        if answer is not None:
            answers[field.code] = answer
    for code in raw.keys() - {field.code for field in fields}:
        errors[code] = Wrong("unknown_question", _("The form has no such question."))
    return Reading(answers, errors)


def is_shown(field: FormField, answers: Mapping[str, Answer]) -> bool:
    """Return whether a question is asked of somebody who gave these answers before it."""
    if not field.shown_if_code:
        return True
    return bool(words_of(answers.get(field.shown_if_code)) & set(field.shown_if_values))


def words_of(answer: Answer | None) -> set[str]:
    """Return an answer as the words that conditions and review rules compare."""
    if answer is None:
        return set()
    if isinstance(answer, bool):
        return {YES if answer else NO}
    return set(answer) if isinstance(answer, list) else {str(answer)}


def asked(fields: Iterable[FormField]) -> list[dict[str, str]]:
    """Return the questions as they are kept with answers to them."""
    return [{"code": row.code, "label": row.label, "kind": row.kind} for row in fields]


class _NoAnswer(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.wrong = Wrong(code, message)


def _read(field: FormField, value: Any) -> Answer | None:
    """Return the answer; None if none was given and none is needed."""
    if field.kind == FieldKind.CHOICES:
        chosen = _choices(field, value)
        if field.is_required and not chosen:
            raise _NoAnswer("required", _("Choose at least one."))
        return chosen or None
    if field.kind == FieldKind.CHECKBOX:
        ticked = _checkbox(value)
        if field.is_required and not ticked:
            raise _NoAnswer("required", _("This must be ticked."))
        return ticked
    text = _text(value)
    if not text:
        if field.is_required:
            raise _NoAnswer("required", _("This question must be answered."))
        return None
    return READERS[FieldKind(field.kind)](field, text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _NoAnswer("invalid", _("One text is expected here."))
    if "\0" in (text := str(value)):
        raise _NoAnswer("invalid", _("Null characters are not allowed."))
    return text.replace("\r\n", "\n").strip()


def _choices(field: FormField, value: Any) -> list[str]:
    given = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
    texts = {_text(one) for one in given}
    if unknown := texts - set(field.options):
        raise _unknown_option(min(unknown))
    return [option for option in field.options if option in texts]


def _checkbox(value: Any) -> bool:
    word = str(value if value is not None else "").strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise _NoAnswer("invalid", _("Answer with yes or no."))
    return word in TRUE_WORDS


def _one_line(_field: FormField, text: str) -> str:
    return _bounded(" ".join(text.split()), LINE_MAX)


def _several_lines(_field: FormField, text: str) -> str:
    return _bounded(text, TEXT_MAX)


def _bounded(text: str, length_max: int) -> str:
    if len(text) > length_max:
        raise _NoAnswer("too_long", _("%d characters at the most.") % length_max)
    return text


def _email(_field: FormField, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise _NoAnswer("invalid", _("Enter a valid email address.")) from error
    return text.lower()


def _phone(_field: FormField, text: str) -> str:
    phone = read_phone(text)
    if phone is None:
        message = _("Write the number with its country, as in +44 20 7946 0958.")
        raise _NoAnswer("invalid", message)
    return phone


def _url(_field: FormField, text: str) -> str:
    try:
        url = str(URLField(assume_scheme="https").clean(text))
    except ValidationError as error:
        raise _NoAnswer("invalid", _("Enter a valid URL.")) from error
    if read_address(url) is None:
        raise _NoAnswer("invalid", _("Enter a valid URL."))
    return _bounded(url, URL_MAX)


def _number(_field: FormField, text: str) -> int:
    plain = re.sub(r"[^0-9]", "", text) if GROUPED.fullmatch(text) else text
    if not re.fullmatch(r"[0-9]{1,16}", plain, re.ASCII) or int(plain) > NUMBER_MAX:
        raise _NoAnswer("invalid", _("Write a whole number, as in 25000."))
    return int(plain)


def _date(_field: FormField, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise _NoAnswer("invalid", _("Write a date as year-month-day: 2026-03-31.")) from error


def _country(_field: FormField, text: str) -> str:
    if (code := text.upper()) not in country_codes():
        raise _NoAnswer("unknown_option", _("Choose a country from the list."))
    return code


def _choice(field: FormField, text: str) -> str:
    if text not in field.options:
        raise _unknown_option(text)
    return text


def _unknown_option(text: str) -> _NoAnswer:
    return _NoAnswer("unknown_option", _("“%s” is not among the answers.") % text[:60])


READERS: dict[FieldKind, Callable[[FormField, str], Answer]] = {
    FieldKind.TEXT: _one_line,
    FieldKind.LONG_TEXT: _several_lines,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
    FieldKind.URL: _url,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.COUNTRY: _country,
    FieldKind.CHOICE: _choice,
}
