"""The sheets' questions, declared once: they make the form, check the answers and name them."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partnerships.models import SheetKind

ANSWER_MAX: Final = 3000


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a sheet; its name is what stored answers go by."""

    name: str
    label: Promise
    help: Promise


QUESTIONS: Final[dict[SheetKind, tuple[Question, ...]]] = {
    SheetKind.CUSTOMER: (
        Question("who", _("Who they are"), _("Trade, size, place, and who of them decides.")),
        Question("problem", _("What they want solved"), _("In their own words.")),
        Question("why", _("Why they choose this"), _("And what they choose instead, if not.")),
        Question("where", _("Where they are found"), _("What they read, watch, visit and ask.")),
        Question("signs", _("How to tell them early"), _("Signs in what they ask or do first.")),
        Question("not_for", _("Who is none"), _("Who buys and soon regrets it.")),
    ),
    SheetKind.DISCOVERY: (
        Question("audience", _("The audience"), _("How many, who they are, what has changed.")),
        Question("keywords", _("Words they search for"), _("Those of buyers, and the others.")),
        Question("closing", _("Offers that close"), _("What makes them buy at the last moment.")),
        Question("moments", _("Key moments"), _("When in the year, and when in their work.")),
        Question("alike", _("Who is like the best customers"), _("And where they may be found.")),
        Question("repeat", _("What makes them buy again"), _("Or renew, or bring others.")),
        Question("next", _("What to try next quarter"), _("And how to tell that it worked.")),
    ),
}


def questions_of(kind: str) -> tuple[Question, ...]:
    """Return the questions of a sheet."""
    return QUESTIONS[SheetKind(kind)]
