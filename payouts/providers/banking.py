"""What files for banks share: the letters they can write, and the days they work."""

import re
from datetime import date, timedelta

from text_unidecode import unidecode

OUTSIDE_LATIN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")  # What SEPA's own rules allow.
SATURDAY = 5


def latin(text: str, *, longest: int) -> str:
    """Return the text in the letters that every bank can write: Łukasz is Lukasz.

    May be empty, if there is nothing of it that could be written.
    """
    written = unidecode(text).replace("&", "+").replace("@", "(at)").replace("_", "-")
    plain = " ".join(OUTSIDE_LATIN.sub(" ", written).split())
    # A slash at either end, or two of them, have a meaning of their own there.
    return re.sub("/{2,}", "/", plain)[:longest].strip("/ ")


def weekday_from(day: date) -> date:
    """Return the day, or the Monday after it. Holidays are the bank's to know: it moves them on."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= SATURDAY else 0)
