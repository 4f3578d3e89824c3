"""Rates in words: what pages and mails say a rule pays. Pure; nothing here reads a table."""

from decimal import Decimal
from typing import Protocol

from babel.numbers import format_percent
from django.utils.translation import gettext, override, to_locale

from commissions.models import Reward
from common.money import WHOLE_BPS, format_money


class Payable(Protocol):
    """Anything that says what a rule pays: a RuleVersion, or the Rate it will be made of."""

    @property
    def reward(self) -> str: ...
    @property
    def fixed_minor(self) -> int: ...
    @property
    def rate_bps(self) -> int: ...


def describe_rate(rate: Payable, *, goal: str, currency: str, language: str) -> str:
    """Return the rate as a person says it: “10% of each sale”, “€5.00 per sign-up”.

    `goal` is the goal's name; `language` is one of settings.LANGUAGES and decides words and digits.
    """
    amount = describe_amount(rate, currency=currency, language=language)
    with override(language):
        if rate.reward == Reward.FIXED:
            return gettext("%(amount)s per %(goal)s") % {"amount": amount, "goal": _inline(goal)}
        return gettext("%(percent)s of each %(goal)s") % {"percent": amount, "goal": _inline(goal)}


def describe_amount(rate: Payable, *, currency: str, language: str) -> str:
    """Return the rate alone, for a narrow column: “10%”, “€5.00”."""
    locale = to_locale(language)
    if rate.reward == Reward.FIXED:
        return format_money(rate.fixed_minor, currency=currency, locale=locale)
    return format_rate(rate.rate_bps, language=language)


def describe_award(
    rate: Payable, *, net_minor: int, earned_minor: int, currency: str, language: str
) -> str:
    """Return how an amount came about: “10% of €100.00 = €10.00”, “Fixed: €5.00”.

    `net_minor` is the part of the conversion's net amount that was credited.
    """
    locale = to_locale(language)
    earned = format_money(earned_minor, currency=currency, locale=locale)
    with override(language):
        if rate.reward == Reward.FIXED:
            return gettext("Fixed: %(earned)s") % {"earned": earned}
        return gettext("%(percent)s of %(net)s = %(earned)s") % {
            "percent": format_rate(rate.rate_bps, language=language),
            "net": format_money(net_minor, currency=currency, locale=locale),
            "earned": earned,
        }


def format_rate(rate_bps: int, *, language: str) -> str:
    """Return basis points as people write them: 750 is “7.5%”."""
    text: str = format_percent(
        Decimal(rate_bps) / WHOLE_BPS, locale=to_locale(language), decimal_quantization=False
    )
    return text


def _inline(goal: str) -> str:
    """Return a goal's name as it stands inside a sentence; names with more capitals keep them."""
    return goal[:1].lower() + goal[1:] if goal[1:] == goal[1:].lower() else goal
