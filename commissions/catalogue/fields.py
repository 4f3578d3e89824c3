"""Kinds of values that rules are made of. Each cleans, and tells a form what to ask for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from common.refusals import BadValue

Label = str | Promise
LIST_MAX = 200  # Of values in a condition.


class ValueKind(Protocol):
    """A kind of value: `clean` returns what is stored, or raises BadValue with the path."""

    def clean(self, value: Any, path: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    minimum: int = 0
    maximum: int = 10**15

    def clean(self, value: Any, path: str) -> int:
        """Return the number."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(path, "invalid", _("A whole number is needed."))
        if value < self.minimum:
            raise BadValue(path, "min_value", _("At least %d.") % self.minimum)
        if value > self.maximum:
            raise BadValue(path, "max_value", _("At the most %d.") % self.maximum)
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """A short text; `pattern` is what it must look like, `upper` how it is stored."""

    length_max: int = 200
    length_min: int = 1
    pattern: str = ""
    upper: bool = False

    def clean(self, value: Any, path: str) -> str:
        """Return the text without spaces around it."""
        if not isinstance(value, str):
            raise BadValue(path, "invalid", _("A text is needed."))
        text = value.strip().upper() if self.upper else value.strip()
        if "\0" in text:
            message = _("Null characters are not allowed.")
            raise BadValue(path, "null_characters_not_allowed", message)
        if len(text) < self.length_min:
            raise BadValue(path, "required", _("This is needed."))
        if len(text) > self.length_max:
            message = _("%d characters at the most.") % self.length_max
            raise BadValue(path, "max_length", message)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise BadValue(path, "invalid", _("“%s” is not possible here.") % text)
        return text


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set, in any case of letters."""

    choices: Sequence[tuple[str, Label]]

    def clean(self, value: Any, path: str) -> str:
        """Return the choice as it is declared."""
        known = {str(name).casefold(): str(name) for name, _label in self.choices}
        found = known.get(value.strip().casefold()) if isinstance(value, str) else None
        if found is None:
            message = _("One of these is needed: %s.") % ", ".join(known.values())
            raise BadValue(path, "invalid_choice", message)
        return found


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as in 2026-12-24."""

    def clean(self, value: Any, path: str) -> str:
        """Return the date as ISO 8601 writes it."""
        try:
            found = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None:
            raise BadValue(path, "invalid", _("A date is needed, as in 2026-12-24."))
        return found.isoformat()


@dataclass(frozen=True, slots=True)
class ListOf:
    """One or more values of a kind, each once. A single value stands for a list of one."""

    kind: Whole | Words | Choice

    def clean(self, value: Any, path: str) -> list[Any]:
        """Return the values in their order."""
        values = value if isinstance(value, list) else [value]
        if not values:
            raise BadValue(path, "required", _("This is needed."))
        if len(values) > LIST_MAX:
            raise BadValue(path, "max_length", _("%d values at the most.") % LIST_MAX)
        return list(dict.fromkeys(self.kind.clean(one, path) for one in values))


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of `details`."""

    name: str
    label: Label
    kind: "Whole | Words | Choice | Rows | Group"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Several named values. `one_of`: names of which exactly one must be there."""

    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def clean(self, value: Any, path: str) -> dict[str, Any]:
        """Return the values that are there, under their names."""
        if not isinstance(value, Mapping):
            raise BadValue(path, "invalid", _("An object is needed."))
        _refuse_unknown(value, {field.name for field in self.fields}, path)
        cleaned = {}
        for field in self.fields:
            if value.get(field.name) is not None:
                cleaned[field.name] = field.kind.clean(value[field.name], join(path, field.name))
            elif field.required:
                raise BadValue(join(path, field.name), "required", _("This is needed."))
        for names in self.one_of:
            _require_one(cleaned, names, path)
        return cleaned


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of groups, at least one."""

    group: Group
    count_max: int

    def clean(self, value: Any, path: str) -> list[dict[str, Any]]:
        """Return the rows in their order."""
        if not isinstance(value, list):
            raise BadValue(path, "not_a_list", _("A list is needed."))
        if not value:
            raise BadValue(path, "required", _("This is needed."))
        if len(value) > self.count_max:
            raise BadValue(path, "max_length", _("%d rows at the most.") % self.count_max)
        return [self.group.clean(row, f"{path}.{index}") for index, row in enumerate(value)]


def join(path: str, name: str) -> str:
    """Return the path of a part: `details.steps`."""
    return f"{path}.{name}" if path else name


def _refuse_unknown(value: Mapping[Any, Any], known: set[str], path: str) -> None:
    for name in value:
        if name not in known:
            shown = str(name)[:40]
            raise BadValue(join(path, shown), "unknown_field", _("There is no field “%s”.") % shown)


def _require_one(cleaned: Mapping[str, Any], names: tuple[str, ...], path: str) -> None:
    given = [name for name in names if name in cleaned]
    if not given:
        message = _("One of these is needed: %s.") % ", ".join(names)
        raise BadValue(join(path, names[0]), "required", message)
    if len(given) > 1:
        message = _("Only one of these is possible: %s.") % ", ".join(given)
        raise BadValue(join(path, given[1]), "only_one", message)
