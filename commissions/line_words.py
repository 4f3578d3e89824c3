"""What a line is for, in words, where no conversion says it. Nothing here reads a table."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commissions.models import Commission, Kind


def describe_line(line: Commission) -> str:
    """Return what a line of no conversion is for: “100 conversions in March 2026”; maybe empty."""
    describe = {
        Kind.BONUS: _bonus,
        Kind.FLAT: _flat,
        Kind.TRAFFIC: _traffic,
        Kind.MANUAL: _said,
        Kind.WRITE_OFF: _said,
    }.get(Kind(line.kind))
    return _said(line) or (describe(line) if describe else "")


def _said(line: Commission) -> str:
    return str(line.facts.get("reason", ""))


def _bonus(line: Commission) -> str:
    milestone = line.facts.get("milestone")
    if not isinstance(milestone, int) or line.facts.get("counts") == "AMOUNT":
        return _period(line.facts)
    words = {
        "CONVERSIONS": ngettext("%(count)s conversion", "%(count)s conversions", milestone),
        "NEW_CUSTOMERS": ngettext("%(count)s new customer", "%(count)s new customers", milestone),
    }
    counted = words.get(str(line.facts.get("counts")), "") % {"count": milestone}
    return " · ".join(part for part in (counted, _period(line.facts)) if part)


def _period(facts: dict[str, object]) -> str:
    """Return the calendar period that facts name, by its first day."""
    start = _day(str(facts.get("period_start", "")))
    formats = {"DAY": "SHORT_DATE_FORMAT", "MONTH": "YEAR_MONTH_FORMAT", "YEAR": "Y"}
    period = str(facts.get("period", ""))
    if start is None or period in ("ALL", "ONCE"):
        return ""
    if period in formats:
        return date_format(start, formats[period])
    return _("from %(day)s") % {"day": date_format(start, "SHORT_DATE_FORMAT")}


def _flat(line: Commission) -> str:
    month = _day(f"{line.event_ref.removesuffix(':cut').rpartition(':')[2]}-01")
    return date_format(month, "YEAR_MONTH_FORMAT") if month else pgettext("paid", "once")


def _traffic(line: Commission) -> str:
    day = _day(str(line.facts.get("day", "")) or line.event_ref.rpartition(":")[2])
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
