"""Why a conversion earns what it earns, as its affiliate may know it: one's own part alone.

Other affiliates, the buyer, the order's lines and what the merchant keeps private stay out.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import Commission, Kind, Status
from commissions.words import describe_award
from commissions.words.arithmetic import describe_arithmetic
from common.money import WHOLE_PPM, divide_half_even
from common.sentences import sentence
from interfaces.portal.charts import day_label
from interfaces.portal.text import (
    commission_status,
    language,
    money,
    percent,
    rule_in_words,
)
from payouts.models import Payout
from tracking.models import Conversion, ConversionStatus, Credit

# Of the trace's arithmetic, what says nothing of the order's lines: the step of a volume.
OF_VOLUME = re.compile(r"\d+ (conversions|of amounts) in the period .*")

REASONS = {
    "outside_window": gettext_lazy("Too long before the event."),
    "after_the_event": gettext_lazy("After the event."),
    "not_enrolled": gettext_lazy("You were not approved in the program then."),
    "coupon_not_yet_valid": gettext_lazy("The code was not valid yet."),
    "coupon_expired": gettext_lazy("The code was no longer valid."),
    "coupon_used_up": gettext_lazy("The code had been used as often as it may be."),
    "coupon_used_by_customer": gettext_lazy(
        "This buyer had used the code as often as each buyer may."
    ),
    "link_archived": gettext_lazy("The link is archived."),
    "lock_in_ended": gettext_lazy("The time for which a customer stays yours is over."),
    "known_customer": gettext_lazy("The program pays for new customers, and this was none."),
    "yielded": gettext_lazy("Another program of the merchant goes before."),
}


def story_of(
    credit: Credit, lines: list[Commission], payouts: dict[UUID, Payout]
) -> list[dict[str, Any]]:
    """Return what happened, in order: one's own touches, the conversion, and each line."""
    fact = credit.conversion
    story = [_touch(touch) for touch in _own_touches(credit)]
    story.append(_reached(credit))
    for line in lines:
        story.append(_line_event(line, credit))
        story.append(_what_next(line, payouts.get(line.id)))
    if fact.status == ConversionStatus.DECLINED and not lines:
        story.append(_declined(fact))
    return [event for event in story if event]


def _own_touches(credit: Credit) -> list[dict[str, Any]]:
    touches = credit.conversion.trace.get("touches", [])
    return [touch for touch in touches if touch["enrollment"] == str(credit.enrollment_id)]


def _touch(touch: dict[str, Any]) -> dict[str, Any]:
    titles = {
        "coupon": _("Your discount code was used"),
        "referral": _("Your referral code was used"),
        "customer": _("A customer that you brought came back"),
    }
    title = titles.get(touch["kind"], _("Your link was clicked"))
    brings = touch.get("share_ppm", 0)
    return {
        "title": f"{title} · {percent(brings)}" if 0 < brings < WHOLE_PPM else title,
        "at": datetime.fromisoformat(touch["at"]),
        "muted": not touch["accepted"],
        "reason": _verdict(touch),
        "tone": "info" if touch["accepted"] else "",
    }


def _verdict(touch: dict[str, Any]) -> str:
    if not touch["accepted"]:
        return str(REASONS.get(touch["reason"], ""))
    if touch.get("share_ppm") == 0:
        return _("It counts, but others stand before it.")
    return _("It counts.")


def _reached(credit: Credit) -> dict[str, Any]:
    fact = credit.conversion
    said = {"goal": fact.goal.name, "amount": money(credit.amount_minor, fact.currency)}
    notes = []
    if credit.share_ppm < WHOLE_PPM:
        share = percent(credit.share_ppm)
        notes.append(_("You are credited with %(share)s of it.") % {"share": share})
    if fact.trace.get("assigned", {}).get("enrollment") == str(credit.enrollment_id):
        notes.append(_("The merchant gave it to you."))
    return {
        "title": _("%(goal)s: %(amount)s") % said,
        "at": fact.occurred_at,
        "text": " ".join(notes),
    }


def _line_event(line: Commission, credit: Credit) -> dict[str, Any]:
    amount = money(line.amount_minor, line.currency)
    is_less = line.amount_minor < 0
    words = {
        Kind.REVERSAL: (
            _("Taken back: %(amount)s"),
            _("The customer was refunded, so its share of what you earned is taken back."),
        ),
        Kind.ADJUSTMENT: (
            _("Corrected: %(amount)s"),
            _("The merchant, or a sale that was reported late, changed what it comes to."),
        ),
        Kind.OVERRIDE: (
            _("Earned: %(amount)s"),
            _("An affiliate you recruited earned by it."),
        ),
    }
    title, text = words.get(Kind(line.kind), (_("Earned: %(amount)s"), arithmetic(line, credit)))
    return {
        "title": title % {"amount": amount},
        "at": line.earned_at,
        "text": text,
        "tone": "bad" if is_less else "good",
    }


def arithmetic(line: Commission, credit: Credit) -> str:
    """Return the rate, and how the amount came out of it."""
    version, fact = line.rule_version, credit.conversion
    if version is None:
        return ""
    net_minor = max(fact.amount_minor - fact.tax_minor - fact.shipping_minor, 0)
    sum_of_it = describe_award(
        version,
        net_minor=divide_half_even(net_minor * credit.share_ppm, WHOLE_PPM),
        earned_minor=line.amount_minor,
        currency=line.currency,
        language=language(),
    )
    rule = rule_in_words(version, fact.goal, line.currency)
    return " ".join([f"{rule}.", *_volume(credit), f"{sum_of_it}.", *_cuts(line, credit)])


def _volume(credit: Credit) -> list[str]:
    """Return which step of a volume was reached, if the rate is by volume."""
    fact = credit.conversion
    of_each = fact.trace.get("arithmetic_of", {})  # Only if several share it.
    texts = of_each.get(str(credit.enrollment_id), fact.trace.get("arithmetic", []))
    if credit.share_ppm < WHOLE_PPM and not of_each:
        return []  # Decided before each one's own was kept.
    return [
        sentence(describe_arithmetic(text, currency=fact.currency, language=language()))
        for text in texts
        if OF_VOLUME.fullmatch(text)
    ]


def _cuts(line: Commission, credit: Credit) -> list[str]:
    """Return what made it less than the rate says."""
    cuts = []
    wanted = line.facts.get("wanted_minor")
    if isinstance(wanted, int) and wanted > line.amount_minor:
        said = {"wanted": money(wanted, line.currency)}
        cuts.append(_("A budget of the program is used up: without it, %(wanted)s.") % said)
    if "guard" in credit.conversion.trace:
        cuts.append(_("The program pays no more than a part of each order, so it is less."))
    return cuts


def _what_next(line: Commission, payout: Payout | None) -> dict[str, Any]:
    """Return where the money of a line is now; a take-back follows its earning."""
    if line.amount_minor < 0:
        return {}
    if line.status == Status.PENDING:
        return {
            "title": _("Payable from %(day)s") % {"day": day_label(line.hold_until)},
            "text": _("Until then the customer may take it back."),
            "tone": "wait",
        }
    if payout is not None:
        said = {"reference": payout.reference}
        paid = payout.paid_at is not None
        title = _("Paid with %(reference)s") if paid else _("In payout %(reference)s")
        return {"title": title % said, "at": payout.paid_at, "tone": "good" if paid else "info"}
    said_of_it = commission_status(line)
    return {
        "title": said_of_it.word,
        "at": line.status_changed_at,
        "text": said_of_it.reason,
        "tone": said_of_it.tone,
    }


def _declined(fact: Conversion) -> dict[str, Any]:
    return {"title": fact.get_reason_display(), "at": fact.status_changed_at, "tone": "bad"}
