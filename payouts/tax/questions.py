"""What tax forms ask: the kinds of questions, and those that several forms share. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from payouts.tax import answers

Choices = tuple[tuple[str, str | Promise], ...]


class Look(StrEnum):
    """How an answer is asked for."""

    TEXT = "text"
    NUMBER = "number"  # Of a person or company: never shown again in full.
    DATE = "date"
    COUNTRY = "country"
    TICK = "tick"  # "yes" or nothing.


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a form asks; `clean` returns what is stored or raises ValueError."""

    name: str
    label: str | Promise
    clean: Callable[[str], str] = answers.line
    is_required: bool = True
    help: str | Promise = ""
    choices: Choices = ()
    look: Look = Look.TEXT


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together, under a heading."""

    title: str | Promise
    questions: tuple[Question, ...]


NAME = Question("legal_name", lazy("Full name"), help=lazy("As your tax office knows you."))
COMPANY = Question("legal_name", lazy("Legal name of the company"))
BIRTH_DATE = Question("birth_date", lazy("Date of birth"), answers.birth_date, look=Look.DATE)
ADDRESS = Section(
    lazy("Address"),
    (
        Question("street", lazy("Street and number"), help=lazy("Where you live or are seated.")),
        Question("town", lazy("Town")),
        Question("postcode", lazy("Postcode"), is_required=False),
        Question("region", lazy("Region or state"), is_required=False),
    ),
)
US_ADDRESS = Section(
    lazy("Address"),
    (
        Question("street", lazy("Street and number")),
        Question("town", lazy("City")),
        Question("region", lazy("State"), answers.us_state, help=lazy("Two letters, as in NY.")),
        Question("postcode", lazy("ZIP code"), answers.zip_code),
    ),
)

OUTSIDE_US: Final = "OUTSIDE_US"
INSIDE_US: Final = "INSIDE_US"
WORK = Section(
    lazy("Where you work"),
    (
        Question(
            "place_of_work",
            lazy("Where do you do the work that earns your commissions?"),
            answers.code,
            choices=(
                (OUTSIDE_US, lazy("Only outside the United States")),
                (INSIDE_US, lazy("Also inside the United States")),
            ),
            help=lazy(
                "Work done outside the United States is not taxed there. Of other work a payer"
                " there keeps 30 % for the tax office, or what a treaty says."
            ),
        ),
        Question(
            "treaty_article",
            lazy("Article of the tax treaty"),
            is_required=False,
            help=lazy("Only if you work there and claim a treaty's rate."),
        ),
        Question("treaty_rate_bps", lazy("Rate of the treaty"), answers.rate, is_required=False),
    ),
)
FOREIGN_NUMBER = Question(
    "tax_id",
    lazy("Tax number in your country"),
    answers.number,
    is_required=False,
    look=Look.NUMBER,
    help=lazy("Leave it empty only if your country gives you none."),
)
US_NUMBER = Question(
    "us_tax_id",
    lazy("Tax number in the United States"),
    answers.us_number,
    is_required=False,
    look=Look.NUMBER,
    help=lazy("If you have one."),
)

W9_CLASSES: Final[Choices] = (
    ("INDIVIDUAL", lazy("Individual or sole proprietor")),
    ("C_CORPORATION", lazy("C corporation")),
    ("S_CORPORATION", lazy("S corporation")),
    ("PARTNERSHIP", lazy("Partnership")),
    ("TRUST", lazy("Trust or estate")),
    ("LLC_C", lazy("LLC taxed as a C corporation")),
    ("LLC_S", lazy("LLC taxed as an S corporation")),
    ("LLC_P", lazy("LLC taxed as a partnership")),
    ("OTHER", lazy("Other")),
)
CORPORATIONS: Final = frozenset(("C_CORPORATION", "S_CORPORATION", "LLC_C", "LLC_S"))
W8_ENTITIES: Final[Choices] = (
    ("CORPORATION", lazy("Corporation")),
    ("PARTNERSHIP", lazy("Partnership")),
    ("DISREGARDED", lazy("Disregarded entity")),
    ("TRUST", lazy("Trust or estate")),
    ("TAX_EXEMPT", lazy("Tax-exempt organization")),
    ("GOVERNMENT", lazy("Government")),
    ("OTHER", lazy("Other")),
)
FATCA: Final[Choices] = (
    ("ACTIVE_NFFE", lazy("Active company that is no bank (active NFFE)")),
    ("PASSIVE_NFFE", lazy("Company that mostly earns interest and the like (passive NFFE)")),
    ("PUBLIC_NFFE", lazy("Publicly traded company, or affiliate of one")),
    ("FFI", lazy("Bank or other financial institution, with a GIIN")),
    ("OTHER", lazy("Other")),
)
