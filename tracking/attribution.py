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
    COUPON = "coupon"


class Verdict(StrEnum):
    """Why a touch counts, or does not."""

    ACCEPTED = "accepted"
    OUTSIDE_WINDOW = "outside_window"
    AFTER_THE_EVENT = "after_the_event"
    NOT_ENROLLED = "not_enrolled"  # The enrollment is not approved.
    OTHER_PROGRAM = "other_program"
    UNKNOWN = "unknown"  # A token that is not ours, or a code nobody owns.


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose evidence a touch is."""

    program_id: UUID
    enrollment_id: UUID
    affiliate_id: UUID
    earning: bool  # The enrollment is approved.
    link_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One piece of evidence. Without an owner it could not be read."""

    kind: TouchKind
    at: datetime
    evidence: str  # The click id or coupon code, for the trace.
    owner: Owner | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a program decides: the window. Model: last touch wins, a click before a coupon."""

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


def attribute(touches: Sequence[Touch], *, policy: Policy, occurred_at: datetime) -> Outcome:
    """Judge every touch and credit the last accepted click, else the last accepted coupon."""
    in_order = sorted(touches, key=lambda touch: (touch.at, touch.evidence))
    judged = tuple(Judged(touch, judge(touch, policy, occurred_at)) for touch in in_order)
    accepted = [item.touch for item in judged if item.verdict is Verdict.ACCEPTED]
    for kind in TouchKind:
        owners = [touch.owner for touch in accepted if touch.kind is kind and touch.owner]
        if owners:
            return Outcome(judged, (Share(owners[-1], WHOLE_PPM),))
    return Outcome(judged, ())


def judge(touch: Touch, policy: Policy, occurred_at: datetime) -> Verdict:
    """Return why the touch counts or not.

    Merchants report whole seconds, so a touch counts as before the event until the end of the
    event's second.
    """
    if touch.owner is None:
        return Verdict.UNKNOWN
    if touch.owner.program_id != policy.program_id:
        return Verdict.OTHER_PROGRAM
    if touch.at >= occurred_at.replace(microsecond=0) + timedelta(seconds=1):
        return Verdict.AFTER_THE_EVENT
    if touch.at < occurred_at - timedelta(days=policy.window_days):
        return Verdict.OUTSIDE_WINDOW
    if not touch.owner.earning:
        return Verdict.NOT_ENROLLED
    return Verdict.ACCEPTED
