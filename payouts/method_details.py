"""What each way of being paid has to know, how it is checked, and what is shown of it. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from stdnum import bic, iban
from stdnum import exceptions as stdnum
from stdnum.us import rtn

from common.countries import country_codes
from common.spreadsheet import plain
from payouts.models import AccountOwner, AccountType, MethodKind

TEXT_MAX = 120
INSTRUCTIONS_MAX = 500


class BadMethod(ValueError):
    """The details cannot be paid to; `field` says which of them, for the form and the API."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing to know: `clean` returns what is stored, or raises ValueError with what to say."""

    name: str
    label: str | Promise
    clean: Callable[[str], str]
    is_required: bool = True
    help: str | Promise = ""
    choices: type[TextChoices] | None = None
    default: str = ""


def clean_text(text: str) -> str:
    """Return text of one line, without space around it.

    :raises ValueError: if it is empty, too long or has control characters.
    """
    text = text.strip()
    if not text or len(text) > TEXT_MAX or any(ord(character) < 32 for character in text):
        raise ValueError(_("Write one line of at most %d characters.") % TEXT_MAX)
    return text


def _holder(text: str) -> str:
    try:
        return clean_text(text)
    except ValueError as error:
        raise ValueError(_("Write the name that the account is in.")) from error


def clean_iban(text: str) -> str:
    """Return the IBAN without spaces, in upper case.

    :raises ValueError: if country, length, form or check digits (ISO 7064) are wrong.
    """
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", number):
        raise ValueError(_("This is not an IBAN: check the country and the length."))
    try:
        return str(iban.validate(number))
    except stdnum.InvalidChecksum as error:
        raise ValueError(_("The check digits of this IBAN are wrong: a typing mistake?")) from error
    except stdnum.ValidationError as error:
        raise ValueError(_("This is not an IBAN: check the country and the length.")) from error


def clean_bic(text: str) -> str:
    """Return the BIC in upper case.

    :raises ValueError: if it is none.
    """
    try:
        return str(bic.validate(text))
    except stdnum.ValidationError as error:
        raise ValueError(_("This is not a BIC: it has 8 or 11 characters.")) from error


def clean_routing(text: str) -> str:
    """Return the ABA routing number of nine digits.

    :raises ValueError: if its form or its check digit (3-7-1) is wrong.
    """
    number = re.sub(r"[\s-]", "", text)
    try:
        return str(rtn.validate(number))
    except stdnum.ValidationError as error:
        raise ValueError(
            _("This is not a routing number: nine digits, at the bottom left of a check.")
        ) from error


def _us_account(text: str) -> str:
    number = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{4,17}", number, re.ASCII):
        raise ValueError(_("Write the account number: 4 to 17 digits."))
    return number


def _one_of(words: type[TextChoices]) -> Callable[[str], str]:
    def clean(text: str) -> str:
        if text not in words.values:
            raise ValueError(_("Choose one of these: %s.") % ", ".join(words.values).lower())
        return str(text)

    return clean


def clean_country(text: str) -> str:
    """Return the ISO 3166 code of a country.

    :raises ValueError: if it is none.
    """
    code = text.strip().upper()
    if code not in country_codes():
        raise ValueError(_("Choose a country."))
    return code


def _email(text: str) -> str:
    email = text.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValueError(_("Write the e-mail address of the account.")) from error
    if plain(email) != email:  # A file would have to change it, and then pay nobody.
        raise ValueError(_("This address cannot be paid to."))
    return email


def _stripe_account(text: str) -> str:
    if not re.fullmatch(r"acct_[A-Za-z0-9]{8,64}", text.strip(), re.ASCII):
        raise ValueError(_("Write the id of the Stripe account: it begins with acct_."))
    return text.strip()


def _instructions(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > INSTRUCTIONS_MAX or not text.isprintable():
        raise ValueError(_("Write at most %d characters.") % INSTRUCTIONS_MAX)
    return text


HOLDER = Detail(
    "holder", lazy("Account holder"), _holder, help=lazy("The name that the account is in.")
)
DETAILS: dict[MethodKind, tuple[Detail, ...]] = {
    MethodKind.BANK: (
        HOLDER,
        Detail("iban", lazy("IBAN"), clean_iban, help=lazy("Spaces do not matter.")),
        Detail(
            "bic",
            lazy("BIC"),
            clean_bic,
            is_required=False,
            help=lazy("Only outside the European Economic Area."),
        ),
        Detail(
            "town", lazy("Town"), clean_text, help=lazy("Yours: banks ask for it on transfers.")
        ),
        Detail("country", lazy("Country"), clean_country),
    ),
    MethodKind.US_BANK: (
        HOLDER,
        Detail(
            "routing",
            lazy("Routing number (ABA)"),
            clean_routing,
            help=lazy("Nine digits, the one for electronic (ACH) payments."),
        ),
        Detail("account", lazy("Account number"), _us_account),
        Detail(
            "account_type",
            lazy("Type of account"),
            _one_of(AccountType),
            choices=AccountType,
            default=AccountType.CHECKING,
        ),
        Detail(
            "owner",
            lazy("Whose account it is"),
            _one_of(AccountOwner),
            choices=AccountOwner,
            default=AccountOwner.PERSON,
        ),
    ),
    MethodKind.PAYPAL: (HOLDER, Detail("email", lazy("PayPal e-mail"), _email)),
    MethodKind.WISE: (HOLDER, Detail("email", lazy("Wise e-mail"), _email)),
    MethodKind.STRIPE: (
        HOLDER,
        Detail(
            "account",
            lazy("Stripe account"),
            _stripe_account,
            help=lazy("Its id, as acct_1AbCdEfGh. It must be connected to who pays you."),
        ),
    ),
    MethodKind.MANUAL: (
        HOLDER,
        Detail(
            "instructions",
            lazy("What you agreed"),
            _instructions,
            help=lazy("How and where the money reaches you, for the person who sends it."),
        ),
    ),
}


def clean_details(*, kind: MethodKind, details: Mapping[str, str]) -> dict[str, str]:
    """Return the details in the form that is stored; what is empty and not needed is left out.

    :raises BadMethod: if one of them is missing, wrong, or of another kind.
    """
    known = DETAILS[kind]
    for name, text in details.items():
        if text and name not in {detail.name for detail in known}:
            raise BadMethod(name, _("This does not belong to such a method."))
    cleaned = {}
    for detail in known:
        text = details.get(detail.name) or detail.default
        if not text and not detail.is_required:
            continue
        try:
            cleaned[detail.name] = detail.clean(text)
        except ValueError as error:
            raise BadMethod(detail.name, str(error)) from error
    return cleaned


def mask(kind: MethodKind, details: Mapping[str, str]) -> str:
    """Return what people recognise the method by, and thieves cannot use."""
    match kind:
        case MethodKind.BANK:
            return f"{details['iban'][:4]} … {details['iban'][-4:]}"
        case MethodKind.US_BANK:
            return f"{details['routing'][:4]} … {details['account'][-4:]}"
        case MethodKind.STRIPE:
            return f"acct_… {details['account'][-4:]}"
        case MethodKind.MANUAL:
            return details["holder"][:60]
        case _:
            name, _at, host = details["email"].partition("@")
            return f"{name[:1]}…@{host}"[:80]


def identity(kind: MethodKind, details: Mapping[str, str]) -> str:
    """Return what names the account, whoever it is said to belong to; empty if nothing does."""
    match kind:
        case MethodKind.BANK:
            return f"iban:{details['iban']}"
        case MethodKind.US_BANK:
            return f"us:{details['routing']}:{details['account']}"
        case MethodKind.MANUAL:
            return ""
        case MethodKind.STRIPE:
            return f"stripe:{details['account']}"
        case _:
            return f"{kind.value.lower()}:{details['email'].lower()}"
