"""Fields for money and rates that take what people write: "12,50", "€ 12.50", "10 %"."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from babel.numbers import get_currency_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commissions.models import Reward, RuleVersion
from commissions.services import Rate
from common.money import WHOLE_BPS, BadAmount, major_of, parse_major
from interfaces.console.wording import locale_now


def without_currency(text: str, currency: str) -> str:
    """Return the text without the currency's code and sign."""
    symbol = get_currency_symbol(currency, locale=locale_now())
    for name in (currency, symbol, get_currency_symbol(currency, locale="en")):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    return text.strip()


class MoneyField(forms.CharField):
    """An amount in major units of one currency; cleans to minor units, or None if left empty."""

    def __init__(self, *, currency: str, minor_min: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.currency = currency
        self.minor_min = minor_min
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show minor units in major ones; what was typed stays as it is."""
        if isinstance(value, int):
            return str(major_of(value, currency=self.currency))
        return value

    def clean(self, value: Any) -> Any:
        """Return minor units."""
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = parse_major(without_currency(text, self.currency), currency=self.currency)
        except BadAmount as error:
            raise ValidationError(
                _("Write an amount in %(currency)s, as in %(example)s."),
                params={"currency": self.currency, "example": self._example()},
            ) from error
        if minor < self.minor_min:
            least = f"{major_of(self.minor_min, currency=self.currency)} {self.currency}"
            raise ValidationError(_("The least is %(least)s."), params={"least": least})
        return minor

    def _example(self) -> str:
        return str(major_of(1250, currency=self.currency))


def read_bps(text: str) -> int | None:
    """Return what "12,5 %" or "12.5" is in basis points; None if it cannot be read."""
    plain = re.sub(r"[\s%]", "", text).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", plain):
        return None
    return int(Decimal(plain) * 100)


def written_bps(rate_bps: int) -> str:
    """Return basis points as people type them: 1250 is "12.5%"."""
    return f"{(Decimal(rate_bps) / 100).normalize():f}%"


class PercentField(forms.CharField):
    """A percentage, with or without its sign; cleans to basis points, or None if left empty."""

    def __init__(self, *, bps_min: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.bps_min = bps_min
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "placeholder": "10%"}

    def prepare_value(self, value: Any) -> Any:
        """Show basis points as a percentage; what was typed stays as it is."""
        return written_bps(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return basis points."""
        text = super().clean(value)
        if not text:
            return None
        bps = read_bps(text)
        if bps is None:
            raise ValidationError(_("Write a percentage, as in 12.5%."))
        if not self.bps_min <= bps <= WHOLE_BPS:
            least = written_bps(self.bps_min)
            raise ValidationError(
                _("A percentage lies between %(least)s and 100%%."), params={"least": least}
            )
        return bps


class RateField(forms.CharField):
    """A share ("10%") or a fixed amount ("5.00"); cleans to a Rate, or None if left empty."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(**options)
        self.currency = currency
        self.widget.attrs |= {"autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show a version as people would have typed it."""
        if not isinstance(value, Rate | RuleVersion):
            return value
        if value.reward == Reward.PERCENT:
            return written_bps(value.rate_bps)
        return f"{major_of(value.fixed_minor, currency=self.currency)} {self.currency}"

    def clean(self, value: Any) -> Any:
        """Return the rate."""
        text = super().clean(value)
        if not text:
            return None
        if "%" in text:
            return Rate(Reward.PERCENT, rate_bps=self._bps(text))
        try:
            minor = parse_major(without_currency(text, self.currency), currency=self.currency)
        except BadAmount as error:
            raise self._unreadable() from error
        if minor <= 0:
            raise self._unreadable()
        return Rate(Reward.FIXED, fixed_minor=minor)

    def _bps(self, text: str) -> int:
        bps = read_bps(text)
        if bps is None:
            raise self._unreadable()
        if not 1 <= bps <= WHOLE_BPS:
            raise ValidationError(_("A share lies between 0.01% and 100%."))
        return bps

    def _unreadable(self) -> ValidationError:
        return ValidationError(
            _("Write a share as in 10%%, or an amount as in %(example)s %(currency)s."),
            params={
                "example": str(major_of(500, currency=self.currency)),
                "currency": self.currency,
            },
        )


class PaysField(RateField):
    """A share or a fixed amount, zero too; cleans to its column and value, or None if empty."""

    def clean(self, value: Any) -> Any:
        """Return ("rate_bps", 1500) or ("fixed_minor", 500)."""
        text = str(value or "").strip()
        if re.fullmatch(r"[0.,\s%]+", text) and "0" in text:
            return ("rate_bps", 0) if "%" in text else ("fixed_minor", 0)
        rate = super().clean(value)
        if rate is None:
            return None
        if rate.reward == Reward.PERCENT:
            return "rate_bps", rate.rate_bps
        return "fixed_minor", rate.fixed_minor


E5: Final = 100_000  # Of a rate per click, in one major unit.


class SmallMoneyField(forms.CharField):
    """An amount of up to five decimals; cleans to hundred-thousandths, or None if left empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show hundred-thousandths in major units; what was typed stays as it is."""
        return f"{(Decimal(value) / E5).normalize():f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return hundred-thousandths of a major unit."""
        text = super().clean(value).replace(",", ".").strip()
        if not text:
            return None
        try:
            found = Decimal(text) * E5
        except InvalidOperation as error:
            raise ValidationError(_("Write an amount, as in 0.0015.")) from error
        if not found.is_finite() or found != int(found):
            raise ValidationError(_("Five decimals at the most, as in 0.00015."))
        return int(found)


class WordsField(forms.CharField):
    """Several words with commas between them; cleans to a list."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list with commas."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the words in their order."""
        parts = re.split(r"[,\n]", super().clean(value))
        return [part.strip() for part in parts if part.strip()]
