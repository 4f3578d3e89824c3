"""Money: integers in the currency's minor unit, one rounding, shares that sum to the whole."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol

WHOLE_PPM = 1_000_000
WHOLE_BPS = 10_000
MINOR_MAX = 10**15  # Ten trillion in a two-digit currency; far inside a bigint.

# ISO 4217:2015 minor units; every other active currency has two digits.
NO_DIGITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
TWO_DIGITS = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD UYU UZS VES WST XCD YER ZAR ZMW""".split()
)
CURRENCIES = NO_DIGITS | TWO_DIGITS | THREE_DIGITS


class UnknownCurrency(ValueError):
    """Not an active ISO 4217 code."""


class BadAmount(ValueError):
    """Not an amount of this currency: no number, too many decimals, or out of range."""


def exponent_of(currency: str) -> int:
    """Return how many decimals the currency has: 0, 2 or 3.

    :raises UnknownCurrency: if it is not an active ISO 4217 code in upper case.
    """
    if currency in TWO_DIGITS:
        return 2
    if currency in NO_DIGITS:
        return 0
    if currency in THREE_DIGITS:
        return 3
    raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency code")


def parse_major(text: str, *, currency: str) -> int:
    """Return the minor units of what a person or a postback wrote in major units.

    "12.50", "12,50" and "1 250,00" are read alike; a lone separator followed by exactly three
    digits is refused as ambiguous unless the currency has three decimals.

    :raises BadAmount: if it is no number, has more decimals than the currency, or is too large.
    :raises UnknownCurrency: as `exponent_of`.
    """
    exponent = exponent_of(currency)
    plain = re.sub(r"[\s' _]", "", text.strip()).replace("−", "-")
    if not re.fullmatch(r"-?[0-9]+([.,][0-9]+)*", plain):
        raise BadAmount(f"{text!r} is not an amount")
    number = Decimal(_normalise_separators(plain, text=text, exponent=exponent))
    return minor_of(number, currency=currency)


def _normalise_separators(plain: str, *, text: str, exponent: int) -> str:
    last = max(plain.rfind("."), plain.rfind(","))
    if last == -1:
        return plain
    separators = {character for character in plain if character in ".,"}
    decimals = plain[last + 1 :]
    grouped = re.fullmatch(r"-?[0-9]{1,3}([.,][0-9]{3})+", plain)
    if grouped and len(separators) == 1 and plain.count(plain[last]) > 1:
        return re.sub(r"[.,]", "", plain)  # 1,250,000
    if grouped and len(separators) == 1 and exponent != 3:
        raise BadAmount(f"{text!r} is ambiguous: write it with its decimals, as in 1250.00")
    return re.sub(r"[.,]", "", plain[:last]) + "." + decimals


def minor_of(number: Decimal, *, currency: str) -> int:
    """Return the minor units of a decimal in major units.

    :raises BadAmount: if it is not finite, has more decimals than the currency, or is too large.
    """
    if not number.is_finite():
        raise BadAmount(f"{number} is not an amount")
    try:
        scaled = number.scaleb(exponent_of(currency))
        minor = int(scaled)
    except (InvalidOperation, OverflowError) as error:
        raise BadAmount(f"{number} is out of range") from error
    if minor != scaled:
        raise BadAmount(f"{number} has more decimals than {currency} allows")
    if abs(minor) > MINOR_MAX:
        raise BadAmount(f"{number} is out of range")
    return minor


def major_of(amount_minor: int, *, currency: str) -> Decimal:
    """Return the decimal in major units, with exactly the currency's decimals."""
    return Decimal(amount_minor).scaleb(-exponent_of(currency))


def format_money(amount_minor: int, *, currency: str, locale: str = "en") -> str:
    """Return the amount as people of `locale` write it, with a real minus sign."""
    text: str = format_currency(
        major_of(amount_minor, currency=currency),
        currency,
        format=_pattern(currency, locale),
        locale=locale,
        currency_digits=False,
    )
    return text.replace("-", "−")


@lru_cache(maxsize=512)
def _pattern(currency: str, locale: str) -> str:
    """Return CLDR's pattern with ISO's decimals: CLDR drops those of currencies paid in cents."""
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    decimals = "0" * exponent_of(currency)
    pattern = re.sub(r"0(\.0+)?", "0." + decimals if decimals else "0", pattern)
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\xa0#")  # A code stands apart, a sign does not.
    return pattern


def divide_half_even(numerator: int, denominator: int) -> int:
    """Return numerator / denominator to the nearest integer, halves to the even one.

    The denominator is positive.
    """
    quotient, rest = divmod(numerator, denominator)  # Integers: no precision to run out of.
    doubled = 2 * rest
    if doubled > denominator or (doubled == denominator and quotient % 2):
        quotient += 1
    return quotient


def share_of(amount_minor: int, *, rate_bps: int) -> int:
    """Return `rate_bps` of the amount, half to even.

    :raises ValueError: if the amount or the rate is negative.
    """
    if amount_minor < 0 or rate_bps < 0:
        raise ValueError("share_of takes no negative amount or rate")
    return divide_half_even(amount_minor * rate_bps, WHOLE_BPS)


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Return parts in proportion to the weights that sum to exactly the amount.

    Largest remainder: every part is rounded down, and what is left goes, one minor unit each, to
    the parts that lost most; equal losses favour the earlier part.

    :raises ValueError: if the amount or a weight is negative, or all weights are zero.
    """
    whole = sum(weights)
    if amount_minor < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("split takes a non-negative amount and weights with a positive sum")
    parts = [amount_minor * weight // whole for weight in weights]
    losses = [amount_minor * weight % whole for weight in weights]
    left = amount_minor - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-losses[i], i))[:left]:
        parts[index] += 1
    return parts
