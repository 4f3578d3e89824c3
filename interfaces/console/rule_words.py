"""A rule in a sentence, and what it would pay for a sample: by the functions that pay."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commissions.catalogue import REWARDS, Counts, field_of
from commissions.facts import Basis, Facts, Item, Volume
from commissions.models import Reward
from commissions.paying import GrantDraft
from commissions.rules import RuleInForce, award
from commissions.words import Wording, describe_rule
from commissions.words.speaking import Speaker
from common.money import exponent_of
from interfaces.console.wording import money, number

SAMPLE_MAJOR = 100


def sentence(rule: Wording, *, goal: str | None, currency: str) -> str:
    """Return the whole rule in words of the reader's language."""
    return describe_rule(rule, goal=goal, currency=currency, language=get_language() or "en")


def look_words(reason: str) -> str:
    """Return what a rule said when it was asked, in words."""
    said, _colon, name = reason.partition(":")
    if said == "condition":
        declared = field_of(name)
        label = declared.label if declared else name
        return _("Does not hold: %(condition)s") % {"condition": label}
    return {
        "goal": _("It asks for nothing more, so it pays"),
        "conditions": _("All its conditions hold, so it pays"),
        "not_running": _("Its promotion does not run"),
    }.get(said, said)


def grant_words(grant: GrantDraft, currency: str) -> str:
    """Return a reward that is no money in words, and for whom it is."""
    speaker = Speaker(get_language() or "en", currency)
    what = speaker.grant(grant.kind, grant.quantity, grant.description)
    if grant.is_for_friend:
        return _("%(what)s for the customer") % {"what": what}
    return _("%(what)s for the affiliate") % {"what": what}


def sample_minor(currency: str) -> int:
    """Return the amount of a usual sample."""
    return int(SAMPLE_MAJOR * 10 ** exponent_of(currency))


def samples(
    rule: RuleInForce, *, amount_minor: int, currency: str, at: datetime
) -> list[dict[str, Any]]:
    """Return what sales of an amount would earn: one sale, or one for each step or item."""
    if not REWARDS[Reward(rule.reward)].is_per_conversion:
        return []
    basis = Basis(amount_minor)
    told = []
    for text, items, volume in _cases(rule, amount_minor, currency):
        facts = Facts(goal="", goal_id=None, occurred_at=at, basis=basis, items=items)
        earned = award(rule, facts, volume)
        told.append(
            {
                "text": text,
                "earned": money(earned.amount_minor, currency),
                "grants": len(earned.grants),
            }
        )
    return told


Case = tuple[str, tuple[Item, ...], Volume | None]


def _cases(rule: RuleInForce, amount_minor: int, currency: str) -> Iterator[Case]:
    amount = money(amount_minor, currency)
    if rule.reward == Reward.VOLUME:
        for step in rule.details["steps"]:
            yield _at_step(rule, step["from"], amount_minor, amount, currency)
    elif rule.reward == Reward.PER_ITEM:
        for row in rule.details["items"]:
            sku, category = row.get("sku", ""), row.get("category", "")
            item = Item(sku or "?", 1, amount_minor, category)
            text = _("%(amount)s of %(what)s") % {"amount": amount, "what": sku or category}
            yield text, (item,), None
        yield _("%(amount)s of anything else") % {"amount": amount}, (), None
    else:
        yield _("A conversion of %(amount)s") % {"amount": amount}, (), None


def _at_step(rule: RuleInForce, at: int, amount_minor: int, amount: str, currency: str) -> Case:
    if rule.details["counts"] == Counts.AMOUNT:
        before = max(at - amount_minor, 0)
        text = _("%(amount)s, once %(reached)s are reached") % {
            "amount": amount,
            "reached": money(at, currency),
        }
        return text, (), Volume(0, before, 1, max(at, amount_minor))
    text = _("%(amount)s, conversion no. %(number)s of the period") % {
        "amount": amount,
        "number": number(at),
    }
    return text, (), Volume(max(at - 1, 0), 0, max(at, 1), 0)
