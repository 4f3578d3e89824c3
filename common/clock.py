"""The one clock. Interfaces and tasks read it once and pass `at` on; domain code never reads it."""

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """Return the present, aware and in UTC, moved by FAIRLEAD_CLOCK_OFFSET_SECONDS.

    The offset lets a development stack live in the future: a hold of thirty days can be watched
    passing. Settings refuse it in production.
    """
    at, offset = datetime.now(UTC), settings.CLOCK_OFFSET_SECONDS
    return at + timedelta(seconds=offset) if offset else at
