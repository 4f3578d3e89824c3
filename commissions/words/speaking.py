"""How amounts, percentages, lists and ordinals are said in a language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils.translation import gettext, ngettext, pgettext, to_locale

from commissions.models import BudgetPeriod, GrantKind
from common.money import WHOLE_BPS, format_money


@dataclass(frozen=True, slots=True)
class Speaker:
    """A language and a currency. Its words are said inside `override(language)`."""

    language: str
    currency: str

    @property
    def locale(self) -> str:
        """Return the language as Babel names it."""
        return to_locale(self.language)

    def money(self, amount_minor: int) -> str:
        """Return an amount: “€5.00”."""
        return format_money(amount_minor, currency=self.currency, locale=self.locale)

    def fine_money(self, amount_e5: int) -> str:
        """Return an amount in hundred-thousandths of a major unit: “€0.00125”."""
        amount = Decimal(amount_e5).scaleb(-5)
        if amount == amount.quantize(Decimal("0.01")):
            amount = amount.quantize(Decimal("0.01"))
        text: str = format_currency(
            amount.normalize() if amount == int(amount) else amount,
            self.currency,
            locale=self.locale,
            currency_digits=False,
            decimal_quantization=False,
        )
        return text

    def rate(self, rate_bps: int) -> str:
        """Return basis points as people write them: 750 is “7.5%”."""
        text: str = format_percent(
            Decimal(rate_bps) / WHOLE_BPS, locale=self.locale, decimal_quantization=False
        )
        return text

    def number(self, value: int) -> str:
        """Return a number with its groups: “1,000”."""
        text: str = format_decimal(value, locale=self.locale)
        return text

    def day(self, iso: str) -> str:
        """Return a date: “Dec 24, 2026”."""
        text: str = format_date(date.fromisoformat(iso), format="medium", locale=self.locale)
        return text

    def any_of(self, values: Iterable[str]) -> str:
        """Return alternatives: “A, B or C”."""
        text: str = format_list(list(values), style="or", locale=self.locale)
        return text

    def all_of(self, values: Iterable[str]) -> str:
        """Return things that go together: “A, B and C”."""
        text: str = format_list(list(values), locale=self.locale)
        return text

    def country(self, code: str) -> str:
        """Return a country's name."""
        return str(Locale.parse(self.locale).territories.get(code, code))

    def ordinal(self, number: int) -> str:
        """Return which of a row: “21st”."""
        form = Locale.parse(self.locale).ordinal_form(number)
        said = {
            "one": pgettext("ordinal as 1st", "%sst"),
            "two": pgettext("ordinal as 2nd", "%snd"),
            "few": pgettext("ordinal as 3rd", "%srd"),
        }.get(form, pgettext("ordinal as 4th", "%sth"))
        return said % self.number(number)

    def period(self, period: str) -> str:
        """Return a period as in “of a month”; empty for all time."""
        return {
            BudgetPeriod.DAY.value: gettext("a day"),
            BudgetPeriod.WEEK.value: gettext("a week"),
            BudgetPeriod.MONTH.value: gettext("a month"),
            BudgetPeriod.QUARTER.value: gettext("a quarter"),
            BudgetPeriod.YEAR.value: gettext("a year"),
        }.get(str(period), "")

    def grant(self, kind: str, quantity: int, description: str = "") -> str:
        """Return a reward that is no money: “€20.00 credit”, “2 free months”."""
        if kind == GrantKind.CREDIT:
            said = gettext("%(amount)s credit") % {"amount": self.money(quantity)}
        elif kind == GrantKind.FREE_MONTHS:
            said = ngettext("%d free month", "%d free months", quantity) % quantity
        elif kind == GrantKind.DISCOUNT:
            said = gettext("%(percent)s discount") % {"percent": self.rate(quantity)}
        else:
            gift = description or gettext("a gift")
            return f"{quantity} × {gift}" if quantity > 1 else gift
        return f"{said} ({description})" if description else said


def inline(goal: str) -> str:
    """Return a goal's name as it stands inside a sentence; names with more capitals keep them."""
    return goal[:1].lower() + goal[1:] if goal[1:] == goal[1:].lower() else goal
