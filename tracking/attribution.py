"""Who is credited: a pure function over touches and a policy (docs/attribution.md).

Evidence is brought in by the caller; nothing here reads a table or a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from common.money import WHOLE_PPM


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
    LINK_ARCHIVED = "link_archived"  # Whose code was given as a referral code.


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose evidence a touch is."""

    program_id: UUID
    enrollment_id: UUID
    affiliate_id: UUID
    earning: bool  # The enrollment is approved.
    link_id: UUID | None = None
    destination_id: UUID | None = None  # Where the click led, if its row is there and says so.
    country: str = ""  # Of the click, likewise.


@dataclass(frozen=True, slots=True)
class Touch:
    """One piece of evidence. Without an owner it could not be read."""

    kind: TouchKind
    at: datetime
    evidence: str  # The click id or the code, for the trace.
    owner: Owner | None
    bound_at: datetime | None = None  # Since when a CUSTOMER is known by it.
    refusal: Verdict | None = None  # What its owner's row says against it: a coupon's validity.


@dataclass(frozen=True, slots=True)
class Policy:
    """What a program decides: the window. Model: last touch of the strongest kind wins."""

    program_id: UUID
    window_days: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A touch with its verdict."""

    touch: Touch
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Share:
    """What attribution gives: parts per million of the conversion, to one owner."""

    owner: Owner
    share_ppm: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judged touches in order of time, and the shares: they sum to a million, or are none."""

    touches: tuple[Judged, ...]
    shares: tuple[Share, ...]
    winner: Touch | None = None  # By which the shares are given.


def attribute(touches: Sequence[Touch], *, policy: Policy, occurred_at: datetime) -> Outcome:
    """Judge every touch and credit the strongest kind that has an accepted one.

    Of several of a kind the last wins; of what bound a customer, the first.
    """
    in_order = sorted(touches, key=lambda touch: (touch.at, touch.evidence))
    judged = tuple(Judged(touch, judge(touch, policy, occurred_at)) for touch in in_order)
    accepted = [item.touch for item in judged if item.verdict is Verdict.ACCEPTED]
    for kind in TouchKind:
        winner = _winner(kind, [touch for touch in accepted if touch.kind is kind])
        if winner is not None and winner.owner is not None:
            return Outcome(judged, (Share(winner.owner, WHOLE_PPM),), winner)
    return Outcome(judged, ())


def _winner(kind: TouchKind, accepted: Sequence[Touch]) -> Touch | None:
    if not accepted:
        return None
    if kind is TouchKind.CUSTOMER:
        return min(accepted, key=lambda touch: (touch.bound_at or touch.at, touch.at))
    return accepted[-1]


def judge(touch: Touch, policy: Policy, occurred_at: datetime) -> Verdict:
    """Return why the touch counts or not.

    Merchants report whole seconds, so a touch counts as before the event until the end of the
    event's second. A customer's binding is judged at the moment of the binding, and counts for
    everything from then on.
    """
    if touch.owner is None:
        return Verdict.UNKNOWN
    if touch.owner.program_id != policy.program_id:
        return Verdict.OTHER_PROGRAM
    if touch.refusal is not None:
        return touch.refusal
    judged_at = touch.bound_at or occurred_at
    if touch.at >= _second_after(judged_at) or judged_at >= _second_after(occurred_at):
        return Verdict.AFTER_THE_EVENT
    if touch.at < judged_at - timedelta(days=policy.window_days):
        return Verdict.OUTSIDE_WINDOW
    if not touch.owner.earning:
        return Verdict.NOT_ENROLLED
    return Verdict.ACCEPTED


def _second_after(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=1)
