"""For whom something is, in choices to tick and in words."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from interfaces.console.wording import locale_now
from programs.models import Targeted
from programs.services import DEVICES as KNOWN_DEVICES
from programs.services import countries, languages
from programs.targeting import Targeting, Visitor

Choices = list[tuple[str, str]]

DEVICES = {  # What tracking.visits tells apart.
    "phone": gettext_lazy("Phone"),
    "tablet": gettext_lazy("Tablet"),
    "desktop": gettext_lazy("Computer"),
    "tv": gettext_lazy("Television"),
}
SYSTEMS = (  # As ua-parser names the families that people still use.
    *("Android", "iOS", "Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS"),
    *("Fedora", "HarmonyOS", "KaiOS", "Tizen", "webOS", "tvOS", "Roku"),
)
WEEK = range(1, 8)


def country_choices() -> Choices:
    """Return every country by its name in the reader's language."""
    return _countries(locale_now())


def language_choices() -> Choices:
    """Return every language that browsers name by two letters."""
    return _languages(locale_now())


def device_choices() -> Choices:
    """Return the kinds of device."""
    return [(code, str(DEVICES[code])) for code in KNOWN_DEVICES]


def system_choices() -> Choices:
    """Return the operating systems."""
    return [(name, name) for name in SYSTEMS]


def weekday_choices() -> Choices:
    """Return the days of the week, Monday first."""
    names = Locale.parse(locale_now()).days["stand-alone"]["abbreviated"]
    return [(str(day), names[day - 1]) for day in WEEK]


def hour_choices(*, until: bool = False) -> Choices:
    """Return the hours that a time of day begins with, or ends before."""
    hours = range(1, 25) if until else range(24)
    return [("", _("any")), *((str(hour), f"{hour:02}:00") for hour in hours)]


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, Choices]]:
    """Return the time zones by part of the world."""
    areas: dict[str, Choices] = {"UTC": [("UTC", "UTC")]}
    for name in sorted(available_timezones()):
        area, _slash, place = name.partition("/")
        if place and area not in ("Etc", "SystemV", "US", "posix", "right"):
            areas.setdefault(area, []).append((name, place.replace("_", " ")))
    return list(areas.items())


@lru_cache(maxsize=10)
def _countries(locale: str) -> Choices:
    names = Locale.parse(locale).territories
    return _by_name({code: names.get(code, code) for code in countries()})


@lru_cache(maxsize=10)
def _languages(locale: str) -> Choices:
    names = Locale.parse(locale).languages
    return _by_name({code: names[code] for code in languages() if len(code) == 2 and code in names})


def _by_name(names: dict[str, str]) -> Choices:
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


# Words -------------------------------------------------------------------------------------------


def country_name(code: str) -> str:
    """Return a country's name; the code itself if it is none."""
    return dict(country_choices()).get(code, code)


def language_name(code: str) -> str:
    """Return a language's name; the code itself if it is none."""
    return dict(language_choices()).get(code, code)


def audience_words(row: Targeted) -> list[str]:
    """Return for whom a row is, a phrase for each condition; empty for everybody."""
    phrases = [
        _listed([country_name(code) for code in row.countries]),
        _listed([str(DEVICES.get(code, code)) for code in row.devices]),
        _listed(row.systems),
        _listed([language_name(code) for code in row.languages]),
        _hours(row),
        _dates(row),
    ]
    return [phrase for phrase in phrases if phrase]


def _listed(names: Sequence[str], shown: int = 3) -> str:
    if len(names) <= shown + 1:
        return ", ".join(names)
    some = ", ".join(names[:shown])
    return _("%(some)s and %(count)s more") % {"some": some, "count": len(names) - shown}


def _hours(row: Targeted) -> str:
    names = dict(weekday_choices())
    days = ", ".join(names[str(day)] for day in sorted(row.weekdays))
    if row.hour_from is None or row.hour_until is None:
        return f"{days} ({row.time_zone})" if days else ""
    hours = f"{row.hour_from:02}:00–{row.hour_until:02}:00"
    return f"{days} {hours} ({row.time_zone})".strip()


def _dates(row: Targeted) -> str:
    first, last = _moment(row.starts_at, row), _moment(row.ends_at, row)
    if first and last:
        return _("from %(first)s until %(last)s") % {"first": first, "last": last}
    if first:
        return _("from %(first)s") % {"first": first}
    return _("until %(last)s") % {"last": last} if last else ""


def _moment(at: datetime | None, row: Targeted) -> str:
    if at is None:
        return ""
    return date_format(at.astimezone(ZoneInfo(row.time_zone)), "SHORT_DATETIME_FORMAT")


# Who would go where ------------------------------------------------------------------------------

CONDITIONS = {  # What each part of a targeting asks, and the defaults that ask nothing.
    "countries": gettext_lazy("another country"),
    "devices": gettext_lazy("another device"),
    "systems": gettext_lazy("another system"),
    "languages": gettext_lazy("another language"),
    "weekdays": gettext_lazy("another day of the week"),
}


def misfits(targeting: Targeting, visitor: Visitor, at: datetime) -> list[str]:
    """Return in words what keeps a visitor from matching; empty if they match."""
    anybody = Targeting(time_zone=targeting.time_zone)
    found = [
        str(words)
        for name, words in CONDITIONS.items()
        if not anybody._replace(**{name: getattr(targeting, name)}).matches(visitor, at)
    ]
    hours = anybody._replace(hour_from=targeting.hour_from, hour_until=targeting.hour_until)
    if not hours.matches(visitor, at):
        found.append(pgettext("a destination's hours", "another time of day"))
    if at.timestamp() < targeting.starts_at:
        found.append(_("not started yet"))
    if at.timestamp() >= targeting.ends_at:
        found.append(_("over"))
    return found
