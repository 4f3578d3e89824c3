"""Countries, as tax sees them."""

from typing import Final

# Members of the European Union. Greece is EL to its tax offices and GR to everybody else.
EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
UK: Final = "GB"
US: Final = "US"
VIES_COUNTRIES: Final = EU  # Whose registers can be asked. The British one cannot, from here.
VAT_PREFIXES: Final = {"GR": "EL"}


def vat_prefix(country: str) -> str:
    """Return the two letters that VAT ids of the country begin with."""
    return VAT_PREFIXES.get(country, country)
