"""What the intakes say, in words: the names of calls, each reason, and what to do about it."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracking.models import Outcome

INTAKES: Final[dict[str, str | Promise]] = {  # Our own names are translated, others' are not.
    "postback": _("Postback"),
    "affise": "Affise",
    "tune": "TUNE",
    "everflow": "Everflow",
    "partnershare": "PartnerShare",
    "tapfiliate": "Tapfiliate",
    "pixel": _("Pixel"),
    "api": "API",
}

# Under these names a call may carry the click.
CLICK_NAMES: Final = (
    *("click_id", "clickid", "fl_click", "transaction_id", "session_id"),
    *("tid", "cid", "subid"),
)


class Told(NamedTuple):
    """A reason as people read it, and what they can do."""

    title: Promise
    advice: Promise


OUTCOMES: Final[dict[str, Promise]] = {
    Outcome.CREATED: _("A conversion, refund or step was stored that was not known before."),
    Outcome.REPEATED: _("It was known already: the caller was told so, and nothing was changed."),
    Outcome.UPDATED: _("The status of a conversion that was known already was changed."),
    Outcome.REFUSED: _("Nothing was stored. The caller was told why."),
    Outcome.FAILED: _("We could not store it, and said so: most systems call again by themselves."),
}

INTAKE_REASONS: Final[dict[str, Told]] = {}


def intake_name(code: str) -> str:
    """Return what people call an intake."""
    return str(INTAKES.get(code, code))


def reason_told(code: str) -> Told | None:
    """Return a reason in words; None if there is none, or if it says nothing beyond its code."""
    return INTAKE_REASONS.get(code)


def reason_title(code: str) -> str:
    """Return a reason in a few words."""
    told = reason_told(code)
    return str(told.title) if told else code.replace("_", " ")


def click_in(said: dict[str, object]) -> str:
    """Return the click that a call named, if it named one."""
    return next((str(said[name]) for name in CLICK_NAMES if said.get(name)), "")
