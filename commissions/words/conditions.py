"""Conditions as people say them: “for 12 months”, “for new customers”, “in Germany or Austria”."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop, ngettext

from affiliates.models import Type
from commissions.catalogue.conditions import DEVICES, METADATA, WEEKDAYS, Op
from commissions.words.speaking import Speaker

Condition = Mapping[str, Any]


def say_conditions(conditions: Sequence[Condition], speaker: Speaker) -> list[str]:
    """Return each condition as it follows a reward in a sentence."""
    return [say_condition(row, speaker) for row in conditions]


def say_condition(condition: Condition, speaker: Speaker) -> str:
    """Return one condition in words."""
    name = condition["field"]
    said = SAID.get(name)
    if said is not None:
        return said(condition["op"], condition["value"], speaker)
    label = name.removeprefix(METADATA)
    return _compared(label, condition["op"], condition["value"], speaker)


def _compared(label: str, op: str, value: Any, speaker: Speaker) -> str:
    """Say a field that has no phrase of its own."""
    if op in (Op.IN, Op.NOT_IN):
        words = {"field": label, "values": speaker.any_of(map(str, value))}
        if op == Op.IN:
            return gettext("where %(field)s is %(values)s") % words
        return gettext("where %(field)s is not %(values)s") % words
    words = {"field": label, "value": speaker.number(value)}
    if op == Op.GTE:
        return gettext("where %(field)s is %(value)s or more") % words
    return gettext("where %(field)s is %(value)s or less") % words


def _country(op: str, value: list[str], speaker: Speaker) -> str:
    names = {"names": speaker.any_of(speaker.country(code) for code in value)}
    if op == Op.IN:
        return gettext("in %(names)s") % names
    return gettext("not in %(names)s") % names


def _among(
    yes: str, no: str, labels: Mapping[str, Any] | None = None
) -> Callable[[str, Any, Speaker], str]:
    """Return how to say that something is, or is not, among values."""

    def say(op: str, value: list[str], speaker: Speaker) -> str:
        names = [str(labels.get(one, one)) if labels else one for one in value]
        said = gettext(yes) if op == Op.IN else gettext(no)
        return said % {"names": speaker.any_of(names)}

    return say


def _amount(op: str, value: int, speaker: Speaker) -> str:
    amount = {"amount": speaker.money(value)}
    if op == Op.GTE:
        return gettext("from an amount of %(amount)s") % amount
    if op == Op.GT:
        return gettext("above an amount of %(amount)s") % amount
    if op == Op.LT:
        return gettext("below an amount of %(amount)s") % amount
    return gettext("up to an amount of %(amount)s") % amount


def _customer(_op: str, value: str, _speaker: Speaker) -> str:
    if value == "new":
        return gettext("for new customers")
    return gettext("for existing customers")


def _customer_months(op: str, value: int, _speaker: Speaker) -> str:
    """Say how old a customer is, in full months: less than 12 are the first 12 months."""
    if op in (Op.LT, Op.LTE):
        months = value if op == Op.LT else value + 1
        return ngettext("for %d month", "for %d months", months) % months
    months = value if op == Op.GTE else value + 1
    return ngettext("after %d month", "after %d months", months) % months


def _payment_number(op: str, value: int, speaker: Speaker) -> str:
    if op in (Op.LT, Op.LTE):
        count = value if op == Op.LTE else value - 1
        said = ngettext(
            "for the first payment of a customer", "for the first %d payments of a customer", count
        )
        return said % count if "%d" in said else said
    first = value if op == Op.GTE else value + 1
    return gettext("from the %(nth)s payment of a customer on") % {"nth": speaker.ordinal(first)}


def _date(op: str, value: str, speaker: Speaker) -> str:
    day = {"day": speaker.day(value)}
    if op == Op.GTE:
        return gettext("from %(day)s") % day
    return gettext("until %(day)s") % day


SAID: Final[Mapping[str, Callable[[str, Any, Speaker], str]]] = {
    "country": _country,
    "device": _among(gettext_noop("by %(names)s"), gettext_noop("not by %(names)s"), dict(DEVICES)),
    "item_sku": _among(gettext_noop("with %(names)s"), gettext_noop("without %(names)s")),
    "item_category": _among(
        gettext_noop("with a product of %(names)s"), gettext_noop("without a product of %(names)s")
    ),
    "amount_minor": _amount,
    "coupon": _among(
        gettext_noop("with the coupon %(names)s"), gettext_noop("without the coupon %(names)s")
    ),
    "customer": _customer,
    "customer_months": _customer_months,
    "payment_number": _payment_number,
    "affiliate_type": _among(
        gettext_noop("for affiliates of the type %(names)s"),
        gettext_noop("for affiliates of another type than %(names)s"),
        dict(Type.choices),
    ),
    "weekday": _among(
        gettext_noop("on %(names)s"), gettext_noop("on other days than %(names)s"), dict(WEEKDAYS)
    ),
    "date": _date,
}
