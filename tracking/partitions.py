"""The days that clicks and visitors are stored in: made ahead, and dropped when they are old.

A day is a table of its own, so dropping it takes no longer than its name. What the days summed up
to stays in the rollups. Letting go is for the role of operations: no page could be made to do it.
"""

from datetime import datetime, timedelta

from django.db import connection, connections

from merchants.tenancy import OPS

DAYS_AHEAD = 9
VISITOR_DAYS = 1  # Besides today: a hash of the day before tells who is new within 24 hours.


def make_click_partitions(*, at: datetime) -> int:
    """Make the partitions from yesterday to nine days ahead; return how many were missing.

    Safe to repeat, and to run twice at once.
    """
    first_day = (at - timedelta(days=1)).date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, %s)", [first_day, DAYS_AHEAD + 2])
        made: int = cursor.fetchone()[0]
    return made


def drop_old_days(*, at: datetime, retention_days: int) -> int:
    """Drop days of clicks after the retention and of visitors after 48 hours; return how many.

    Safe to repeat. Whoever reads such a day is waited for two seconds at most.

    :raises django.db.OperationalError: if that was not enough; then nothing is dropped.
    """
    today = at.date()
    clicks_before = today - timedelta(days=retention_days)
    with connections[OPS].cursor() as cursor:
        cursor.execute(
            "SELECT drop_click_partitions(%s, %s)",
            [clicks_before, today - timedelta(days=VISITOR_DAYS)],
        )
        dropped: int = cursor.fetchone()[0]
    return dropped


def forget_visitor_salts(*, at: datetime) -> int:
    """Delete the salts of days before yesterday; return how many. Safe to repeat.

    From then on nobody can tell whose the hashes of these days were.
    """
    with connections[OPS].cursor() as cursor:
        cursor.execute(
            "SELECT forget_visitor_salts(%s)", [at.date() - timedelta(days=VISITOR_DAYS)]
        )
        forgotten: int = cursor.fetchone()[0]
    return forgotten
