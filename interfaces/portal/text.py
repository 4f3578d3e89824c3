"""Ready text for templates: money, shares and statuses in the language in force."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from babel import Locale
from babel.numbers import format_percent
from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from commissions.words import Payable, Wording, describe_rate, describe_rule
from common.money import WHOLE_PPM, format_money
from payouts.models import PayoutStatus
from programs.models import Goal
from tracking.models import ClickClass, Conversion, ConversionStatus, Coupon, Link

Text = str | Promise


def language() -> str:
    """Return the language in force."""
    return get_language() or settings.LANGUAGE_CODE


def language_name(code: str) -> str:
    """Return what a language is called in the one in force; the code itself if it is none."""
    return str(Locale.parse(to_locale(language())).languages.get(code, code))


def money(amount_minor: int, currency: str) -> str:
    """Return the amount as people write it."""
    return format_money(amount_minor, currency=currency, locale=to_locale(language()))


def rate_in_words(rate: Payable, goal: Goal, currency: str) -> str:
    """Return what a goal pays: “10% of each sale”."""
    return describe_rate(rate, goal=goal.name, currency=currency, language=language())


def rule_in_words(rule: Wording, goal: Goal | None, currency: str) -> str:
    """Return a whole rule in a sentence: “10% of each sale for 12 months”."""
    name = goal.name if goal else None
    return describe_rule(rule, goal=name, currency=currency, language=language())


def percent(share_ppm: int) -> str:
    """Return parts per million as people write a share."""
    share = Decimal(share_ppm) / WHOLE_PPM
    text: str = format_percent(share, format="0.##%", locale=to_locale(language()))
    return text


def link_address(code: str) -> str:
    """Return the address that an affiliate shares."""
    return f"{settings.EDGE_URL}/c/{code}"


def picture_address(code: str) -> str:
    """Return the address of the picture that counts who sees a page."""
    return f"{settings.EDGE_URL}/i/{code}.gif"


def mask_order(external_id: str) -> str:
    """Return the end of a merchant's order number: enough to ask about, too little to find out."""
    return "…" + external_id[len(external_id) - min(4, len(external_id) // 3) :]


class Said(NamedTuple):
    """A status for templates/components/status.html."""

    word: Text
    tone: str
    reason: Text = ""


ENROLLMENTS: dict[str, Said] = {
    EnrollmentStatus.INVITED: Said(_("Invited"), "info"),
    EnrollmentStatus.APPLIED: Said(_("Applied"), "wait"),
    EnrollmentStatus.APPROVED: Said(_("Approved"), "good"),
    EnrollmentStatus.SUSPENDED: Said(_("Suspended"), "bad"),
    EnrollmentStatus.REJECTED: Said(_("Rejected"), "bad"),
    EnrollmentStatus.DECLINED: Said(_("Invitation declined"), ""),
    EnrollmentStatus.LEFT: Said(_("Left"), ""),
}

CONVERSION_TONES: dict[str, str] = {
    ConversionStatus.RECEIVED: "wait",
    ConversionStatus.PENDING: "wait",
    ConversionStatus.HELD: "info",
    ConversionStatus.APPROVED: "good",
    ConversionStatus.DECLINED: "bad",
}

COMMISSIONS: dict[str, Said] = {
    CommissionStatus.PENDING: Said(_("Pending"), "wait"),
    CommissionStatus.HELD: Said(_("Pending"), "wait", _("the merchant is looking at it")),
    CommissionStatus.APPROVED: Said(_("Approved"), "good", _("goes into the next payout")),
    CommissionStatus.RESERVED: Said(_("In payout"), "info"),
    CommissionStatus.PAID: Said(_("Paid"), "good"),
    CommissionStatus.DECLINED: Said(_("Declined"), "bad"),
}

PAYOUTS: dict[str, Said] = {
    PayoutStatus.RESERVED: Said(_("Approved"), "wait", _("about to be sent")),
    PayoutStatus.SUBMITTING: Said(_("On its way"), "info"),
    PayoutStatus.SUBMITTED: Said(_("On its way"), "info"),
    PayoutStatus.UNKNOWN: Said(_("On its way"), "wait", _("being checked with the bank")),
    PayoutStatus.PAID: Said(_("Paid"), "good"),
    PayoutStatus.FAILED: Said(_("Failed"), "bad", _("the amount is payable again")),
    PayoutStatus.RETURNED: Said(_("Returned"), "bad", _("the bank sent it back")),
}

CLICK_REFUSALS: dict[str, Text] = {
    "head_request": _("a program asked, not a person"),
    "prefetch": _("a browser loaded it ahead"),
    "stuffing": _("it was loaded out of sight"),
    "link_preview": _("a link preview"),
    "bot": _("a bot"),
    "program_not_active": _("the program was not active"),
    "enrollment_suspended": _("you were not approved in the program"),
    "link_archived": _("the link is archived"),
    "link_not_started": _("the link had not started yet"),
    "link_ended": _("the link was over"),
    "cap_reached": _("the program takes no more at the moment"),
    "staff": _("somebody of the merchant's own staff"),
    "duplicate": _("the same person again within seconds"),
}


def enrollment_status(enrollment: Enrollment) -> Said:
    """Return the status with the merchant's reason."""
    return ENROLLMENTS[enrollment.status]._replace(reason=enrollment.status_reason)


def conversion_status(conversion: Conversion) -> Said:
    """Return the status with its public reason. The private detail is the merchant's."""
    reason = conversion.get_reason_display() if conversion.reason else ""
    tone = CONVERSION_TONES[conversion.status]
    return Said(conversion.get_status_display(), tone, reason)


def commission_status(line: Commission) -> Said:
    """Return the status of a line, with what the affiliate may know of its reason."""
    return COMMISSIONS[line.status]


def link_status(link: Link, at: datetime) -> Said:
    """Return whether clicks through a link count now, and until when or since when not."""
    if link.archived_at:
        return Said(_("Archived"), "")
    if link.starts_at and at < link.starts_at:
        return Said(_("Not started"), "wait", _("from %s UTC") % _moment(link.starts_at))
    if link.ends_at and at >= link.ends_at:
        return Said(_("Over"), "", _("since %s UTC") % _moment(link.ends_at))
    until = _("until %s UTC") % _moment(link.ends_at) if link.ends_at else ""
    return Said(_("Works"), "good", until)


def coupon_status(coupon: Coupon, uses: int, at: datetime) -> Said:
    """Return whether a code's use is credited now, and how much of it is left."""
    if coupon.archived_at:
        return Said(_("Ended"), "")
    if coupon.valid_from and at < coupon.valid_from:
        return Said(_("Not valid yet"), "wait", _("from %s UTC") % _moment(coupon.valid_from))
    if coupon.valid_until and at >= coupon.valid_until:
        return Said(_("Expired"), "", _("since %s UTC") % _moment(coupon.valid_until))
    if coupon.uses_max is not None and uses >= coupon.uses_max:
        return Said(_("Used up"), "")
    until = _("until %s UTC") % _moment(coupon.valid_until) if coupon.valid_until else ""
    return Said(_("Valid"), "good", until)


def _moment(at: datetime) -> str:
    return date_format(at, "SHORT_DATETIME_FORMAT")


def click_verdict(refusal: str, kind: str) -> Said:
    """Return whether a click counted, or why not."""
    if not refusal:
        return Said(_("Counted"), "good")
    tone = "wait" if kind == ClickClass.HUMAN else ""
    return Said(_("Not counted"), tone, CLICK_REFUSALS.get(refusal, ""))
