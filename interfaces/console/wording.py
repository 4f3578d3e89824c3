"""The words and figures that the console's pages say, in the reader's language."""

from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal, format_percent
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from affiliates.health import Band
from common.money import WHOLE_PPM, divide_half_even, format_money
from payouts.left_out import LeftOut
from payouts.models import LineOutcome
from tracking.attribution import TouchKind, Verdict

# What every status means at a glance; a status not named here is neutral.
TONES: Final[dict[str, str]] = {
    "ACTIVE": "good",
    "APPROVED": "good",
    "PAID": "good",
    "DONE": "good",
    "DRAFT": "wait",
    "APPLIED": "wait",
    "PAUSED": "wait",
    "PENDING": "wait",
    "HELD": "wait",
    "REQUESTED": "wait",
    "INVITED": "info",
    "RECEIVED": "info",
    "RESERVED": "info",
    "SENT": "info",
    "IN_PAYOUT": "info",
    "SUBMITTING": "info",
    "SUBMITTED": "info",
    "SUSPENDED": "bad",
    "REJECTED": "bad",
    "DECLINED": "bad",
    "FAILED": "bad",
    "RETURNED": "bad",
    "UNKNOWN": "bad",
    "OPEN": "wait",
    "CREDITED": "good",
    "DUE": "wait",
    "GIVEN": "good",
    "WITHDRAWN": "",
    "WON": "good",
    "CREATED": "good",
    "UPDATED": "info",
    "REPEATED": "info",
    "REFUSED": "bad",
    "DISPUTED": "wait",
    "DISPUTE_WON": "good",
    "DISPUTE_LOST": "bad",
    "WAITING": "info",
    "RUNNING": "info",
    "SCHEDULED": "info",
    "CLOSED": "",
}

BANDS: Final[dict[Band, str]] = {Band.GOOD: "good", Band.FAIR: "wait", Band.POOR: "bad"}

TOUCHES: Final[dict[str, Promise]] = {
    TouchKind.CLICK: _("Click"),
    TouchKind.CUSTOMER: _("Customer"),
    TouchKind.COUPON: _("Coupon"),
    TouchKind.REFERRAL: _("Referral code"),
}

VERDICTS: Final[dict[str, Promise]] = {
    Verdict.ACCEPTED: _("Counts"),
    Verdict.OUTSIDE_WINDOW: _("Older than the attribution window"),
    Verdict.AFTER_THE_EVENT: _("Came after the conversion"),
    Verdict.NOT_ENROLLED: _("The affiliate was not approved at that time"),
    Verdict.OTHER_PROGRAM: _("Belongs to another program"),
    Verdict.UNKNOWN: _("Not one of ours: nobody owns this click or code"),
    Verdict.COUPON_NOT_YET_VALID: _("The coupon was not valid yet"),
    Verdict.COUPON_EXPIRED: _("The coupon was no longer valid"),
    Verdict.COUPON_USED_UP: _("The coupon had been used as often as it may be"),
    Verdict.COUPON_USED_BY_CUSTOMER: _("The customer had used the coupon as often as each may"),
    Verdict.LINK_ARCHIVED: _("The link with this code is archived"),
    Verdict.LOCK_IN_ENDED: _("The customer is not bound to them any more"),
    Verdict.KNOWN_CUSTOMER: _("The customer was known before; only new ones count here"),
    Verdict.YIELDED: _("The customer belongs to a program that this one gives way to"),
    Verdict.LOCK_IN_ENDED: _("The customer was bound for a time, and that is over"),
    Verdict.KNOWN_CUSTOMER: _("You knew the customer before; only new ones count"),
    Verdict.YIELDED: _("The customer belongs to another program of yours, which goes first"),
}

REFUSALS: Final[dict[str, Promise]] = {
    "head_request": _("Only checked"),
    "prefetch": _("Loaded ahead"),
    "stuffing": _("Loaded out of sight"),
    "link_preview": _("Link preview"),
    "bot": _("Bot"),
    "program_not_active": _("Program not active"),
    "enrollment_suspended": _("Affiliate not approved"),
    "link_archived": _("Link archived"),
    "link_not_started": _("Link not started yet"),
    "link_ended": _("Link is over"),
    "cap_reached": _("A cap was reached"),
    "staff": _("From a network of your staff"),
    "duplicate": _("Repeated within seconds"),
    "unknown_code": _("No link has this code"),
    "unknown_pair": _("No such affiliate in this program"),
}

# What a booking of a statement means: its word, and its tone; what somebody looks at comes first.
OUTCOMES: Final[dict[LineOutcome, tuple[Promise, str]]] = {
    LineOutcome.DIFFERS: (_("Differs"), "bad"),
    LineOutcome.PAID: (_("Paid"), "good"),
    LineOutcome.RETURNED: (_("Came back"), "wait"),
    LineOutcome.KNOWN: (_("Known"), "info"),
    LineOutcome.NOT_OURS: (_("Not ours"), ""),
}
APPROVED_YOURSELF = _(
    "You approved this batch and it is above the limit: another member marks it paid, or a bank"
    " statement does."
)
LEFT_OUT: Final[dict[str, Promise]] = {
    LeftOut.NOTHING_DUE: _("Take-backs outweigh earnings; the balance carries over"),
    LeftOut.BELOW_MINIMUM: _("Below the program's smallest payout; it carries over"),
    LeftOut.NO_METHOD: _("No payout method yet; the affiliate adds one in the portal"),
    LeftOut.METHOD_COOLING_OFF: _("Payout method changed less than 72 hours ago"),
    LeftOut.SUSPENDED: _("Suspended; reinstate the affiliate to pay"),
    LeftOut.OTHER_RAIL: _("Paid in a way that this batch cannot; another batch pays them"),
    LeftOut.NOT_DUE: _("Not due yet by the payout terms"),
    LeftOut.NOT_REQUESTED: _("Paid when the affiliate asks for it"),
    LeftOut.NO_TAX_FORM: _("No valid tax form; the affiliate gives one in the portal"),
    LeftOut.TAX_FORM_EXPIRED: _("The tax form has expired; the affiliate renews it in the portal"),
    LeftOut.NO_AGREEMENT: _("Has not agreed yet that you write their invoices"),
    LeftOut.VAT_ID_UNCHECKED: _("Their VAT id is still being checked"),
    LeftOut.METHOD_SHARED: _("Another affiliate is paid to the same account"),
    LeftOut.EXCLUDED: _("Taken out of the batch"),
}

EVENT_NOUNS: Final[dict[str, Promise]] = {
    "merchant": _("Merchant"),
    "member": _("Member"),
    "api_key": _("API key"),
    "program": _("Program"),
    "enrollment": _("Affiliate"),
    "bulk_job": _("Bulk action"),
    "segment": _("Saved view"),
    "conversion": _("Conversion"),
    "customer": _("Customer"),
    "import": _("Import"),
    "commission": _("Commission"),
    "commissions": _("Commissions"),
    "claim": _("Claim"),
    "grant": _("Reward"),
    "thread": _("Message"),
    "partnership": _("Partnership"),
    "automation": _("Automation"),
    "broadcast": _("Broadcast"),
    "prospect": _("Prospect"),
    "deal": _("Deal"),
    "budget": _("Budget"),
    "refund": _("Refund"),
    "replay": _("Replay"),
    "experiment": _("Experiment"),
    "domain": _("Tracking domain"),
    "link": _("Link"),
    "coupon": _("Coupon"),
    "cobrand": _("Co-branded page"),
    "collaboration": _("Collaboration"),
    "payout": _("Payout"),
    "payout_batch": _("Payout batch"),
    "payout_terms": _("Payout terms"),
    "payout_policy": _("Payout policy"),
    "policy": _("Policy"),
    "rail": _("Payout rail"),
    "statement": _("Bank statement"),
    "proposal": _("Proposal"),
    "tax_details": _("Tax details"),
    "tax_policy": _("Tax policy"),
    "tax_form": _("Tax form"),
    "tax_numbers": _("Tax numbers"),
    "self_billing": _("Self-billing"),
}


def tone(status: str) -> str:
    """Return what a status means at a glance."""
    return TONES.get(status, "")


def refusal(code: str) -> str:
    """Return why a click is not credited, in words."""
    return str(REFUSALS.get(code, code.replace("_", " ")))


def locale_now() -> str:
    """Return the reader's locale, as Babel names it."""
    return to_locale(get_language() or "en")


def money(amount_minor: int, currency: str) -> str:
    """Return an amount as the reader writes it."""
    return format_money(amount_minor, currency=currency, locale=locale_now())


def number(count: int) -> str:
    """Return a count with the reader's separators."""
    text: str = format_decimal(count, locale=locale_now())
    return text


def share(share_ppm: int) -> str:
    """Return parts per million as a percentage."""
    text: str = format_percent(Decimal(share_ppm) / WHOLE_PPM, format="0.##%", locale=locale_now())
    return text


def change(now: int, before: int) -> tuple[str, str]:
    """Return how much `now` differs from `before` ("+12.5%") and its direction.

    From nothing there is no percentage: the text is empty then.
    """
    direction = "flat" if now == before else "up" if now > before else "down"
    if before <= 0:
        return "", direction
    return _percent(divide_half_even((now - before) * 1000, before)), direction


def _percent(per_mille: int) -> str:
    text: str = format_percent(
        Decimal(per_mille) / 1000, format="+#,##0.0%;−#,##0.0%", locale=locale_now()
    )
    return text if per_mille else text.lstrip("+")


def event_title(type: str) -> str:
    """Return an event's type as a person reads it: "payout_batch.sent" is "Payout batch: sent"."""
    noun, _dot, verb = type.partition(".")
    return f"{EVENT_NOUNS.get(noun, noun)}: {verb.replace('_', ' ')}"
