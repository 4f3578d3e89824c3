"""Who is credited: a pure function over touches and a policy (docs/attribution.md).

Evidence is brought in by the caller; nothing here reads a table or a clock.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from common.money import WHOLE_PPM, split


class TouchKind(StrEnum):
    """What sort of evidence a touch is, strongest first."""

    CLICK = "click"
    CUSTOMER = "customer"  # Bound before by any of the others.
    COUPON = "coupon"
    REFERRAL = "referral"


class Verdict(StrEnum):
    """Why a touch counts, or does not."""

    ACCEPTED = "accepted"
    OUTSIDE_WINDOW = "outside_window"
    AFTER_THE_EVENT = "after_the_event"
    NOT_ENROLLED = "not_enrolled"  # The enrollment is not approved.
    OTHER_PROGRAM = "other_program"
    UNKNOWN = "unknown"  # A token that is not ours, or a code nobody owns.
    COUPON_NOT_YET_VALID = "coupon_not_yet_valid"
    COUPON_EXPIRED = "coupon_expired"  # Or archived.
    COUPON_USED_UP = "coupon_used_up"
    COUPON_USED_BY_CUSTOMER = "coupon_used_by_customer"  # As often as each customer may.
    LINK_ARCHIVED = "link_archived"  # Whose code was given as a referral code.
    LOCK_IN_ENDED = "lock_in_ended"  # The customer is not bound any more.
    KNOWN_CUSTOMER = "known_customer"  # The program pays for new customers only.
    YIELDED = "yielded"  # The buyer belongs to a program that this one gives way to.


class Model(StrEnum):
    """How a conversion is shared among the touches that count."""

    LAST = "last_touch"
    FIRST = "first_touch"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"


class Owner(NamedTuple):
    """Whose evidence a touch is."""

    program_id: UUID
    enrollment_id: UUID
    affiliate_id: UUID
    earning: bool  # The enrollment is approved.
    link_id: UUID | None = None
    destination_id: UUID | None = None  # Where the click led, if its row is there and says so.
    country: str = ""  # Of the click, likewise.


class Touch(NamedTuple):
    """One piece of evidence. Without an owner it could not be read."""

    kind: TouchKind
    at: datetime
    evidence: str  # The click id or the code, for the trace.
    owner: Owner | None
    bound_at: datetime | None = None  # Since when a CUSTOMER is known by it.
    refusal: Verdict | None = None  # What its owner's row says against it: a coupon's validity.
    is_assigned: bool = False  # A person gave the CUSTOMER to its owner.


@dataclass(frozen=True, slots=True)
class Policy:
    """What a program (or a goal of it) decides about who is credited."""

    program_id: UUID
    window_days: int
    model: Model = Model.LAST
    half_life_days: int = 7  # Of TIME_DECAY.
    coupon_first: bool = False
    new_customers_only: bool = False
    reactivation_days: int | None = None  # None: who is known stays known.
    lock_in_months: int | None = None  # None: for life; 0: not at all.


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the merchant knows of whoever reached the goal."""

    first_seen_at: datetime | None = None
    bought_at: tuple[datetime, ...] = ()  # Their other conversions that count.
    said_new: bool | None = None  # What the report says.
    belongs_elsewhere: bool = False  # To a program that this one gives way to.


NOBODY_KNOWN = Buyer()


class Judged(NamedTuple):
    """A touch with its verdict, and how much of the conversion it brings its owner."""

    touch: Touch
    verdict: Verdict
    share_ppm: int = 0


class Share(NamedTuple):
    """What attribution gives: parts per million of the conversion, to one owner."""

    owner: Owner
    share_ppm: int


class Outcome(NamedTuple):
    """The judged touches in order of time, and the shares: they sum to a million, or are none."""

    touches: tuple[Judged, ...]
    shares: tuple[Share, ...]
    winner: Touch | None = None  # By which the buyer is known from now on.


def attribute(
    touches: Sequence[Touch],
    *,
    policy: Policy,
    occurred_at: datetime,
    buyer: Buyer = NOBODY_KNOWN,
    assigned: Owner | None = None,
) -> Outcome:
    """Judge every touch, and share the conversion among those of the strongest evidence.

    Links (clicks and what they bound) come before coupons or after them, as the policy says, and
    referral codes at last. Among the touches that count the model decides. Whom a person has
    assigned it to gets all, whatever the touches say.
    """
    in_order = sorted(touches, key=lambda touch: (touch.at, touch.evidence))
    verdicts = [judge(touch, policy, occurred_at, buyer) for touch in in_order]
    if assigned is not None:
        judged = tuple(map(Judged, in_order, verdicts))
        return Outcome(judged, (Share(assigned, WHOLE_PPM),))
    accepted = [place for place, verdict in enumerate(verdicts) if verdict is Verdict.ACCEPTED]
    counting = _counting([(place, in_order[place]) for place in accepted], policy)
    if not counting:
        return Outcome(tuple(map(Judged, in_order, verdicts)), ())
    parts = shares_of([in_order[place].at for place in counting], policy, occurred_at)
    brings = dict(zip(counting, parts, strict=True))
    judged = tuple(
        Judged(touch, verdict, brings.get(place, 0))
        for place, (touch, verdict) in enumerate(zip(in_order, verdicts, strict=True))
    )
    winner = in_order[counting[0 if policy.model is Model.FIRST else -1]]
    return Outcome(judged, _by_enrollment(judged), winner)


def _counting(accepted: Sequence[tuple[int, Touch]], policy: Policy) -> list[int]:
    """Return the places of the touches that the conversion is shared among, in order of time."""
    links = _links(accepted, policy)
    coupons = [place for place, touch in accepted if touch.kind is TouchKind.COUPON]
    referrals = [place for place, touch in accepted if touch.kind is TouchKind.REFERRAL]
    by_strength = (coupons, links) if policy.coupon_first else (links, coupons)
    return next((places for places in (*by_strength, referrals) if places), [])


def _links(accepted: Sequence[tuple[int, Touch]], policy: Policy) -> list[int]:
    """Return the clicks, and what bound the customer: the earliest, or what a person decided.

    To the last touch a click is stronger than a binding, whenever it was.
    """
    clicks = [(place, touch) for place, touch in accepted if touch.kind is TouchKind.CLICK]
    places = [place for place, _touch in clicks]
    if clicks and policy.model is Model.LAST:
        return places[-1:]
    bound = _binding([pair for pair in accepted if pair[1].kind is TouchKind.CUSTOMER])
    if bound is not None and bound[1].evidence not in {touch.evidence for _place, touch in clicks}:
        places = sorted([*places, bound[0]])
    return places


def _binding(bindings: Sequence[tuple[int, Touch]]) -> tuple[int, Touch] | None:
    if not bindings:
        return None
    assigned = [pair for pair in bindings if pair[1].is_assigned]
    if assigned:
        return max(assigned, key=lambda pair: (pair[1].bound_at or pair[1].at, pair[1].at))
    return min(bindings, key=lambda pair: (pair[1].bound_at or pair[1].at, pair[1].at))


def _by_enrollment(judged: Sequence[Judged]) -> tuple[Share, ...]:
    """Return one share for each enrollment, by its last touch."""
    owners: dict[UUID, Owner] = {}
    sums: dict[UUID, int] = {}
    for item in judged:
        if item.share_ppm and item.touch.owner is not None:
            owner = item.touch.owner
            owners[owner.enrollment_id] = owner
            sums[owner.enrollment_id] = sums.get(owner.enrollment_id, 0) + item.share_ppm
    return tuple(Share(owners[id], share_ppm) for id, share_ppm in sums.items())


def shares_of(moments: Sequence[datetime], policy: Policy, occurred_at: datetime) -> list[int]:
    """Return the parts per million that touches at these moments, in order, bring; never empty.

    They sum to exactly a million: largest remainder, equal ones favour the earlier touch.
    """
    count = len(moments)
    match policy.model:
        case Model.LAST:
            return [0] * (count - 1) + [WHOLE_PPM]
        case Model.FIRST:
            return [WHOLE_PPM] + [0] * (count - 1)
        case Model.LINEAR:
            return split(WHOLE_PPM, [1] * count)
        case Model.POSITION:
            return _by_position(count)
        case Model.TIME_DECAY:
            return split(WHOLE_PPM, _decayed(moments, policy.half_life_days))


def _by_position(count: int) -> list[int]:
    if count <= 2:
        return split(WHOLE_PPM, [1] * count)
    ends = WHOLE_PPM * 2 // 5
    return [ends, *split(WHOLE_PPM - 2 * ends, [1] * (count - 2)), ends]


def _decayed(moments: Sequence[datetime], half_life_days: int) -> list[int]:
    """Return weights: half of the last touch's for each half-life that a touch is older.

    Decimals of a fixed precision, so that every machine rounds alike. What is so old that it would
    bring less than nothing measurable weighs nothing.
    """
    half_life = timedelta(days=half_life_days) // timedelta(microseconds=1)
    ages = [(moments[-1] - moment) // timedelta(microseconds=1) for moment in moments]
    with localcontext(prec=40):
        return [int(Decimal(2) ** (Decimal(-age) / half_life) * 10**18) for age in ages]


def judge(
    touch: Touch, policy: Policy, occurred_at: datetime, buyer: Buyer = NOBODY_KNOWN
) -> Verdict:
    """Return why the touch counts or not.

    Merchants report whole seconds, so a touch counts as before the event until the end of the
    event's second. A customer's binding is judged at the moment of the binding, and counts from
    then on, as long as the policy locks customers in.
    """
    if touch.owner is None:
        return Verdict.UNKNOWN
    if touch.owner.program_id != policy.program_id:
        return Verdict.OTHER_PROGRAM
    if touch.refusal is not None:
        return touch.refusal
    judged_at = touch.bound_at or occurred_at
    if touch.at >= second_after(judged_at) or judged_at >= second_after(occurred_at):
        return Verdict.AFTER_THE_EVENT
    if not touch.is_assigned and touch.at < judged_at - timedelta(days=policy.window_days):
        return Verdict.OUTSIDE_WINDOW
    if not touch.owner.earning:
        return Verdict.NOT_ENROLLED
    return _judge_buyer(touch, policy, occurred_at, buyer)


def _judge_buyer(touch: Touch, policy: Policy, occurred_at: datetime, buyer: Buyer) -> Verdict:
    if not touch.is_assigned:
        if _lock_in_ended(touch, policy, occurred_at):
            return Verdict.LOCK_IN_ENDED
        if policy.new_customers_only and is_known(touch, policy, occurred_at, buyer):
            return Verdict.KNOWN_CUSTOMER
    return Verdict.YIELDED if buyer.belongs_elsewhere else Verdict.ACCEPTED


def _lock_in_ended(touch: Touch, policy: Policy, occurred_at: datetime) -> bool:
    if touch.bound_at is None or policy.lock_in_months is None:
        return False
    return occurred_at >= months_after(touch.bound_at, policy.lock_in_months)


def is_known(touch: Touch, policy: Policy, occurred_at: datetime, buyer: Buyer) -> bool:
    """Return whether the merchant knew the buyer before the touch led them here.

    Known is whoever was seen before the touch, has bought before, or is said to be no new customer.
    Who has done nothing for `reactivation_days` is new again.
    """
    judged_at = touch.bound_at or occurred_at
    seen = [moment for moment in buyer.bought_at if moment < judged_at]
    if buyer.first_seen_at is not None and second_after(buyer.first_seen_at) <= touch.at:
        seen.append(buyer.first_seen_at)
    if seen and policy.reactivation_days is not None:
        return max(seen) >= judged_at - timedelta(days=policy.reactivation_days)
    said_known = buyer.said_new is False and touch.kind is not TouchKind.CUSTOMER
    return bool(seen) or said_known


def second_after(moment: datetime) -> datetime:
    """Return the beginning of the next second."""
    return moment.replace(microsecond=0) + timedelta(seconds=1)


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day and time so many months later, or the last day of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
