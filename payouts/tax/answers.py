"""How single answers of tax forms are checked: each takes text and returns what is stored. Pure.

Numbers are checked by python-stdnum, where their office publishes how they are formed.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from stdnum import exceptions as stdnum
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat
from stdnum.us import ein, itin, ssn

from common.countries import country_codes
from payouts.tax.places import EU, UK, vat_prefix

LINE_MAX = 120
NUMBER_MAX = 30
RATE_MAX = 3_000  # What is kept without a treaty.
BORN_AFTER = date(1900, 1, 1)


def line(text: str) -> str:
    """Return one line of text."""
    if len(text) > LINE_MAX or any(ord(character) < 32 for character in text):
        raise ValueError(_("Write one line of at most %d characters.") % LINE_MAX)
    return text


def code(text: str) -> str:
    """Return a choice; the question's own list says which there are."""
    return text.upper()


def tick(text: str) -> str:
    """Return "yes"."""
    if text.lower() not in ("yes", "on", "true"):
        raise ValueError(_("Tick it or leave it."))
    return "yes"


def country(text: str) -> str:
    """Return a country's two letters."""
    if text.upper() not in country_codes():
        raise ValueError(_("Choose a country."))
    return text.upper()


def birth_date(text: str) -> str:
    """Return a day as ISO 8601."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("Write a date, as in 1990-12-31.")) from error
    if day <= BORN_AFTER:
        raise ValueError(_("That is too long ago."))
    return day.isoformat()


def number(text: str) -> str:
    """Return a number of an office, whose form only that office knows."""
    found = re.sub(r"\s", "", text).upper()
    if len(found) > NUMBER_MAX or not re.fullmatch(r"[A-Z0-9./+-]*[A-Z0-9]", found):
        raise ValueError(_("Write letters and digits, at most %d.") % NUMBER_MAX)
    return found


def us_number(text: str) -> str:
    """Return a Social Security number, an ITIN or an EIN as nine digits."""
    digits = re.sub(r"[\s-]", "", text)
    is_ein_by_its_looks = re.fullmatch(r"\s*[0-9]{2}-[0-9]{7}\s*", text)
    kinds = (ein,) if is_ein_by_its_looks else (ssn, itin, ein)
    if not re.fullmatch(r"[0-9]{9}", digits) or not any(kind.is_valid(digits) for kind in kinds):
        raise ValueError(_("This is no SSN, ITIN or EIN: a typing mistake?"))
    return digits


def us_state(text: str) -> str:
    """Return two letters."""
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError(_("Write the state's two letters, as in NY."))
    return text.upper()


def zip_code(text: str) -> str:
    """Return five digits, or nine."""
    if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", text):
        raise ValueError(_("Write a ZIP code, as in 10001."))
    return text


def exempt_code(text: str) -> str:
    """Return a code of the W-9's list."""
    if not re.fullmatch(r"[1-9]|1[0-3]", text):
        raise ValueError(_("These codes go from 1 to 13."))
    return text


def giin(text: str) -> str:
    """Return a Global Intermediary Identification Number."""
    if not re.fullmatch(r"[A-Z0-9]{6}\.[A-Z0-9]{5}\.[A-Z]{2}\.[0-9]{3}", text.upper()):
        raise ValueError(_("Write a GIIN, as in 98Q96B.00000.LE.250."))
    return text.upper()


def rate(text: str) -> str:
    """Return a percentage in basis points, as text."""
    try:
        percent = Decimal(text.replace(",", ".").rstrip("% "))
    except InvalidOperation as error:
        raise ValueError(_("Write a percentage, as in 10.")) from error
    bps = percent * 100
    if not bps.is_finite() or bps != int(bps) or not 0 <= bps <= RATE_MAX:
        raise ValueError(_("Write a percentage from 0 to 30."))
    return str(int(bps))


def vat_id(text: str, *, country: str) -> str:
    """Return a VAT id with its letters, checked as its country forms them.

    Only the form is checked here; whether it is in force, its register says (`payouts.tax.vies`).
    """
    found = re.sub(r"[\s.-]", "", text).upper()
    prefix = vat_prefix(country)
    if country != UK and country not in EU:
        return found
    prefixes = (prefix, "XI") if country == UK else (prefix,)
    if not found.startswith(prefixes):
        raise ValueError(_("VAT ids of this country begin with %s.") % prefix)
    try:
        if country == UK:
            return found[:2] + str(gb_vat.validate(found))
        return str(eu_vat.validate(found))
    except stdnum.ValidationError as error:
        raise ValueError(_("This is no VAT id of this country: a typing mistake?")) from error
