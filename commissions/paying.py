"""What a rule pays: pure arithmetic with its explanation (docs/commissions.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from commissions.catalogue.rewards import Counts, Mode
from commissions.facts import Basis, Facts, Item, Volume
from commissions.models import Reward
from common.money import MINOR_MAX, share_of, split


class Paying(Protocol):
    """Anything that says what it pays: a RuleVersion, a RuleInForce."""

    @property
    def reward(self) -> str: ...
    @property
    def fixed_minor(self) -> int: ...
    @property
    def rate_bps(self) -> int: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """A reward that is no money. `quantity`: minor units, months, or basis points, by its kind."""

    kind: str
    quantity: int
    description: str = ""
    is_for_friend: bool = False  # For the customer instead of the affiliate.


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule pays for a whole conversion, and how that was computed, in words."""

    amount_minor: int
    arithmetic: tuple[str, ...]
    grants: tuple[GrantDraft, ...] = ()


class NeedsVolume(ValueError):
    """The rule pays by volume, and none was given."""


def award(rule: Paying, facts: Facts, volume: Volume | None = None) -> Award:
    """Return what the rule pays for the whole conversion, before it is shared out; never below 0.

    :raises NeedsVolume: if the rule pays by volume and `volume` is None.
    """
    if rule.reward == Reward.VOLUME:
        if volume is None:
            raise NeedsVolume("a rule that pays by volume needs the volume")
        paid = _by_volume(rule, facts, volume)
    else:
        paid = PAID[rule.reward](rule, facts) if rule.reward in PAID else Award(0, ())
    amount_minor, arithmetic = paid.amount_minor, paid.arithmetic
    if amount_minor > MINOR_MAX:
        amount_minor, arithmetic = MINOR_MAX, (*arithmetic, f"at the most {MINOR_MAX}")
    return Award(amount_minor, arithmetic, (*paid.grants, *_friend(rule)))


def award_percent(basis: Basis, *, rate_bps: int) -> Award:
    """Return the percentage of the net amount, half to even."""
    amount_minor = share_of(basis.net_minor, rate_bps=rate_bps)
    return Award(amount_minor, (f"{net_text(basis)}; × {rate_bps} bps = {amount_minor}",))


def award_fixed(*, fixed_minor: int) -> Award:
    """Return the fixed amount."""
    return Award(fixed_minor, (f"fixed {fixed_minor}",))


def net_text(basis: Basis) -> str:
    """Return how the net comes about, as far as the program's choice makes it."""
    text = f"{basis.amount_minor} paid"
    text += f" − {basis.tax_minor} tax" if basis.excludes_tax else ""
    text += f" − {basis.shipping_minor} shipping" if basis.excludes_shipping else ""
    text += f" + {basis.discount_minor} discount" if basis.adds_discount else ""
    return f"{text} = {basis.net_minor} net"


def _fixed(rule: Paying, _facts: Facts) -> Award:
    return award_fixed(fixed_minor=rule.fixed_minor)


def _percent(rule: Paying, facts: Facts) -> Award:
    return award_percent(facts.basis, rate_bps=rule.rate_bps)


def _fixed_and_percent(rule: Paying, facts: Facts) -> Award:
    percent = award_percent(facts.basis, rate_bps=rule.rate_bps)
    total = rule.fixed_minor + percent.amount_minor
    text = f"fixed {rule.fixed_minor} + {percent.amount_minor} = {total}"
    return Award(total, (*percent.arithmetic, text))


def _non_cash(rule: Paying, _facts: Facts) -> Award:
    grant = _grant(rule.details)
    return Award(0, (f"{grant.kind} {grant.quantity}",), (grant,))


def _friend(rule: Paying) -> tuple[GrantDraft, ...]:
    friend = rule.details.get("friend")
    return (_grant(friend, is_for_friend=True),) if friend else ()


def _grant(details: Mapping[str, Any], *, is_for_friend: bool = False) -> GrantDraft:
    return GrantDraft(
        details["kind"], details["quantity"], details.get("description", ""), is_for_friend
    )


def _per_item(rule: Paying, facts: Facts) -> Award:
    """Each line of the order by the first row that names it; rounded by line, then summed."""
    lines, total = [], 0
    otherwise = rule.details.get("otherwise")
    for name, quantity, net_minor, item in _lines(facts):
        row = _row_for(rule.details["items"], item) or otherwise
        if row is None:
            lines.append(f"{name}: nothing")
            continue
        if row.get("fixed_minor") is not None:
            earned = row["fixed_minor"] * quantity
            lines.append(f"{name}: {quantity} × {row['fixed_minor']} = {earned}")
        else:
            earned = share_of(net_minor, rate_bps=row["rate_bps"])
            lines.append(f"{name}: {net_minor} × {row['rate_bps']} bps = {earned}")
        total += earned
    return Award(total, (*lines, f"sum {total}"))


def _lines(facts: Facts) -> list[tuple[str, int, int, Item | None]]:
    """Return (name, quantity, net, item) of each line; an order without lines is one.

    Lines that come to more than the net, because of tax or a discount, share it in proportion.
    """
    net_minor = facts.basis.net_minor
    if not facts.items:
        return [("order", 1, net_minor, None)]
    amounts = [item.amount_minor for item in facts.items]
    if sum(amounts) > net_minor:
        amounts = split(net_minor, amounts)
    return [
        (item.sku, item.quantity, amount, item)
        for item, amount in zip(facts.items, amounts, strict=True)
    ]


def _row_for(rows: Sequence[Mapping[str, Any]], item: Item | None) -> Mapping[str, Any] | None:
    if item is None:
        return None
    return next(
        (
            row
            for row in rows
            if ("sku" in row and row["sku"] == item.sku)
            or ("category" in row and row["category"] == item.category)
        ),
        None,
    )


def _by_volume(rule: Paying, facts: Facts, volume: Volume) -> Award:
    """Find the step that the period's volume has reached, and pay all of the conversion by it."""
    details = rule.details
    reached = reached_of(details, facts, volume)
    step = step_at(details["steps"], reached)
    unit = "conversions" if details["counts"] == Counts.CONVERSIONS else "of amounts"
    period = str(details["period"]).lower()
    text = f"{reached} {unit} in the period ({period}): the step from {step['from']}"
    if step.get("fixed_minor") is not None:
        paid = award_fixed(fixed_minor=step["fixed_minor"])
    else:
        paid = award_percent(facts.basis, rate_bps=step["rate_bps"])
    return Award(paid.amount_minor, (text, *paid.arithmetic))


def reached_of(details: Mapping[str, Any], facts: Facts, volume: Volume) -> int:
    """Return the volume that decides: up to and with the conversion, or all of the period."""
    own_minor = facts.basis.amount_minor if volume.own_minor is None else volume.own_minor
    if details["mode"] == Mode.ONWARDS:
        if details["counts"] == Counts.CONVERSIONS:
            return volume.count_before + 1
        return volume.amount_before_minor + own_minor
    if details["counts"] == Counts.CONVERSIONS:
        return volume.count_total
    return volume.amount_total_minor


def step_at(steps: Sequence[Mapping[str, Any]], reached: int) -> Mapping[str, Any]:
    """Return the last step that is reached; the first when none is."""
    found = steps[0]
    for step in steps:
        if step["from"] <= reached:
            found = step
    return found


PAID: Final[Mapping[str, Callable[[Paying, Facts], Award]]] = {
    Reward.FIXED: _fixed,
    Reward.PERCENT: _percent,
    Reward.FIXED_AND_PERCENT: _fixed_and_percent,
    Reward.PER_ITEM: _per_item,
    Reward.NON_CASH: _non_cash,
}
