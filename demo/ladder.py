"""Acme's ladder: two tiers that figures open, below the one that Alice gives by hand.

Neither has rates of its own, so that Bob's sales stay a plain percentage.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from commissions.ladders import climb
from demo.history import History
from merchants.rights import Role
from programs.models import Metric, Period
from programs.services import create_tier, set_ladder

MADE_DAYS_AGO: Final = 41  # A day before the tier that is given by hand.
ON_DAYS_AGO: Final = 34
CLIMBED_DAYS_AGO: Final = (34, 30, 26, 22, 18, 14, 11, 8, 5, 3, 2, 1)
TIERS: Final = (
    ("Deckhands", 2, "A link checker, and our answer within two days.", {Metric.CONVERSIONS: 3}),
    (
        "Bosuns",
        5,
        "A code of your own, and samples of whatever you want to write about.",
        {Metric.CONVERSIONS: 8, Metric.REVENUE: 60_000},
    ),
)
Act = Callable[[History, datetime], None]
LADDER: Final = {
    "period": Period.DAYS_30,
    "is_automatic": True,
    "demotes": True,
    "grace_days": 5,
    "lock_days": 7,
}


def plan_ladder(history: History) -> None:
    """Plan the tiers, the day on which the ladder was switched on, and its daily rounds."""
    _plan(history, MADE_DAYS_AGO, 9.0, _make_tiers)
    _plan(history, ON_DAYS_AGO, 2.0, _switch_on)
    for days_ago in CLIMBED_DAYS_AGO:
        _plan(history, days_ago, 3.0, _climb)
    history.agenda.plan(history.now, partial(_climb, history))


def _plan(history: History, days_ago: int, hour: float, action: Act) -> None:
    at = history.day(days_ago) + timedelta(hours=hour)
    history.agenda.plan(at, partial(action, history))


def _make_tiers(history: History, at: datetime) -> None:
    program, by = history.stage.program, history.stage.acting(Role.OWNER)
    for name, position, benefits, targets in TIERS:
        create_tier(
            program=program,
            name=name,
            position=position,
            benefits=benefits,
            targets={metric.value: minimum for metric, minimum in targets.items()},
            by=by,
            at=at,
        )


def _switch_on(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.OWNER)
    set_ladder(program=history.stage.program, changes=LADDER, by=by, at=at)


def _climb(history: History, at: datetime) -> None:
    climb(merchant_id=history.stage.id, at=at)
