"""Caps: what is counted together, and from when on. Pure; see `tracking.models.Cap`.

Both the edge, for clicks, and the worker, for conversions, ask here, so that they mean the same
row of `tracking_capuse`: (merchant, cap, counted, period_start).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from tracking.models import Cap, CapAction, CapPeriod, CapScope, CapUnit

ALL_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVERYTHING: Final = ""  # What a cap on the whole program counts.
CLICKS: Final[str] = CapUnit.CLICKS.value
CONVERSIONS: Final[str] = CapUnit.CONVERSIONS.value
FALLBACK: Final[str] = CapAction.FALLBACK.value

HOUR: Final[str] = CapPeriod.HOUR.value
DAY: Final[str] = CapPeriod.DAY.value
MONTH: Final[str] = CapPeriod.MONTH.value
DESTINATION: Final[str] = CapScope.DESTINATION.value
ENROLLMENT: Final[str] = CapScope.ENROLLMENT.value
COUNTRY: Final[str] = CapScope.COUNTRY.value


class CapRule(NamedTuple):
    """A cap as plain values."""

    id: str
    unit: str
    period: str
    scope: str
    named: str  # The one destination, enrollment or country; empty: each is counted by itself.
    limit: int
    is_hard: bool
    beyond: str


class Subject(NamedTuple):
    """What a click or conversion is, to a cap. Empty where nothing is known."""

    enrollment_id: str
    destination_id: str  # Of the program's destinations.
    country: str


def rule_of(cap: Cap) -> CapRule:
    """Return a cap's row as plain values."""
    named = cap.destination_id or cap.enrollment_id or cap.country or ""
    return CapRule(
        id=str(cap.id),
        unit=cap.unit,
        period=cap.period,
        scope=cap.scope,
        named=str(named),
        limit=cap.limit,
        is_hard=cap.is_hard,
        beyond=cap.beyond,
    )


def period_start(period: str, at: datetime) -> datetime:
    """Return when the period of this moment began, by the UTC clock; 1970 for all time."""
    at = at.astimezone(UTC)
    if period == HOUR:
        return at.replace(minute=0, second=0, microsecond=0)
    if period == DAY:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == MONTH:
        return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return ALL_TIME


def counted_of(cap: CapRule, subject: Subject) -> str | None:
    """Return the name that a cap counts the subject under, or None if it does not concern it.

    What came to none of the destinations is no destination's; an unknown country is a country of
    its own, so that nobody escapes a cap by hiding where they are.
    """
    if cap.scope == ENROLLMENT:
        counted = subject.enrollment_id
    elif cap.scope == DESTINATION:
        counted = subject.destination_id
        if not counted:
            return None
    elif cap.scope == COUNTRY:
        counted = subject.country
    else:
        return EVERYTHING
    return counted if cap.named in ("", counted) else None


class Counter(NamedTuple):
    """One row of `tracking_capuse`, by its name."""

    merchant_id: str
    cap_id: str
    counted: str
    period_start: datetime


def counter_of(cap: CapRule, subject: Subject, *, merchant_id: str, at: datetime) -> Counter | None:
    """Return where the subject is counted, or None if the cap does not concern it."""
    counted = counted_of(cap, subject)
    if counted is None:
        return None
    return Counter(merchant_id, cap.id, counted, period_start(cap.period, at))


def counters_of(
    caps: Sequence[CapRule], subject: Subject, *, merchant_id: str, at: datetime
) -> list[tuple[CapRule, Counter]]:
    """Return the caps that concern the subject, each with where it is counted."""
    found = []
    for cap in caps:
        counter = counter_of(cap, subject, merchant_id=merchant_id, at=at)
        if counter is not None:
            found.append((cap, counter))
    return found
