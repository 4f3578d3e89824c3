"""When to look again. Pure: the moments come from outside."""

from datetime import datetime, timedelta

from django.conf import settings

from payouts.providers.base import ApiProvider

LOOKS_PER_SETTLING = 6
OPEN_MAX = timedelta(hours=6)  # Between two questions about what is on its way.
SETTLED = timedelta(days=1)  # Between two questions about what was paid and may come back.
PATIENCE = 4  # A call that is this many times older may wait that much longer.


def lease() -> timedelta:
    """Return how long a call belongs to whoever began it: longer than any task may run."""
    return timedelta(seconds=settings.PAYOUT_LEASE_SECONDS)


def settling() -> timedelta:
    """Return how long "not found" means nothing, as the provider may still be working."""
    return timedelta(seconds=settings.PAYOUT_SETTLE_SECONDS)


def next_look(*, started_at: datetime, at: datetime) -> datetime:
    """Return when to ask again about a call whose fate is unknown: soon, then more rarely."""
    soonest = settling() / LOOKS_PER_SETTLING
    return at + max(soonest, min((at - started_at) / PATIENCE, timedelta(hours=1)))


def next_try(*, started_at: datetime, at: datetime, after: timedelta | None) -> datetime:
    """Return when to make a call again that they had no time for."""
    if after is not None:
        return at + min(after, timedelta(hours=1))
    soonest = _poll_min()
    return at + max(soonest, min((at - started_at) / PATIENCE, timedelta(minutes=10)))


def next_poll(*, started_at: datetime, at: datetime) -> datetime:
    """Return when to ask again about payouts that are on their way."""
    return at + max(_poll_min(), min((at - started_at) / PATIENCE, OPEN_MAX))


def next_check(
    provider: ApiProvider, *, started_at: datetime, at: datetime, is_open: bool
) -> datetime | None:
    """Return when to ask again about an accepted call, or None: nothing can change any more."""
    if is_open:
        return next_poll(started_at=started_at, at=at)
    if at - started_at < provider.may_return_for:
        return at + SETTLED
    return None


def is_remembered(provider: ApiProvider, *, started_at: datetime, at: datetime) -> bool:
    """Return whether sending the same key again still pays once at the most."""
    return started_at > forgotten_until(provider, at=at)


def forgotten_until(provider: ApiProvider, *, at: datetime) -> datetime:
    """Return up to which start the provider may have forgotten a call's key.

    The last tenth of the time is left alone: clocks differ, and a call takes a while.
    """
    return at - provider.remembers * 0.9


def _poll_min() -> timedelta:
    return timedelta(seconds=settings.PAYOUT_POLL_SECONDS)
