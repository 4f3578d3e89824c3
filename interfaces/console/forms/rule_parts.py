"""Fields of a form for whatever the catalogue declares: one for each value, rows for lists.

Every field has the path of its value for a name (`details.steps.1.from`), so that what the
catalogue refuses is shown where it was typed. Nothing here knows any condition or reward by name,
but for the units that a value is in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissions.catalogue import (
    METADATA,
    Choice,
    Counts,
    Day,
    Field,
    Group,
    ListOf,
    Rows,
    Whole,
    Words,
)
from commissions.models import GrantKind, RuleVersion
from common.money import major_of
from interfaces.console.forms.fields import (
    MoneyField,
    PaysField,
    PercentField,
    SmallMoneyField,
    WordsField,
    written_bps,
)
from interfaces.console.forms.targeting import Chips

PAYS: Final = ("rate_bps", "fixed_minor")  # Of which people type one, as they say it.
ROWS_MAX: Final = 500
ROW_NUMBER: Final = re.compile("[0-9]{1,3}")
Raw = Mapping[str, Any]  # What was typed, or what is stored, by path.
# What another field's unit or choices hang on: the form is shaped anew when it changes.
SHAPING: Final = ("counts", "kind")


@dataclass(slots=True)
class Part:
    """One value, several values that belong together, or a list of such. `path` is its place."""

    path: str
    label: Promise | str = ""
    input: forms.Field | None = None
    parts: list["Part"] = field(default_factory=list)
    is_rows: bool = False
    is_optional: bool = False  # Not there at all when nothing of it is filled in.
    is_open: bool = False  # Something of it is.

    @property
    def name(self) -> str:
        """Return the last word of the path."""
        return self.path.rpartition(".")[2]

    def inputs(self) -> Iterator["Part"]:
        """Yield every part that is a field."""
        if self.input is not None:
            yield self
        for part in self.parts:
            yield from part.inputs()

    def collect(self, said: Mapping[str, Any]) -> Any:
        """Return the value as the catalogue takes it, of cleaned fields; None: not there."""
        if self.input is not None:
            value = said.get(self.path)
            return None if value in ("", []) else value
        if self.is_rows:
            return [part.collect(said) or {} for part in self.parts]
        values: dict[str, Any] = {}
        for part in self.parts:
            value = part.collect(said)
            if part.name == "pays":
                values |= dict([value]) if value else {}
            elif value is not None:
                values[part.name] = value
        return values if values or not self.is_optional else None


@dataclass(frozen=True, slots=True)
class Shape:
    """What the parts of a form hang on: the currency, and what is chosen so far."""

    raw: Raw
    currency: str

    def chosen(self, path: str) -> str:
        """Return what is chosen in a field, or nothing."""
        return str(self.raw.get(path) or "")


def rows_in(raw: Raw, path: str, *, count_max: int = ROWS_MAX) -> int:
    """Return how many rows of a list there are, as far as that many are possible."""
    start = f"{path}."
    numbers = [name[len(start) :].partition(".")[0] for name in raw if name.startswith(start)]
    counts = [int(number) + 1 for number in numbers if ROW_NUMBER.fullmatch(number)]
    return min(max(counts, default=0), count_max)


def group_part(
    group: Group, path: str, shape: Shape, *, label: Any = "", asked: bool = True
) -> Part:
    """Return the parts of a group; `asked` is whether it must be there."""
    said_once = {name for names in group.one_of for name in names}
    parts = []
    for declared in group.fields:
        at = f"{path}.{declared.name}"
        if declared.name in PAYS and set(PAYS) <= said_once:
            if declared.name == PAYS[0]:
                parts.append(_pays_part(path, shape, asked=asked))
            continue
        needed = asked and declared.required and declared.name not in said_once
        parts.append(_part(declared, at, path, shape, needed=needed))
    filled = any(shape.raw.get(part.path) for part in parts)
    return Part(path, label, parts=parts, is_optional=not asked, is_open=filled)


def _pays_part(path: str, shape: Shape, *, asked: bool) -> Part:
    example = major_of(500, currency=shape.currency)
    hint = {"placeholder": f"15% / {example}"}
    pays = PaysField(currency=shape.currency, label=_("Pays"), required=asked)
    pays.widget.attrs |= hint
    return Part(f"{path}.pays", _("Pays"), pays)


def _part(declared: Field, path: str, parent: str, shape: Shape, *, needed: bool) -> Part:
    kind = declared.kind
    if isinstance(kind, Group):
        asked = needed and declared.required
        return group_part(kind, path, shape, label=declared.label, asked=asked)
    if isinstance(kind, Rows):
        count = max(rows_in(shape.raw, path, count_max=kind.count_max), 1)
        rows = [group_part(kind.group, f"{path}.{number}", shape) for number in range(count)]
        return Part(path, declared.label, parts=rows, is_rows=True)
    options = {"label": declared.label, "required": needed}
    made = _whole(declared.name, kind, parent, shape, options)
    if made is None:
        made = value_field(kind, shape, **options)
    if declared.name in SHAPING:
        made.widget.attrs |= RESHAPING
    return Part(path, declared.label, made)


def _whole(
    name: str, kind: Any, parent: str, shape: Shape, options: dict[str, Any]
) -> forms.Field | None:
    """Return the field of a number that is an amount or a share, by what it is a number of."""
    if not isinstance(kind, Whole):
        return None
    if name == "rate_e5":
        label = _("Amount in %(currency)s") % {"currency": shape.currency}
        return SmallMoneyField(**options | {"label": label})
    unit = _unit(name, parent, shape)
    if unit == "rate":
        return PercentField(**options)
    if unit == "money":
        return MoneyField(currency=shape.currency, minor_min=kind.minimum, **options)
    return None


def _unit(name: str, parent: str, shape: Shape) -> str:
    """Return what a number counts: money, a rate, or things."""
    if name in ("every", "at", "from"):
        return "money" if shape.chosen("details.counts") == Counts.AMOUNT else "things"
    if name == "quantity":
        units = {GrantKind.CREDIT: "money", GrantKind.DISCOUNT: "rate"}
        return units.get(shape.chosen(f"{parent}.kind"), "things")  # type: ignore[call-overload]
    return {"rate_bps": "rate", "fixed_minor": "money", "amount_minor": "money"}.get(name, "things")


def value_field(kind: Any, shape: Shape, **options: Any) -> forms.Field:
    """Return the field of a kind of value."""
    if isinstance(kind, ListOf):
        return _list_field(kind, **options)
    if isinstance(kind, Choice):
        empty = [] if options.get("required") else [("", "–")]
        return forms.ChoiceField(choices=[*empty, *kind.choices], **options)
    if isinstance(kind, Day):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.CharField(widget=widget, **options)
    if isinstance(kind, Whole):
        return forms.IntegerField(min_value=kind.minimum, max_value=kind.maximum, **options)
    assert isinstance(kind, Words)
    return forms.CharField(max_length=kind.length_max, **options)


def _list_field(kind: ListOf, **options: Any) -> forms.Field:
    if isinstance(kind.kind, Choice):
        return forms.MultipleChoiceField(choices=list(kind.kind.choices), widget=Chips, **options)
    return WordsField(**options)


def amount_field(shape: Shape, **options: Any) -> forms.Field:
    """Return the field of an amount of money in a condition."""
    return MoneyField(currency=shape.currency, **options)


# Chosen anew, these make the server shape the fields anew; without scripts a button does.
RESHAPING: Final = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-target": "#rule-fields",
    "hx-select": "#rule-fields",
    "hx-swap": "outerHTML",
    "hx-include": "#rule-form",
    "hx-vals": '{"do": "shape"}',
}


# What is stored, as a form shows it -------------------------------------------------------------


def raw_of(version: RuleVersion, *, currency: str) -> dict[str, Any]:
    """Return a version's reward and conditions by the paths of their fields."""
    raw: dict[str, Any] = {"reward": version.reward}
    raw["fixed_minor"] = version.fixed_minor or ""
    raw["rate_bps"] = version.rate_bps or ""
    for path, value in _flat("details", version.details):
        head, _dot, name = path.rpartition(".")
        if name in PAYS:
            raw[f"{head}.pays"] = (
                written_bps(value)
                if name == "rate_bps"
                else str(major_of(value, currency=currency))
            )
        else:
            raw[path] = value
    for number, condition in enumerate(version.conditions):
        raw |= _condition_raw(f"conditions.{number}", condition)
    return raw


def _condition_raw(path: str, condition: Mapping[str, Any]) -> dict[str, Any]:
    name, key = condition["field"], ""
    if name.startswith(METADATA):
        name, key = METADATA, name.removeprefix(METADATA)
    return {
        f"{path}.field": name,
        f"{path}.key": key,
        f"{path}.op": condition["op"],
        f"{path}.value": condition["value"],
    }


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _flat(f"{path}.{name}", part)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _flat(f"{path}.{number}", part)
    else:
        yield path, value


# Rows added and taken away -----------------------------------------------------------------------


def with_row(raw: Raw, path: str) -> dict[str, Any]:
    """Return what was typed with one more empty row at the end of a list."""
    return {**raw, f"{path}.{rows_in(raw, path)}.new": ""}


def without_row(raw: Raw, path: str) -> dict[str, Any]:
    """Return what was typed without the row at a path; the rows after it move up."""
    rows, _dot, number = path.rpartition(".")
    kept = {}
    for name, value in raw.items():
        moved = _moved(name, rows, int(number))
        if moved:
            kept[moved] = value
    return kept


def _moved(name: str, rows: str, gone: int) -> str:
    """Return the name a field has once a row is gone; nothing for those of the row itself."""
    start = f"{rows}."
    if not name.startswith(start):
        return name
    at, _dot, rest = name[len(start) :].partition(".")
    if not ROW_NUMBER.fullmatch(at) or int(at) < gone:
        return name
    return "" if int(at) == gone else f"{start}{int(at) - 1}.{rest}"
