"""What the intakes say, in words: the names of calls, each reason, and what to do about it."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interfaces.console.wording import refusal
from tracking.models import Outcome
from tracking.postbacks import CLICK_NAMES

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

_NAME_IT: Final = _(
    "The detail names the parameter. Correct it in the other system's postback, then let it call"
    " again: a repeat of an order that is known changes nothing."
)
_EVIDENCE: Final = _(
    "Check what the other system sends as click, coupon or referral code. The click id is what the"
    " visitor's address carried as fl_click when they came to your site."
)

INTAKE_REASONS: Final[dict[str, Told]] = {
    # Nothing was stored.
    "token_missing": Told(
        _("No token"),
        _("Copy the address anew from the program's Tracking tab: it has the token in it."),
    ),
    "unknown_token": Told(
        _("Wrong token"),
        _(
            "The token was changed, or mistyped. Copy the address anew from the program's Tracking"
            " tab into the other system."
        ),
    ),
    "address_not_allowed": Told(
        _("From an address that may not call"),
        _(
            "If this is the other system's server, add its network to the program's settings;"
            " if not, somebody else knows your token: make a new one."
        ),
    ),
    "unknown_program": Told(
        _("No such program"), _("Copy the pixel anew from the program's Tracking tab.")
    ),
    "click_missing": Told(
        _("No click named"),
        _(
            "Put the other system's macro for the click id into the postback, and see that it is"
            " filled: some send nothing if your link did not hand the click on."
        ),
    ),
    "pair_missing": Told(_("Neither click nor offer and affiliate named"), _EVIDENCE),
    "click_unknown": Told(_("Not a click of ours"), _EVIDENCE),
    "impression_unknown": Told(
        _("Impressions are not counted here"), _("Send the click id instead.")
    ),
    "unknown": Told(_("Nobody's click or code"), _EVIDENCE),
    "other_program": Told(
        _("Evidence of another program"),
        _("Send it to the program that the click, coupon or code belongs to."),
    ),
    "after_the_event": Told(
        _("The click came after the event"), _("Check the time that is sent, and its zone.")
    ),
    "coupon_not_yet_valid": Told(
        _("The coupon is not valid yet"), _("Change the coupon's dates, if it should be.")
    ),
    "coupon_expired": Told(
        _("The coupon is no longer valid"), _("Change the coupon's dates, if it should be.")
    ),
    "link_archived": Told(_("The link is archived"), _("Its code no longer brings in anybody.")),
    "required": Told(_("Something is missing"), _NAME_IT),
    "invalid": Told(_("A value cannot be read"), _NAME_IT),
    "invalid_amount": Told(
        _("The amount cannot be read"),
        _("Send major units with a point and no sign of a currency, as in 19.90."),
    ),
    "negative_amount": Told(
        _("A negative amount"), _("Report a refund, or the status “declined”, instead.")
    ),
    "not_positive": Told(_("An amount of nothing"), _NAME_IT),
    "unknown_currency": Told(_("No such currency"), _("Send a code as in EUR or USD.")),
    "currency_mismatch": Told(
        _("Not the program's currency"),
        _(
            "Amounts are never converted silently. Let the other system send the program's"
            " currency, or leave the currency out."
        ),
    ),
    "unknown_goal": Told(
        _("No such goal"),
        _("Send the code of one of the program's goals, or add a goal with this code."),
    ),
    "goal_has_steps": Told(
        _("A goal that takes steps"),
        _("Report its steps instead: the goal is reached by itself with the last one."),
    ),
    "unknown_status": Told(_("No such status"), _NAME_IT),
    "invalid_time": Told(
        _("The time cannot be"),
        _("Send it as in 2026-03-02T12:00:00Z or in seconds since 1970, or leave it out."),
    ),
    "ambiguous": Told(_("Two things said at once"), _NAME_IT),
    "too_long": Told(_("A value is too long"), _NAME_IT),
    "forbidden_character": Told(_("Signs that cannot be kept"), _NAME_IT),
    "missing_scope": Told(
        _("The key may not do this"), _("Make a key that may report conversions and refunds.")
    ),
    "wrong_key_kind": Told(
        _("Not with this kind of key"), _("Call from your server with a secret key.")
    ),
    "not_found": Told(_("Something named is not there"), _NAME_IT),
    "nobodys_step": Told(
        _("A step of nobody"),
        _("Send the customer or the click with each step, so that they come together."),
    ),
    "unknown_step": Told(_("No such step"), _("Send the code of one of the goal's steps.")),
    "refund_exceeds_amount": Told(
        _("More than was paid"), _("All refunds together may reach the order's amount.")
    ),
    "idempotency_key_reused": Told(
        _("The idempotency key was used for something else"),
        _("Send a key of its own with each request; repeat it only with the same body."),
    ),
    "internal_error": Told(
        _("Our fault"),
        _("Nothing is wrong with the call. It can be repeated; tell whoever runs this server."),
    ),
    # Robots that call a pixel.
    "bot": Told(_("Called by a robot"), _("Nothing: only people's browsers count.")),
    "head": Told(_("Only checked"), _("Nothing: no person saw the page.")),
    "prefetch": Told(_("Loaded ahead"), _("Nothing: no person saw the page yet.")),
    "preview": Told(_("Called by a link preview"), _("Nothing: no person saw the page.")),
    "stuffing": Told(
        _("Loaded out of sight"),
        _("Load the pixel as an image of your own page, not inside a frame of another."),
    ),
    # Stored, with something to know.
    "amount_differs": Told(
        _("Known with another amount"),
        _("The first amount stands. If the order changed, report a refund of the difference."),
    ),
    "waits_for_its_order": Told(
        _("Waits for its order"),
        _("It is applied as soon as the order is reported. Check the order id if that takes long."),
    ),
    "customer_bound": Told(
        _("A customer came through an affiliate"),
        _("Nothing: later sales of this customer count without a click."),
    ),
    "customer_known": Told(
        _("A customer, nobody new"), _("Nothing: who came through nobody, or is known, stays so.")
    ),
    "step_done": Told(
        _("A step was done"), _("Nothing: the goal is reached when its other steps are done.")
    ),
}


def intake_name(code: str) -> str:
    """Return what people call an intake."""
    return str(INTAKES.get(code, code))


def reason_told(code: str) -> Told | None:
    """Return a reason in words; None if there is none, or if it says nothing beyond its code."""
    return INTAKE_REASONS.get(code)


def reason_title(code: str) -> str:
    """Return a reason in a few words."""
    told = reason_told(code)
    return str(told.title) if told else refusal(code)


def click_in(said: dict[str, object]) -> str:
    """Return the click that a call named, if it named one."""
    return next((str(said[name]) for name in CLICK_NAMES if said.get(name)), "")
