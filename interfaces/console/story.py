"""Why a conversion was credited and paid as it was, as a story that people can follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from commissions.accrual.rates import award_of
from commissions.models import Commission, Kind, RuleVersion
from commissions.rules import Basis
from commissions.selectors import rate_in_trace
from commissions.words import describe_award, describe_rate
from interfaces.console.wording import TOUCHES, VERDICTS, money, number, share
from ledger.models import AccountKind
from payouts.selectors import money_trail
from tracking.attribution import TouchKind
from tracking.models import Conversion, Credit, Reason

LEDGER_CAUSES: Final = {
    "earned": lazy("earned"),
    "approved": lazy("approved"),
    "declined": lazy("declined"),
    "reserved": lazy("reserved for a payout"),
    "paid": lazy("paid"),
    "failed": lazy("payout failed"),
    "cancelled": lazy("payout cancelled"),
}


def story_of(
    conversion: Conversion, credits: Sequence[Credit], lines: Sequence[Commission]
) -> dict[str, Any]:
    """Return what `console/conversions/story.html` tells: touches, policy, rule, sums, ledger."""
    earned = [line for line in lines if line.kind == Kind.EARNING]
    version = earned[0].rule_version if earned else None
    if conversion.is_test and credits:  # Nothing was paid, but it says what would have been.
        version = rate_in_trace(conversion)
    return {
        "policy": _policy(conversion),
        "touches": _touches(conversion),
        "caps": [cap_told(found) for found in conversion.trace.get("caps", [])],
        "outcome": _outcome(conversion, credits),
        "rule": _rule(conversion, version) if version else "",
        "version": version,
        "arithmetic": _arithmetic(conversion, version, credits, earned) if version else [],
        "ledger": _ledger(conversion, lines),
    }


def _policy(conversion: Conversion) -> str:
    days = conversion.trace.get("policy", {}).get("window_days", conversion.program.window_days)
    return ngettext(
        "The last click within %(days)s day before the conversion counts; without one, whoever"
        " brought this customer first, then a coupon, then a referral code.",
        "The last click within %(days)s days before the conversion counts; without one, whoever"
        " brought this customer first, then a coupon, then a referral code.",
        days,
    ) % {"days": days}


def _touches(conversion: Conversion) -> list[dict[str, Any]]:
    touches = conversion.trace.get("touches", [])
    ids = {UUID(touch["enrollment"]) for touch in touches if touch["enrollment"]}
    found = enrollments_of(conversion.merchant_id).filter(id__in=ids)
    owners = {str(enrollment.id): enrollment for enrollment in found}
    told = [touch_told(touch, owners.get(touch["enrollment"] or "")) for touch in touches]
    reported = {
        "title": _("%(goal)s reported") % {"goal": conversion.goal.name},
        "at": conversion.occurred_at,
        "text": conversion.external_id,
        "tone": "info",
    }
    return sorted([*told, reported], key=lambda event: event["at"])


def touch_told(touch: dict[str, Any], owner: Enrollment | None) -> dict[str, Any]:
    """Return a touch of a trace as components/timeline.html shows it."""
    kind = TOUCHES.get(touch["kind"], touch["kind"])
    title = _("%(kind)s of %(name)s") % {"kind": kind, "name": owner.affiliate} if owner else kind
    text = touch["evidence"]
    if touch.get("bound_at"):
        bound_at = date_format(datetime.fromisoformat(touch["bound_at"]))
        text = _("%(evidence)s, theirs since %(day)s") % {"evidence": text, "day": bound_at}
    return {
        "title": title,
        "at": datetime.fromisoformat(touch["at"]),
        "text": text,
        "tone": "good" if touch["accepted"] else "",
        "muted": not touch["accepted"],
        "reason": _verdict(touch),
    }


def _verdict(touch: dict[str, Any]) -> str:
    if touch["accepted"] and touch["kind"] == TouchKind.CUSTOMER:
        return _("Counts: a customer stays with whoever brought them first, without a time limit")
    return str(VERDICTS.get(touch["reason"], touch["reason"]))


def cap_told(found: dict[str, Any]) -> str:
    """Return what a cap said to a conversion."""
    counts = {"used": number(found["used"]), "limit": number(found["limit"])}
    if not found["is_reached"]:
        return _("%(used)s of %(limit)s were used before this one.") % counts
    if found["is_hard"]:
        return _("%(used)s of %(limit)s were used: this one is not credited.") % counts
    return _("%(used)s of %(limit)s were used; it only warns, so this one counts.") % counts


def _outcome(conversion: Conversion, credits: Sequence[Credit]) -> str:
    if conversion.attributed_at is None:
        return _("Just received: attribution looks at it within seconds.")
    if conversion.reason == Reason.CAP_REACHED:
        return _("Nobody is credited: a hard cap was reached before it.")
    if not credits:
        return _("Nobody is credited: no touch counts.")
    told = "; ".join(
        _("%(name)s is credited with %(share)s")
        % {"name": credit.enrollment.affiliate, "share": share(credit.share_ppm)}
        for credit in credits
    )
    return (
        _("%(told)s, but nothing is paid: this is a test") % {"told": told}
        if conversion.is_test
        else told
    )


def _rule(conversion: Conversion, version: RuleVersion) -> str:
    return describe_rate(
        version,
        goal=conversion.goal.name,
        currency=conversion.currency,
        language=get_language() or "en",
    )


def _arithmetic(
    conversion: Conversion,
    version: RuleVersion,
    credits: Sequence[Credit],
    earned: Sequence[Commission],
) -> list[str]:
    basis = Basis(conversion.amount_minor, conversion.tax_minor, conversion.shipping_minor)

    def say(amount_minor: int) -> str:
        return money(amount_minor, conversion.currency)

    lines = []
    if version.rate_bps:
        lines.append(
            _("%(paid)s paid − %(tax)s tax − %(shipping)s shipping = %(net)s net")
            % {
                "paid": say(basis.amount_minor),
                "tax": say(basis.tax_minor),
                "shipping": say(basis.shipping_minor),
                "net": say(basis.net_minor),
            }
        )
    earned_minor = sum(line.amount_minor for line in earned)
    if conversion.is_test:
        earned_minor = award_of(version, conversion).amount_minor
    lines.append(
        describe_award(
            version,
            net_minor=basis.net_minor,
            earned_minor=earned_minor,
            currency=conversion.currency,
            language=get_language() or "en",
        )
    )
    if len(credits) > 1:
        lines += [f"{line.affiliate}: {say(line.amount_minor)}" for line in earned]
    return lines


def _ledger(conversion: Conversion, lines: Sequence[Commission]) -> list[dict[str, Any]]:
    taken_back = {f"commission:{line.id}:earned" for line in lines if line.kind == Kind.REVERSAL}
    return [
        {
            "at": posting.at,
            "account": AccountKind(posting.account).label,
            "amount": money(posting.amount_minor, posting.currency),
            "cause": _("taken back")
            if posting.source in taken_back
            else LEDGER_CAUSES.get(posting.source.rpartition(":")[2], posting.source),
        }
        for posting in money_trail(conversion)
    ]
