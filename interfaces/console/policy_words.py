"""A policy, and what limits a conversion's pay, as the sentences of a "Why?" page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.wording import money, number
from tracking.attribution import Model

OLD_MODEL = "last_touch"


def policy_told(policy: dict[str, Any], *, window_days: int) -> list[str]:
    """Return what a program had decided about who is credited, as its trace keeps it."""
    days = policy.get("window_days", window_days)
    said = [_model(policy), _evidence(policy, days)]
    if policy.get("new_customers_only"):
        said.append(_new_customers(policy.get("reactivation_days")))
    if "lock_in_months" in policy:
        said.append(_lock_in(policy["lock_in_months"]))
    return said


def _model(policy: dict[str, Any]) -> str:
    half_life = policy.get("half_life_days", 7)
    words = {
        Model.LAST: _("The last touch gets all."),
        Model.FIRST: _("The first touch gets all."),
        Model.LINEAR: _("Every touch gets an equal part."),
        Model.POSITION: _("40% for the first touch, 40% for the last, 20% for those between."),
        Model.TIME_DECAY: ngettext(
            "Later touches get more: each day before the last touch halves a part.",
            "Later touches get more: every %(days)s days before the last touch halve a part.",
            half_life,
        )
        % {"days": half_life},
    }
    return words[Model(policy.get("model", OLD_MODEL))]


def _evidence(policy: dict[str, Any], days: int) -> str:
    within = ngettext(
        "A click counts for %(days)s day.", "A click counts for %(days)s days.", days
    ) % {"days": days}
    if policy.get("coupon_first"):
        return _(
            "%(within)s Coupons stand before links and bound customers, these before referral"
            " codes."
        ) % {"within": within}
    return _(
        "%(within)s Links and bound customers stand before coupons, these before referral codes."
    ) % {"within": within}


def _new_customers(reactivation_days: int | None) -> str:
    if not reactivation_days:
        return _("Only new customers count.")
    return ngettext(
        "Only new customers count, and those who did nothing for %(days)s day.",
        "Only new customers count, and those who did nothing for %(days)s days.",
        reactivation_days,
    ) % {"days": reactivation_days}


def _lock_in(months: int) -> str:
    if not months:
        return _("A customer is bound by nothing: each order needs evidence of its own.")
    return ngettext(
        "A customer stays bound for %(months)s month.",
        "A customer stays bound for %(months)s months.",
        months,
    ) % {"months": months}


def cap_told(found: dict[str, Any]) -> str:
    """Return what a cap said to a conversion."""
    counts = {"used": number(found["used"]), "limit": number(found["limit"])}
    if not found["is_reached"]:
        return _("%(used)s of %(limit)s were used before this one.") % counts
    if found["is_hard"]:
        return _("%(used)s of %(limit)s were used: this one is not credited.") % counts
    return _("%(used)s of %(limit)s were used; it only warns, so this one counts.") % counts


def guard_told(guard: dict[str, Any], currency: str) -> str:
    """Return what the margin guard cut."""
    return _(
        "All commissions of an order may be %(percent)s of its net at the most: %(allowed)s"
        " instead of %(wanted)s."
    ) % {
        "percent": f"{guard['bps_max'] / 100:g}%",
        "allowed": money(guard["allowed_minor"], currency),
        "wanted": money(guard["wanted_minor"], currency),
    }


def budget_told(found: dict[str, Any], currency: str) -> str:
    """Return what a budget said to a line."""
    sums = {
        "used": money(found["used_minor"], currency),
        "limit": money(found["limit_minor"], currency),
        "cut": money(found.get("cut_minor", 0), currency),
    }
    if found.get("cut_minor"):
        return _("%(used)s of %(limit)s were used: %(cut)s are cut off.") % sums
    if found.get("is_exceeded"):
        return _("%(used)s of %(limit)s were used; it only warns, so nothing is cut off.") % sums
    return _("%(used)s of %(limit)s were used before.") % sums
