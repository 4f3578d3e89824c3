"""Calendar periods, by the clock in UTC: of budgets, bonuses and whatever else counts by them."""

from datetime import UTC, datetime, timedelta
from typing import Final

from commissions.models import BudgetPeriod

ALL_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def period_start(period: str, at: datetime) -> datetime:
    """Return when the period of this moment began; 1970 for all time. Weeks begin on Monday."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == BudgetPeriod.DAY:
        return midnight
    if period == BudgetPeriod.WEEK:
        return midnight - timedelta(days=midnight.weekday())
    if period == BudgetPeriod.MONTH:
        return midnight.replace(day=1)
    if period == BudgetPeriod.QUARTER:
        return midnight.replace(month=(midnight.month - 1) // 3 * 3 + 1, day=1)
    if period == BudgetPeriod.YEAR:
        return midnight.replace(month=1, day=1)
    return ALL_TIME


def period_end(period: str, at: datetime) -> datetime | None:
    """Return when the period of this moment ends and the next begins; None if it never does."""
    beyond = {  # From the start of one to some moment of the next.
        BudgetPeriod.DAY: 1,
        BudgetPeriod.WEEK: 7,
        BudgetPeriod.MONTH: 31,
        BudgetPeriod.QUARTER: 92,
        BudgetPeriod.YEAR: 366,
    }
    if period not in beyond:
        return None
    start = period_start(period, at)
    return period_start(period, start + timedelta(days=beyond[BudgetPeriod(period)]))
