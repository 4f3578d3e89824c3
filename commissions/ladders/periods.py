"""Over which time figures count. Calendar periods are by the clock in UTC; others roll."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from commissions.periods import ALL_TIME, period_end, period_start
from programs.models import Period

ROLLING_DAYS: Final = {Period.DAYS_30: 30, Period.DAYS_90: 90, Period.DAYS_365: 365}
CALENDAR: Final = (Period.MONTH, Period.QUARTER)


@dataclass(frozen=True, slots=True)
class Window:
    """From when on conversions count, and until when: the last moment is not in it."""

    since: datetime
    until: datetime


def running_window(period: str, at: datetime) -> Window:
    """Return the time whose figures let somebody rise."""
    until = at + timedelta(microseconds=1)  # What happened at this moment counts.
    if period in ROLLING_DAYS:
        return Window(at - timedelta(days=ROLLING_DAYS[Period(period)]), until)
    if period in CALENDAR:
        return Window(period_start(period, at), until)
    return Window(ALL_TIME, until)


def closed_window(period: str, at: datetime) -> Window:
    """Return the time whose figures let somebody fall: the last whole calendar period."""
    if period not in CALENDAR:
        return running_window(period, at)
    until = period_start(period, at)
    return Window(period_start(period, until - until.resolution), until)


def ends_at(period: str, at: datetime) -> datetime | None:
    """Return when the calendar period of this moment ends; None where periods roll."""
    return period_end(period, at) if period in CALENDAR else None
