"""Countries: the codes of ISO 3166."""

from functools import cache

from babel import Locale

# What CLDR names beside the countries: unions, unknown, pseudo-locales, reserved for islands.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


@cache
def country_codes() -> frozenset[str]:
    """Return the codes of two letters, in upper case."""
    codes = [str(code) for code in Locale("en").territories]
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - NO_COUNTRIES
