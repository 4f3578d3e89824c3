"""Days as charts: what templates/components/chart.html draws."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.numbers import format_decimal
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from common.money import exponent_of
from interfaces.portal.text import language, money
from reports.affiliate_money import Period


def day_label(day: date) -> str:
    """Return a day as an axis says it: “3 Dec”."""
    return date_format(day, "MONTH_DAY_FORMAT")


def month_label(month: date) -> str:
    """Return a month in words: “December 2026”."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def number(count: int) -> str:
    """Return a count with the separators of the language."""
    text: str = format_decimal(count, locale=to_locale(language()))
    return text


def clicks_chart(title: str, period: Period, now: list[int], before: list[int]) -> dict[str, Any]:
    """Return the chart of clicks a day, with the period before as a thin line."""
    texts = [[number(count), number(old)] for count, old in zip(now, before, strict=True)]
    return _chart(title, "bars", period, list(zip(now, before, strict=True)), texts, unit=None)


def earnings_chart(
    title: str, period: Period, now: list[int], before: list[int], *, currency: str
) -> dict[str, Any]:
    """Return the chart of earnings a day in minor units of one currency."""
    texts = [
        [money(amount, currency), money(old, currency)]
        for amount, old in zip(now, before, strict=True)
    ]
    unit = {"currency": currency, "exponent": exponent_of(currency)}
    return _chart(title, "area", period, list(zip(now, before, strict=True)), texts, unit=unit)


def _chart(
    title: str,
    kind: str,
    period: Period,
    values: Sequence[tuple[int, int]],
    texts: Sequence[list[str]],
    *,
    unit: dict[str, Any] | None,
) -> dict[str, Any]:
    rows = [
        {
            "x": day.isoformat(),
            "label": day_label(day),
            "values": list(pair),
            "texts": words,
        }
        for day, pair, words in zip(period.days, values, texts, strict=True)
    ]
    names = [_("This period"), _("The period before")]
    return {"title": title, "kind": kind, "series": names, "rows": rows, "unit": unit}
