"""Rules in words: what pages and mails say a rule pays. Pure; nothing here reads a table."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.utils.translation import gettext, override

from commissions.models import Reward
from commissions.paying import Paying as Payable
from commissions.words.conditions import say_condition, say_conditions
from commissions.words.rewards import say_pay, say_reward
from commissions.words.speaking import Speaker, inline

__all__ = [
    "Payable",
    "Wording",
    "describe_amount",
    "describe_award",
    "describe_condition",
    "describe_conditions",
    "describe_rate",
    "describe_rule",
    "format_rate",
]

SHORT = (Reward.FIXED, Reward.PERCENT, Reward.FIXED_AND_PERCENT)


class Wording(Payable, Protocol):
    """Anything with all that a version of a rule says: a RuleVersion, a RuleInForce, a draft."""

    @property
    def conditions(self) -> Sequence[Mapping[str, Any]]: ...


def describe_rule(rule: Wording, *, goal: str | None, currency: str, language: str) -> str:
    """Return the whole rule in one sentence: “10% of each sale for 12 months in Germany”.

    `goal` is the goal's name, None for a rule of every goal; `language` as in `describe_rate`.
    """
    speaker = Speaker(language, currency)
    with override(language):
        named = inline(goal) if goal is not None else gettext("conversion")
        reward = say_reward(rule, named, speaker)
        conditions = say_conditions(rule.conditions, speaker)
    glue = ", " if "," in reward or ":" in reward else " "
    return glue.join([reward, ", ".join(conditions)]) if conditions else reward


def describe_rate(rate: Payable, *, goal: str, currency: str, language: str) -> str:
    """Return the rate as a person says it: “10% of each sale”, “€5.00 per sign-up”.

    `goal` is the goal's name; `language` is one of settings.LANGUAGES and decides words and digits.
    Conditions are left out: `describe_rule` says them too.
    """
    with override(language):
        return say_reward(rate, inline(goal), Speaker(language, currency))


def describe_conditions(
    conditions: Sequence[Mapping[str, Any]], *, currency: str, language: str
) -> list[str]:
    """Return each condition as it follows a reward: “for 12 months”."""
    with override(language):
        return say_conditions(conditions, Speaker(language, currency))


def describe_condition(condition: Mapping[str, Any], *, currency: str, language: str) -> str:
    """Return one condition as it follows a reward: “for 12 months”."""
    with override(language):
        return say_condition(condition, Speaker(language, currency))


def describe_amount(rate: Payable, *, currency: str, language: str) -> str:
    """Return the rate alone, for a narrow column: “10%”, “€5.00”, “10% to 15%”."""
    speaker = Speaker(language, currency)
    with override(language):
        if rate.reward == Reward.FIXED:
            return speaker.money(rate.fixed_minor)
        if rate.reward == Reward.FIXED_AND_PERCENT:
            return f"{speaker.money(rate.fixed_minor)} + {speaker.rate(rate.rate_bps)}"
        if rate.reward == Reward.VOLUME:
            steps = rate.details["steps"]
            ends = {"least": say_pay(steps[0], speaker), "most": say_pay(steps[-1], speaker)}
            return gettext("%(least)s to %(most)s") % ends
        if rate.reward == Reward.NON_CASH:
            details = rate.details
            return speaker.grant(
                details["kind"], details["quantity"], details.get("description", "")
            )
        if rate.reward == Reward.PERCENT or rate.rate_bps:
            return speaker.rate(rate.rate_bps)
        return speaker.money(rate.fixed_minor) if rate.fixed_minor else _label(rate)


def _label(rate: Payable) -> str:
    return str(Reward(rate.reward).label)


def describe_award(
    rate: Payable, *, net_minor: int, earned_minor: int, currency: str, language: str
) -> str:
    """Return how an amount came about: “10% of €100.00 = €10.00”, “Fixed: €5.00”.

    `net_minor` is the part of the conversion's net amount that was credited. Of a reward that is
    neither, it is the reward and the amount; the trace has the steps.
    """
    speaker = Speaker(language, currency)
    with override(language):
        words = {
            "earned": speaker.money(earned_minor),
            "percent": speaker.rate(rate.rate_bps),
            "net": speaker.money(net_minor),
            "fixed": speaker.money(rate.fixed_minor),
        }
        if rate.reward == Reward.FIXED:
            return gettext("Fixed: %(earned)s") % words
        if rate.reward == Reward.PERCENT:
            return gettext("%(percent)s of %(net)s = %(earned)s") % words
        if rate.reward == Reward.FIXED_AND_PERCENT:
            return gettext("%(fixed)s and %(percent)s of %(net)s: %(earned)s") % words
        return f"{_label(rate)}: {words['earned']}"


def format_rate(rate_bps: int, *, language: str) -> str:
    """Return basis points as people write them: 750 is “7.5%”."""
    return Speaker(language, "EUR").rate(rate_bps)
