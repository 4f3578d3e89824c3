"""Conditions: what a rule may ask of a conversion. Declared once; everything else reads this."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Type
from commissions.catalogue.fields import Choice, Day, Label, ListOf, ValueKind, Whole, Words
from commissions.facts import Facts
from common.money import MINOR_MAX
from common.refusals import BadValue

CONDITIONS_MAX = 20
METADATA = "metadata."  # Followed by the name of what the merchant sent: metadata.job_title.


class Op(TextChoices):
    """How a fact is compared with the value of a condition."""

    IN = "in", gettext_lazy("is one of")
    NOT_IN = "not_in", gettext_lazy("is none of")
    IS = "is", gettext_lazy("is")
    LT = "lt", gettext_lazy("is less than")
    LTE = "lte", gettext_lazy("is at the most")
    GTE = "gte", gettext_lazy("is at least")
    GT = "gt", gettext_lazy("is more than")


AMONG: Final = (Op.IN, Op.NOT_IN)
RANGE: Final = (Op.GTE, Op.LTE, Op.LT, Op.GT)
WEEKDAYS: Final[tuple[tuple[str, Label], ...]] = (
    ("MON", gettext_lazy("Monday")),
    ("TUE", gettext_lazy("Tuesday")),
    ("WED", gettext_lazy("Wednesday")),
    ("THU", gettext_lazy("Thursday")),
    ("FRI", gettext_lazy("Friday")),
    ("SAT", gettext_lazy("Saturday")),
    ("SUN", gettext_lazy("Sunday")),
)
DEVICES: Final[tuple[tuple[str, Label], ...]] = (
    ("desktop", gettext_lazy("Desktop")),
    ("phone", gettext_lazy("Phone")),
    ("tablet", gettext_lazy("Tablet")),
    ("tv", gettext_lazy("Television")),
)
CUSTOMERS: Final[tuple[tuple[str, Label], ...]] = (
    ("new", gettext_lazy("new")),
    ("existing", gettext_lazy("existing")),
)

Seen = Sequence[Any] | None  # What a conversion has of it, perhaps several; None: not known.


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A fact that conditions may be about: its operators, its kind of value, where it is read."""

    name: str
    label: Label
    ops: tuple[Op, ...]
    kind: ValueKind
    read: Callable[[Facts], Seen]


def _known(value: Any) -> Seen:
    return None if value in (None, "") else (value,)


def _customer(facts: Facts) -> Seen:
    if facts.customer_is_new is None:
        return None
    return ("new",) if facts.customer_is_new else ("existing",)


def _sub(name: str) -> ConditionField:
    label = gettext_lazy("Source") if name == "source" else name
    return ConditionField(
        name, label, AMONG, ListOf(Words()), lambda facts: _any(facts.subs.get(name, ""))
    )


def _any(value: str) -> Seen:
    """Return what is known to be there or not: without it, it is none of anything."""
    return (value,) if value else ()


_DECLARED = (
    ConditionField(
        "country",
        gettext_lazy("Country"),
        AMONG,
        ListOf(Words(length_max=2, pattern="[A-Z]{2}", upper=True)),
        lambda facts: _known(facts.country),
    ),
    ConditionField(
        "device",
        gettext_lazy("Device"),
        AMONG,
        ListOf(Choice(DEVICES)),
        lambda facts: _known(facts.device),
    ),
    ConditionField(
        "item_sku",
        gettext_lazy("Product (SKU) in the order"),
        AMONG,
        ListOf(Words()),
        lambda facts: [item.sku for item in facts.items],
    ),
    ConditionField(
        "item_category",
        gettext_lazy("Product category in the order"),
        AMONG,
        ListOf(Words()),
        lambda facts: [item.category for item in facts.items if item.category],
    ),
    ConditionField(
        "amount_minor",
        gettext_lazy("Amount"),
        RANGE,
        Whole(0, MINOR_MAX),
        lambda facts: (facts.basis.amount_minor,),
    ),
    ConditionField(
        "coupon",
        gettext_lazy("Coupon"),
        AMONG,
        ListOf(Words(length_max=40, upper=True)),
        lambda facts: _any(facts.coupon),
    ),
    *(_sub(f"sub{number}") for number in range(1, 11)),
    _sub("source"),
    ConditionField("customer", gettext_lazy("Customer"), (Op.IS,), Choice(CUSTOMERS), _customer),
    ConditionField(
        "customer_months",
        gettext_lazy("Months since the customer's first conversion"),
        RANGE,
        Whole(0, 1_200),
        lambda facts: _known(facts.customer_months),
    ),
    ConditionField(
        "payment_number",
        gettext_lazy("Number of the payment"),
        RANGE,
        Whole(1, 1_000_000),
        lambda facts: _known(facts.payment_number),
    ),
    ConditionField(
        "affiliate_type",
        gettext_lazy("Type of affiliate"),
        AMONG,
        ListOf(Choice(Type.choices)),
        lambda facts: _known(facts.affiliate_type),
    ),
    ConditionField(
        "weekday",
        gettext_lazy("Day of the week (UTC)"),
        AMONG,
        ListOf(Choice(WEEKDAYS)),
        lambda facts: (WEEKDAYS[facts.occurred_at.astimezone(UTC).weekday()][0],),
    ),
    ConditionField(
        "date",
        gettext_lazy("Date (UTC)"),
        (Op.GTE, Op.LTE),
        Day(),
        lambda facts: (facts.occurred_at.astimezone(UTC).date().isoformat(),),
    ),
)
CONDITIONS: Final[Mapping[str, ConditionField]] = {field.name: field for field in _DECLARED}
# What the merchant sends of its own with a conversion, a lead's fields too; one for each name.
METADATA_NAME: Final = r"[A-Za-z0-9_.-]{1,60}"
METADATA_OPS: Final = (Op.IN, Op.NOT_IN, Op.GTE, Op.LTE)


def field_of(name: str) -> ConditionField | None:
    """Return the declared field, or the one of the merchant's own data that the name stands for."""
    if not name.startswith(METADATA):
        return CONDITIONS.get(name)
    key = name.removeprefix(METADATA)
    if not re.fullmatch(METADATA_NAME, key):
        return None
    return ConditionField(
        name, key, METADATA_OPS, ListOf(Words()), lambda facts: _own_data(facts, key)
    )


def _own_data(facts: Facts, key: str) -> Seen:
    value = facts.metadata.get(key)
    if isinstance(value, bool):
        return ("true",) if value else ("false",)
    return _known(value if isinstance(value, str | int | float) else None)


def clean_conditions(value: Any) -> list[dict[str, Any]]:
    """Return the conditions as they are stored; all of them must hold.

    :raises BadValue: naming what cannot be, as in `conditions.0.value`.
    """
    if not isinstance(value, list):
        raise BadValue("conditions", "not_a_list", _("A list is needed."))
    if len(value) > CONDITIONS_MAX:
        message = _("%d conditions at the most.") % CONDITIONS_MAX
        raise BadValue("conditions", "max_length", message)
    return [_clean_condition(row, f"conditions.{index}") for index, row in enumerate(value)]


def _clean_condition(row: Any, path: str) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise BadValue(path, "invalid", _("An object is needed."))
    for name in row:
        if name not in ("field", "op", "value"):
            shown = str(name)[:40]
            message = _("There is no field “%s”.") % shown
            raise BadValue(f"{path}.{shown}", "unknown_field", message)
    for name in ("field", "op", "value"):
        if row.get(name) in (None, ""):
            raise BadValue(f"{path}.{name}", "required", _("This is needed."))
    field = field_of(row["field"]) if isinstance(row["field"], str) else None
    if field is None:
        message = _("“%s” is nothing a rule can ask for.") % str(row["field"])[:40]
        raise BadValue(f"{path}.field", "invalid_choice", message)
    if row["op"] not in field.ops:
        message = _("One of these is needed: %s.") % ", ".join(field.ops)
        raise BadValue(f"{path}.op", "invalid_choice", message)
    kind = value_kind(field, row["op"])
    value = kind.clean(row["value"], f"{path}.value")
    return {"field": field.name, "op": str(row["op"]), "value": value}


def value_kind(field: ConditionField, op: str) -> ValueKind:
    """Return what kind of value the field takes with an operator."""
    if field.name.startswith(METADATA) and op not in AMONG:
        return Whole(-MINOR_MAX, MINOR_MAX)
    return field.kind


def failing(conditions: Sequence[Mapping[str, Any]], facts: Facts) -> str | None:
    """Return the field of the first condition that does not hold, or None if all do."""
    return next((row["field"] for row in conditions if not holds(row, facts)), None)


def holds(condition: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a stored condition holds. On what is not known it does not."""
    field = field_of(condition["field"])
    seen = field.read(facts) if field else None
    if seen is None:
        return False
    op, value = condition["op"], condition["value"]
    if op == Op.IN:
        return any(_text(one) in value for one in seen)
    if op == Op.NOT_IN:
        return not any(_text(one) in value for one in seen)
    if op == Op.IS:
        return value in seen
    return any(_compare(op, one, value) for one in seen)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _compare(op: str, seen: Any, value: Any) -> bool:
    """Compare numbers with numbers, dates with dates; a text that is a number counts as one."""
    if isinstance(value, int) and not isinstance(seen, int):
        try:
            seen = Decimal(str(seen))
        except InvalidOperation:
            return False
        if not seen.is_finite():
            return False
    if op == Op.LT:
        return bool(seen < value)
    if op == Op.LTE:
        return bool(seen <= value)
    if op == Op.GTE:
        return bool(seen >= value)
    return bool(seen > value)
