"""Which data each tax form asks for, and how the answers are checked together. Pure.

The forms are declared here once; pages, API and documents read the declaration. What is asked
follows the American forms W-9, W-8BEN and W-8BEN-E, and Art. 226 of the EU's VAT directive.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from payouts.models import TaxFormKind
from payouts.tax import answers
from payouts.tax.places import EU, US
from payouts.tax.questions import (
    ADDRESS,
    BIRTH_DATE,
    COMPANY,
    FATCA,
    FOREIGN_NUMBER,
    NAME,
    US_ADDRESS,
    US_NUMBER,
    W8_ENTITIES,
    W9_CLASSES,
    WORK,
    Look,
    Question,
    Section,
)


class BadAnswers(ValueError):
    """The form cannot be signed like this: what is wrong with which answer."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


ADDRESS_PARTS: Final = ("street", "town", "postcode", "region")

FORMS: Final[dict[TaxFormKind, tuple[Section, ...]]] = {
    TaxFormKind.W9: (
        Section(
            lazy("Who you are"),
            (
                NAME,
                Question("business_name", lazy("Business name"), is_required=False),
                Question("classification", lazy("Tax class"), answers.code, choices=W9_CLASSES),
                Question(
                    "exempt_payee_code",
                    lazy("Exempt payee code"),
                    answers.exempt_code,
                    is_required=False,
                    help=lazy("Most people have none."),
                ),
            ),
        ),
        US_ADDRESS,
        Section(
            lazy("Taxpayer number"),
            (
                Question(
                    "tax_id",
                    lazy("SSN, ITIN or EIN"),
                    answers.us_number,
                    look=Look.NUMBER,
                    help=lazy("Nine digits. Stored encrypted; only the last four are shown."),
                ),
            ),
        ),
    ),
    TaxFormKind.W8BEN: (
        Section(
            lazy("Who you are"),
            (
                NAME,
                BIRTH_DATE,
                Question("citizenship", lazy("Citizen of"), answers.country, look=Look.COUNTRY),
            ),
        ),
        ADDRESS,
        Section(lazy("Tax numbers"), (FOREIGN_NUMBER, US_NUMBER)),
        WORK,
    ),
    TaxFormKind.W8BENE: (
        Section(
            lazy("Who you are"),
            (
                COMPANY,
                Question(
                    "classification", lazy("Kind of entity"), answers.code, choices=W8_ENTITIES
                ),
                Question("fatca_status", lazy("FATCA status"), answers.code, choices=FATCA),
                Question("giin", lazy("GIIN"), answers.giin, is_required=False),
            ),
        ),
        ADDRESS,
        Section(lazy("Tax numbers"), (FOREIGN_NUMBER, US_NUMBER)),
        WORK,
        Section(
            lazy("Who signs"),
            (Question("signer_title", lazy("Your position"), help=lazy("As in “Director”.")),),
        ),
    ),
    TaxFormKind.BUSINESS: (
        Section(lazy("Who you are"), (COMPANY,)),
        ADDRESS,
        Section(
            lazy("VAT"),
            (
                Question(
                    "vat_id",
                    lazy("VAT id"),
                    answers.number,
                    is_required=False,
                    help=lazy(
                        "With its two letters, as in DE123456789. Only small businesses have none."
                    ),
                ),
                Question(
                    "small_business",
                    lazy("We are a small business that charges no VAT"),
                    answers.tick,
                    is_required=False,
                    look=Look.TICK,
                ),
                Question(
                    "tax_id",
                    lazy("Tax number"),
                    answers.number,
                    is_required=False,
                    look=Look.NUMBER,
                    help=lazy("If you have no VAT id."),
                ),
            ),
        ),
    ),
    TaxFormKind.PRIVATE: (
        Section(lazy("Who you are"), (NAME, BIRTH_DATE)),
        ADDRESS,
        Section(lazy("Tax number"), (FOREIGN_NUMBER,)),
    ),
}


def questions_of(kind: TaxFormKind) -> Iterator[Question]:
    """Yield everything that a form asks, in its order."""
    for section in FORMS[kind]:
        yield from section.questions


def form_for(*, country: str, is_business: bool, payer_in_us: bool) -> TaxFormKind:
    """Return the form that somebody of a country gives to payers in the US, or to all others."""
    if country == US:
        return TaxFormKind.W9
    if payer_in_us:
        return TaxFormKind.W8BENE if is_business else TaxFormKind.W8BEN
    return TaxFormKind.BUSINESS if is_business else TaxFormKind.PRIVATE


def clean_answers(
    kind: TaxFormKind, said: Mapping[str, str], *, country: str, on: date
) -> dict[str, Any]:
    """Return the details of a form as they are stored.

    :raises BadAnswers: if something is missing, wrong, or asked for by no question.
    """
    errors: dict[str, str] = {}
    kept: dict[str, str] = {}
    known = {question.name for question in questions_of(kind)}
    errors.update({name: _("This form does not ask that.") for name in said if name not in known})
    for question in questions_of(kind):
        try:
            answer = _clean_one(question, said.get(question.name, ""))
        except ValueError as error:
            errors[question.name] = str(error)
            continue
        if answer:
            kept[question.name] = answer
    if not errors:
        errors = _errors_together(kind, kept, country, on)
    if errors:
        raise BadAnswers(errors)
    address = {part: kept.pop(part) for part in ADDRESS_PARTS if part in kept}
    return {**kept, "address": {**address, "country": country}}


def _clean_one(question: Question, text: str) -> str:
    text = text.strip()
    if not text:
        if question.is_required:
            raise ValueError(_("This is needed."))
        return ""
    answer = question.clean(text)
    if question.choices and answer not in dict(question.choices):
        raise ValueError(_("Choose one of the list."))
    return answer


def _errors_together(
    kind: TaxFormKind, kept: dict[str, str], country: str, on: date
) -> dict[str, str]:
    """Return what is wrong with answers that are right one by one; put a VAT id in its form."""
    if "birth_date" in kept and kept["birth_date"] >= on.isoformat():
        return {"birth_date": _("This day is still to come.")}
    if ("treaty_rate_bps" in kept) != ("treaty_article" in kept):
        return {"treaty_article": _("A treaty is claimed by its article and its rate.")}
    if kind is TaxFormKind.W8BENE and kept["fatca_status"] == "FFI" and "giin" not in kept:
        return {"giin": _("Financial institutions give their GIIN.")}
    if kind is TaxFormKind.BUSINESS:
        return _vat_errors(kept, country)
    return {}


def _vat_errors(kept: dict[str, str], country: str) -> dict[str, str]:
    if "vat_id" in kept:
        try:
            kept["vat_id"] = answers.vat_id(kept["vat_id"], country=country)
        except ValueError as error:
            return {"vat_id": str(error)}
    elif country in EU and "small_business" not in kept:
        return {"vat_id": _("Businesses in the EU give their VAT id, unless they are small.")}
    elif "tax_id" not in kept:
        return {"tax_id": _("Give a tax number if you have no VAT id.")}
    return {}
