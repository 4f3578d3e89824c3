"""Rewards as people say them: “10% of each sale, 15% from the 21st sale of a month”."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from commissions.catalogue.rewards import Counts, FlatPeriod, Milestone, Mode
from commissions.models import Reward
from commissions.paying import Paying
from commissions.words.speaking import Speaker

Details = Mapping[str, Any]


def say_reward(rule: Paying, goal: str, speaker: Speaker) -> str:
    """Return what a rule pays, without its conditions; `goal` as it stands inside a sentence."""
    said = SAID[Reward(rule.reward)](rule, goal, speaker)
    friend = rule.details.get("friend")
    if friend:
        grant = speaker.grant(friend["kind"], friend["quantity"], friend.get("description", ""))
        said = gettext("%(reward)s, and for the customer %(grant)s") % {
            "reward": said,
            "grant": grant,
        }
    return said


def say_pay(pays: Details, speaker: Speaker) -> str:
    """Return the amount or rate of a step or item alone."""
    if pays.get("fixed_minor") is not None:
        amount = pays["fixed_minor"]
        return speaker.money(amount) if amount else gettext("nothing")
    return speaker.rate(pays["rate_bps"]) if pays["rate_bps"] else gettext("nothing")


def _of_each(pays: Details, goal: str, speaker: Speaker) -> str:
    words = {"pay": say_pay(pays, speaker), "goal": goal}
    if pays.get("fixed_minor") is not None or not pays["rate_bps"]:
        return gettext("%(pay)s per %(goal)s") % words
    return gettext("%(pay)s of each %(goal)s") % words


def _fixed(rule: Paying, goal: str, speaker: Speaker) -> str:
    words = {"amount": speaker.money(rule.fixed_minor), "goal": goal}
    return gettext("%(amount)s per %(goal)s") % words


def _percent(rule: Paying, goal: str, speaker: Speaker) -> str:
    words = {"percent": speaker.rate(rule.rate_bps), "goal": goal}
    return gettext("%(percent)s of each %(goal)s") % words


def _fixed_and_percent(rule: Paying, goal: str, speaker: Speaker) -> str:
    return gettext("%(amount)s and %(percent)s of each %(goal)s") % {
        "amount": speaker.money(rule.fixed_minor),
        "percent": speaker.rate(rule.rate_bps),
        "goal": goal,
    }


def _per_item(rule: Paying, goal: str, speaker: Speaker) -> str:
    parts = [_item(row, speaker) for row in rule.details["items"]]
    otherwise = rule.details.get("otherwise")
    if otherwise:
        parts.append(gettext("%(pay)s for everything else") % {"pay": say_pay(otherwise, speaker)})
    return gettext("per %(goal)s: %(parts)s") % {"goal": goal, "parts": ", ".join(parts)}


def _item(row: Details, speaker: Speaker) -> str:
    words = {"pay": say_pay(row, speaker), "what": row.get("sku") or row.get("category", "")}
    if row.get("fixed_minor") is not None:
        return gettext("%(pay)s for each %(what)s") % words
    return gettext("%(pay)s of %(what)s") % words


def _volume(rule: Paying, goal: str, speaker: Speaker) -> str:
    details = rule.details
    first, *later = details["steps"]
    said = [_of_each(first, goal, speaker)]
    return ", ".join(said + [_step(step, details, goal, speaker) for step in later])


def _step(step: Details, details: Details, goal: str, speaker: Speaker) -> str:
    counts_amount = details["counts"] == Counts.AMOUNT
    period = speaker.period(details["period"])
    words = {
        "pay": say_pay(step, speaker),
        "nth": speaker.ordinal(step["from"]),
        "amount": speaker.money(step["from"]),
        "goal": goal,
        "period": period,
    }
    if details["mode"] == Mode.RETROACTIVE:
        if counts_amount and period:
            return gettext("%(pay)s for all of %(period)s once it has %(amount)s") % words
        if counts_amount:
            return gettext("%(pay)s for all once there are %(amount)s") % words
        if period:
            return gettext("%(pay)s for all of %(period)s once it has the %(nth)s %(goal)s") % words
        return gettext("%(pay)s for all once there is the %(nth)s %(goal)s") % words
    if counts_amount and period:
        return gettext("%(pay)s from %(amount)s in %(period)s") % words
    if counts_amount:
        return gettext("%(pay)s from %(amount)s in all") % words
    if period:
        return gettext("%(pay)s from the %(nth)s %(goal)s of %(period)s") % words
    return gettext("%(pay)s from the %(nth)s %(goal)s") % words


def _non_cash(rule: Paying, goal: str, speaker: Speaker) -> str:
    details = rule.details
    grant = speaker.grant(details["kind"], details["quantity"], details.get("description", ""))
    return gettext("%(amount)s per %(goal)s") % {"amount": grant, "goal": goal}


def _nothing(_rule: Paying, goal: str, _speaker: Speaker) -> str:
    return gettext("nothing per %(goal)s") % {"goal": goal}


def _per_click(rule: Paying, _goal: str, speaker: Speaker) -> str:
    return gettext("%(amount)s per click") % {"amount": speaker.fine_money(rule.details["rate_e5"])}


def _per_mille(rule: Paying, _goal: str, speaker: Speaker) -> str:
    return gettext("%(amount)s per %(thousand)s impressions") % {
        "amount": speaker.fine_money(rule.details["rate_e5"]),
        "thousand": speaker.number(1_000),
    }


def _override(rule: Paying, _goal: str, speaker: Speaker) -> str:
    depth, own = rule.details["depth_max"], rule.details.get("own")
    said = gettext("%(percent)s of what affiliates earn whom you brought") % {
        "percent": speaker.rate(rule.rate_bps)
    }
    if depth > 1:
        said = gettext("%(said)s, %(depth)d levels deep") % {"said": said, "depth": depth}
    if own:
        said += ngettext(
            ", if you had %(count)d conversion of your own in the last %(days)d days",
            ", if you had %(count)d conversions of your own in the last %(days)d days",
            own["conversions_min"],
        ) % {"count": own["conversions_min"], "days": own["days"]}
    return said


def _bonus(rule: Paying, _goal: str, speaker: Speaker) -> str:
    details = rule.details
    count = details.get("every") or details["at"]
    what = _milestone(details, count, speaker)
    words = {
        "amount": speaker.money(rule.fixed_minor),
        "what": what,
        "period": speaker.period(details["period"]),
    }
    if details.get("every"):
        if words["period"]:
            return gettext("%(amount)s bonus for every %(what)s in %(period)s") % words
        return gettext("%(amount)s bonus for every %(what)s") % words
    if words["period"]:
        return gettext("%(amount)s bonus at %(what)s in %(period)s") % words
    return gettext("%(amount)s bonus at %(what)s") % words


def _milestone(details: Details, count: int, speaker: Speaker) -> str:
    if details["counts"] == Milestone.AMOUNT:
        return gettext("%(amount)s of sales") % {"amount": speaker.money(count)}
    if details["counts"] == Milestone.NEW_CUSTOMERS:
        return ngettext("%d new customer", "%d new customers", count) % count
    if details.get("goal"):
        words = ngettext(
            "%(count)d conversion (%(goal)s)", "%(count)d conversions (%(goal)s)", count
        )
        return words % {"count": count, "goal": details["goal"]}
    return ngettext("%d conversion", "%d conversions", count) % count


def _flat(rule: Paying, _goal: str, speaker: Speaker) -> str:
    amount = speaker.money(rule.fixed_minor)
    if rule.details["period"] == FlatPeriod.MONTH:
        return gettext("%(amount)s every month") % {"amount": amount}
    return gettext("%(amount)s once") % {"amount": amount}


SAID: Final[Mapping[Reward, Callable[[Paying, str, Speaker], str]]] = {
    Reward.FIXED: _fixed,
    Reward.PERCENT: _percent,
    Reward.FIXED_AND_PERCENT: _fixed_and_percent,
    Reward.PER_ITEM: _per_item,
    Reward.VOLUME: _volume,
    Reward.NON_CASH: _non_cash,
    Reward.NOTHING: _nothing,
    Reward.PER_CLICK: _per_click,
    Reward.PER_MILLE: _per_mille,
    Reward.OVERRIDE: _override,
    Reward.BONUS: _bonus,
    Reward.FLAT: _flat,
}
