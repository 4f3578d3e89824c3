"""The days that clicks are stored in: made ahead, so that no visitor waits for one."""

from datetime import datetime, timedelta

from django.db import connection

DAYS_AHEAD = 9


def make_click_partitions(*, at: datetime) -> int:
    """Make the partitions from yesterday to nine days ahead; return how many were missing.

    Safe to repeat, and to run twice at once.
    """
    first_day = (at - timedelta(days=1)).date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, %s)", [first_day, DAYS_AHEAD + 2])
        made: int = cursor.fetchone()[0]
    return made
