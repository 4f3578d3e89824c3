"""The affiliate's tier: what it offers, how far the next one is, and how one got here."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.models import Enrollment
from affiliates.selectors import tier_moves_of
from commissions.ladders import Missing, TierProgress, tier_progress
from interfaces.portal.text import money
from programs.models import Metric
from programs.selectors import tiers_of

MONEY = (Metric.REVENUE, Metric.COMMISSION)
MOVES_SHOWN = 10


def tier_told(enrollment: Enrollment, *, at: datetime) -> dict[str, Any] | None:
    """Return what the page says of the tier; None if the program has none."""
    tiers = tiers_of(enrollment.program)
    if not tiers and enrollment.tier is None:
        return None
    progress = tier_progress(enrollment, at=at)
    currency = enrollment.program.currency
    return {
        "tier": enrollment.tier,
        "since": enrollment.tier_since,
        "tiers": [{"tier": tier, "is_mine": tier.id == enrollment.tier_id} for tier in tiers],
        "moves": tier_moves_of(enrollment)[:MOVES_SHOWN],
        **(_progress_told(progress, currency) if progress else {}),
    }


def _progress_told(progress: TierProgress, currency: str) -> dict[str, Any]:
    until = progress.ends_at
    return {
        "period": progress.ladder.get_period_display(),
        "upper": progress.upper,
        "bars": [_bar(row, currency, until) for row in progress.missing],
        "falls_at": progress.falls_at,
        "keeps": [_bar(row, currency, until) for row in progress.keeps],
    }


def _bar(row: Missing, currency: str, until: datetime | None) -> dict[str, Any]:
    """Return one target as a bar: "€320.00 more until 31 December"."""
    return {
        "label": Metric(row.metric).label,
        "value": min(row.reached, row.minimum),
        "max": row.minimum,
        "text": _missing(row, currency, until),
    }


def _missing(row: Missing, currency: str, until: datetime | None) -> str:
    if not row.rest:
        return _("reached")
    if row.metric in MONEY:
        more = _("%(amount)s more") % {"amount": money(row.rest, currency)}
    else:
        more = ngettext("%(count)s more", "%(count)s more", row.rest) % {"count": row.rest}
    if until is None:
        return more
    last = date_format(until - until.resolution, "MONTH_DAY_FORMAT")
    return _("%(more)s until %(day)s") % {"more": more, "day": last}
