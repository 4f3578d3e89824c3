"""How well an affiliate does: 0 to 100 from what happened, with the reasons. Pure.

Of the 100 points 35 are for activity, 20 for the trend, 20 for quality, 15 for keeping the rules
and 10 for a complete profile. docs/affiliates.md works an example.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CLICKS_BUSY = 20  # In 30 days: as active as it needs to be.
UNDONE_PPM_MAX = 300_000  # Of conversions declined or taken back: from here on no point is left.
SETTLING_DAYS = 14  # Before that, silence says nothing.


class Band(models.TextChoices):
    """What a score means at a glance."""

    GOOD = "GOOD", _("Good")
    FAIR = "FAIR", _("Fair")
    POOR = "POOR", _("Poor")

    @property
    def limits(self) -> tuple[int, int]:
        """The lowest and the highest score of the band."""
        return {Band.GOOD: (70, 100), Band.FAIR: (40, 69), Band.POOR: (0, 39)}[self]


def band_of(score: int) -> Band:
    """Return the band that a score is in."""
    return next(band for band in Band if score >= band.limits[0])


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is known of an enrollment. Clicks are those of people."""

    days: int  # Since it was approved.
    clicks: int = 0  # In the last 30 days.
    clicks_before: int = 0  # In the 30 days before.
    conversions: int = 0  # Credited, in the last 90 days.
    undone: int = 0  # Of these, declined or taken back.
    warnings: int = 0  # Open violations that only warn.
    breaches: int = 0  # Open violations that are worse.
    profile_gaps: int = 0  # Of website or channel, audience, and what they say of themselves.


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the score: what was found, and how many of its points that earned."""

    words: Promise | str
    points: int
    of: int


@dataclass(frozen=True, slots=True)
class Health:
    """The score, and what it is made of; without a score there is too little to judge."""

    score: int | None
    reasons: tuple[Reason, ...]


def judge_health(vitals: Vitals) -> Health:
    """Return how well an enrollment does."""
    reasons = (
        _activity(vitals),
        _trend(vitals),
        _quality(vitals),
        _rules(vitals),
        _profile(vitals),
    )
    silent = not vitals.clicks and not vitals.conversions
    if vitals.days < SETTLING_DAYS and silent and not vitals.warnings and not vitals.breaches:
        return Health(None, reasons)
    return Health(sum(reason.points for reason in reasons), reasons)


def _activity(vitals: Vitals) -> Reason:
    clicks = min(vitals.clicks, CLICKS_BUSY) * 20 // CLICKS_BUSY
    sold = 15 if vitals.conversions else 0
    if not vitals.clicks and not sold:
        return Reason(_("No visitor in 30 days"), 0, 35)
    if not sold:
        return Reason(_("Visitors, but no sale in 90 days"), clicks, 35)
    return Reason(_("Brings visitors and sales"), clicks + sold, 35)


def _trend(vitals: Vitals) -> Reason:
    now, before = vitals.clicks, vitals.clicks_before
    if not now and not before:
        return Reason(_("Nothing to compare yet"), 10 if vitals.days < 60 else 0, 20)
    if now * 10 >= before * 9:
        return Reason(_("As many visitors as in the 30 days before, or more"), 20, 20)
    if now * 2 >= before:
        return Reason(_("Fewer visitors than in the 30 days before"), 10, 20)
    return Reason(_("Less than half the visitors of the 30 days before"), 0, 20)


def _quality(vitals: Vitals) -> Reason:
    if not vitals.conversions:
        return Reason(_("No sale yet to judge"), 10, 20)
    undone_ppm = vitals.undone * 1_000_000 // vitals.conversions
    points = 20 - min(undone_ppm, UNDONE_PPM_MAX) * 20 // UNDONE_PPM_MAX
    if points == 20:
        return Reason(_("Hardly any sale is declined or taken back"), points, 20)
    return Reason(_("Sales are declined or taken back"), points, 20)


def _rules(vitals: Vitals) -> Reason:
    if vitals.breaches:
        return Reason(_("A violation is open"), 0, 15)
    if vitals.warnings:
        return Reason(_("Was warned"), 7, 15)
    return Reason(_("Keeps the rules"), 15, 15)


def _profile(vitals: Vitals) -> Reason:
    points = 10 - min(vitals.profile_gaps, 3) * 10 // 3
    words = _("The profile is complete") if points == 10 else _("The profile has gaps")
    return Reason(words, points, 10)
