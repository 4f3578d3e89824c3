"""Targeting as columns: checked, and read back."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from math import isinf
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from programs.models import Destination
from programs.targeting import Targeting

DEVICES = ("phone", "tablet", "desktop", "tv")
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})  # Babel's, yet no country.
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


@cache
def countries() -> frozenset[str]:
    """Return the ISO 3166-1 codes of two letters, and XK for Kosovo."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - NO_COUNTRIES


@cache
def languages() -> frozenset[str]:
    """Return the ISO 639 codes, in lower case."""
    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if code.isalpha() and code.islower())


def columns_of(targeting: Targeting) -> dict[str, Any]:
    """Return the columns of `Targeted` that say the same.

    :raises BadValue: naming the column whose value cannot be.
    """
    columns = {
        "countries": _members("countries", targeting.countries, countries()),
        "devices": _members("devices", targeting.devices, DEVICES),
        "systems": list(dict.fromkeys(targeting.systems)),
        "languages": _members("languages", targeting.languages, languages()),
        "weekdays": _weekdays(targeting.weekdays),
        **_hours(targeting),
        "time_zone": _time_zone(targeting.time_zone),
        **_window(targeting),
        "priority": targeting.priority,
        "weight": targeting.weight,
    }
    return {name: cleaned(Destination, name, value) for name, value in columns.items()}


def _members(field: str, values: Collection[str], known: Collection[str]) -> list[str]:
    for value in values:
        if value not in known:
            message = _("“%s” is not known here.") % value[:60]
            raise BadValue(field, f"unknown_{field}", message)
    return sorted(set(values))


def _weekdays(days: Collection[int]) -> list[int]:
    if not set(days) <= set(range(1, 8)):
        raise BadValue("weekdays", "unknown_weekdays", _("Days are 1 for Monday to 7 for Sunday."))
    return sorted(set(days))


def _hours(targeting: Targeting) -> dict[str, int | None]:
    first, last = targeting.hour_from, targeting.hour_until
    if first is None and last is None:
        return {"hour_from": None, "hour_until": None}
    if first is None or last is None:
        missing = "hour_from" if first is None else "hour_until"
        raise BadValue(missing, "half_open", _("Give both hours, or neither."))
    if not 0 <= first <= 23:
        raise BadValue("hour_from", "out_of_range", _("Hours begin from 0 to 23."))
    if not 1 <= last <= 24 or first == last:
        message = _("Hours end from 1 to 24, and not where they begin.")
        raise BadValue("hour_until", "out_of_range", message)
    return {"hour_from": first, "hour_until": last}


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = _("“%s” is no time zone: write Europe/Berlin.") % name[:60]
        raise BadValue("time_zone", "unknown_time_zone", message) from error
    return name


def _window(targeting: Targeting) -> dict[str, datetime | None]:
    starts_at = _moment("starts_at", targeting.starts_at)
    ends_at = _moment("ends_at", targeting.ends_at)
    require_window(starts_at, ends_at)
    return {"starts_at": starts_at, "ends_at": ends_at}


def _moment(field: str, seconds: float) -> datetime | None:
    if isinf(seconds):
        return None
    if not 0 <= seconds < LATEST:
        raise BadValue(field, "out_of_range", _("This time is too far away."))
    return datetime.fromtimestamp(seconds, tz=UTC)


def require_window(
    starts_at: datetime | None, ends_at: datetime | None, *, field: str = "ends_at"
) -> None:
    """Return quietly when the one is before the other, or one of them is open.

    :raises BadValue: naming `field` otherwise.
    """
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        raise BadValue(field, "ends_before_it_starts", _("The end must be after the start."))
