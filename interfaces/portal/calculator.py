"""The calculator of a program's page: visitors × conversion rate × amount, by the real rates."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from babel.numbers import format_decimal, get_currency_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from commissions.selectors import estimate_earnings
from common.money import MINOR_MAX, WHOLE_BPS, BadAmount, exponent_of, major_of, parse_major
from interfaces.portal.offer import Offer
from interfaces.portal.text import language, money, rate_in_words
from reports.affiliate_programs import GoalRate

VISITORS: Final = "visitors"
VISITORS_EXAMPLE: Final = 1_000
VISITORS_MAX: Final = 10_000_000
SHARE_EXAMPLE_BPS: Final = 200
SHARE_CURRENCY: Final = "EUR"  # A share has two decimals, as euros do: 12.5 is 1250 basis points.
WHOLE: Final = re.compile(r"[0-9]{1,12}|[0-9]{1,3}([.,' \u00a0\u202f’][0-9]{3}){1,3}")


@dataclass(frozen=True, slots=True)
class Row:
    """A goal in the calculator: its fields, and what they come to."""

    words: str
    fields: list[forms.BoundField]
    result: str = ""
    earned: str = ""


class CalculatorForm(forms.Form):
    """What a visitor supposes, by goal; what was not said is an example."""

    def __init__(self, offer: Offer, given: Mapping[str, Any]) -> None:
        self.offer, self.currency = offer, offer.program.currency
        self.examples: dict[str, str] = {}
        super().__init__()
        self._ask(VISITORS, _("Visitors a month"), number(VISITORS_EXAMPLE), read_visitors)
        for rate in offer.calculable:
            self._ask_goal(rate)
        names = self.fields.keys()
        self.data = self.examples | {name: given[name] for name in names if name in given}
        self.is_bound = True

    def _ask_goal(self, rate: GoalRate) -> None:
        code = rate.goal.code
        example = number(Decimal(SHARE_EXAMPLE_BPS) / 100)
        self._ask(f"share-{code}", _("Conversion rate in percent"), example, read_share)
        if rate.version is not None and rate.version.rate_bps:
            label = _("Average amount in %(currency)s") % {"currency": self.currency}
            example = number(major_of(example_minor(self.currency), currency=self.currency))
            read = partial(read_amount, currency=self.currency)
            self._ask(f"value-{code}", label, example, read)

    def _ask(self, name: str, label: str, example: str, read: Callable[[str], int]) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        self.fields[name] = NumberField(label=label, read=read, max_length=20, widget=widget)
        self.examples[name] = example

    @cached_property
    def rows(self) -> list[Row]:
        """The goals with what each would earn a month; without, if a number cannot be read."""
        return [self._row(rate) for rate in self.offer.calculable]

    def _row(self, rate: GoalRate) -> Row:
        assert rate.version is not None
        names = (f"share-{rate.goal.code}", f"value-{rate.goal.code}")
        fields = [self[name] for name in names if name in self.fields]
        words = rate_in_words(rate.version, rate.goal, self.currency)
        if not self.is_valid():
            return Row(words, fields)
        count = Decimal(self.cleaned_data[VISITORS] * self.cleaned_data[names[0]]) / WHOLE_BPS
        result = _("%(count)s × %(goal)s") % {"count": number(count), "goal": rate.goal.name}
        return Row(words, fields, result, money(self._earned_minor(rate), self.currency))

    def _earned_minor(self, rate: GoalRate) -> int:
        assert rate.version is not None
        said = self.cleaned_data
        return estimate_earnings(
            rate.version,
            visitors=said[VISITORS],
            share_bps=said[f"share-{rate.goal.code}"],
            order_minor=said.get(f"value-{rate.goal.code}", 0),
        )

    @property
    def total(self) -> str:
        """What all goals would earn a month; of a valid form."""
        earned_minor = sum(self._earned_minor(rate) for rate in self.offer.calculable)
        return money(earned_minor, self.currency)


class NumberField(forms.CharField):
    """A number as people write it; `read` says what it is, or raises BadAmount."""

    def __init__(self, *, read: Callable[[str], int], **options: Any) -> None:
        super().__init__(**options)
        self.read = read

    def clean(self, value: Any) -> Any:
        """Return the number.

        :raises ValidationError: in words for whoever typed it.
        """
        try:
            return self.read(super().clean(value))
        except BadAmount as error:
            raise ValidationError(str(error)) from error


def number(value: Decimal | int) -> str:
    """Return a number as people of the language write it, with two decimals at the most."""
    text: str = format_decimal(value, format="#,##0.##", locale=to_locale(language()))
    return text


def example_minor(currency: str) -> int:
    """Return an amount for an example: 100.00, or 10,000 of a currency without cents."""
    return 100 * 10 ** (exponent_of(currency) or 2)


def read_visitors(text: str) -> int:
    """Return a whole number, with or without separators of thousands.

    :raises BadAmount: if it is none, or more than VISITORS_MAX.
    """
    try:
        visitors = read_whole(text)
    except BadAmount as error:
        example = {"example": number(2_500)}
        raise BadAmount(_("Write a whole number, as in %(example)s.") % example) from error
    if visitors > VISITORS_MAX:
        raise BadAmount(_("%(most)s at the most.") % {"most": number(VISITORS_MAX)})
    return visitors


def read_whole(text: str) -> int:
    """Return a whole number; nothing in it can be taken for decimals.

    :raises BadAmount: if it is none, or too long.
    """
    if not WHOLE.fullmatch(text):
        raise BadAmount(f"{text!r} is no whole number")
    return int(re.sub(r"[^0-9]", "", text))


def read_share(text: str) -> int:
    """Return a percentage in basis points.

    :raises BadAmount: if it is none from 0 to 100 with two decimals at the most.
    """
    try:
        share_bps = parse_major(text.replace("%", ""), currency=SHARE_CURRENCY)
    except BadAmount:
        share_bps = -1
    if not 0 <= share_bps <= WHOLE_BPS:
        example = {"example": number(Decimal("2.5"))}
        raise BadAmount(_("Write a percentage from 0 to 100, as in %(example)s.") % example)
    return share_bps


def read_amount(text: str, *, currency: str) -> int:
    """Return an amount of the currency in minor units; its sign or code may stand beside it.

    :raises BadAmount: if it is none, or negative.
    """
    symbol = get_currency_symbol(currency, locale=to_locale(language()))
    for name in (currency, currency.lower(), symbol):
        text = text.replace(name, "")
    try:
        has_cents = exponent_of(currency) > 0
        amount_minor = (
            parse_major(text, currency=currency) if has_cents else read_whole(text.strip())
        )
    except BadAmount:
        amount_minor = -1
    if not 0 <= amount_minor <= MINOR_MAX:
        example = major_of(example_minor(currency), currency=currency)
        said = {"currency": currency, "example": example}
        raise BadAmount(_("Write an amount in %(currency)s, as in %(example)s.") % said)
    return amount_minor
