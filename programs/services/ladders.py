"""Ladders: how a program moves affiliates between its tiers, and ready-made ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import exponent_of
from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import Ladder, Metric, Period, Program, Tier
from programs.services.history import record
from programs.services.tiers import create_tier

EDITABLE: Final = ("period", "is_automatic", "demotes", "grace_days", "lock_days")
STEP: Final = 10  # Between the positions of tiers, so that one fits in between.


def ladder_draft(program: Program, changes: Mapping[str, Any]) -> Ladder:
    """Return the program's ladder with some changes, not stored: what a preview goes by.

    :raises BadValue: if a value cannot be, or is nothing of a ladder.
    """
    found = Ladder.objects.filter(merchant_id=program.merchant_id, program=program).first()
    ladder = found or Ladder(merchant_id=program.merchant_id, program=program)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise BadValue(name, "unknown", gettext("A ladder has no such setting."))
        setattr(ladder, name, cleaned(Ladder, name, value))
    return ladder


def set_ladder(*, program: Program, changes: Mapping[str, Any], by: Actor, at: datetime) -> Ladder:
    """Change how the program moves affiliates between its tiers; return the ladder.

    Everybody is looked at anew on the day on which it changes.

    :raises BadValue: if a value cannot be, or is nothing of a ladder.
    """
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        before = _facts(ladder_draft(program, {}))
        ladder = ladder_draft(program, changes)
        after = _facts(ladder)
        is_new = ladder._state.adding
        if is_new or after != before:
            ladder.judged_on = ladder.judged_until = None
            ladder.save()
            data = {"before": None if is_new else before, "after": after}
            record(program, "program.ladder_changed", by, at, data)
    return ladder


def _facts(ladder: Ladder) -> dict[str, Any]:
    return {name: getattr(ladder, name) for name in EDITABLE}


class Preset(models.TextChoices):
    """Ladders that are ready to be used."""

    REFERRAL = "REFERRAL", _("Customer referral")
    AFFILIATE = "AFFILIATE", _("Affiliates")
    CO_MARKETING = "CO_MARKETING", _("Co-marketing")
    CO_SELLING = "CO_SELLING", _("Co-selling")


@dataclass(frozen=True, slots=True)
class PresetTier:
    """A tier of a ready-made ladder. `revenue` is in major units of the program's currency."""

    name: Promise | str
    benefits: Promise | str
    conversions: int = 0
    revenue: int = 0
    new_customers: int = 0

    def targets(self, currency: str) -> dict[str, int]:
        """Return what the tier asks for, by metric."""
        asked = {
            Metric.CONVERSIONS.value: self.conversions,
            Metric.REVENUE.value: self.revenue * 10 ** exponent_of(currency),
            Metric.NEW_CUSTOMERS.value: self.new_customers,
        }
        return {metric: minimum for metric, minimum in asked.items() if minimum}


PRESETS: Final[Mapping[Preset, tuple[Period, tuple[PresetTier, ...]]]] = {
    Preset.REFERRAL: (
        Period.LIFETIME,
        (
            PresetTier(_("Friend"), _("The program's reward for each friend."), new_customers=1),
            PresetTier(_("Advocate"), _("Early news, and a thank-you gift."), new_customers=5),
            PresetTier(_("Ambassador"), _("A contact of your own."), new_customers=20),
        ),
    ),
    Preset.AFFILIATE: (
        Period.DAYS_90,
        (
            PresetTier(_("Bronze"), _("The program's rates and materials."), conversions=1),
            PresetTier(_("Silver"), _("Better rates; codes of your own."), revenue=2_500),
            PresetTier(_("Gold"), _("The best rates; a contact of your own."), revenue=10_000),
        ),
    ),
    Preset.CO_MARKETING: (
        Period.QUARTER,
        (
            PresetTier(_("Partner"), _("Shared materials and a listing."), new_customers=3),
            PresetTier(
                _("Marketing partner"),
                _("Joint campaigns and articles."),
                new_customers=15,
                revenue=10_000,
            ),
            PresetTier(
                _("Strategic marketing partner"),
                _("A joint plan and a budget for each quarter."),
                new_customers=50,
                revenue=50_000,
            ),
        ),
    ),
    Preset.CO_SELLING: (
        Period.DAYS_365,
        (
            PresetTier(_("Registered partner"), _("Deals may be registered."), conversions=1),
            PresetTier(_("Selling partner"), _("Sales training; joint calls."), revenue=25_000),
            PresetTier(_("Premier partner"), _("Joint plans; leads from us."), revenue=100_000),
        ),
    ),
}


def use_preset(*, program: Program, preset: Preset, by: Actor, at: datetime) -> Ladder:
    """Make the tiers of a ready-made ladder, above those that there are; return the ladder.

    It moves nobody by itself until that is switched on.

    :raises TierNameTaken: if the program has a tier with one of its names.
    :raises BadValue: if it would have too many tiers.
    """
    period, tiers = PRESETS[preset]
    with transaction.atomic():
        alive = Tier.objects.filter(merchant_id=program.merchant_id, program=program)
        highest = alive.filter(archived_at=None).aggregate(top=models.Max("position"))["top"] or 0
        for number, tier in enumerate(tiers, start=1):
            create_tier(
                program=program,
                name=str(tier.name),
                benefits=str(tier.benefits),
                position=highest + number * STEP,
                targets=tier.targets(program.currency),
                by=by,
                at=at,
            )
        changes = {"period": period.value, "is_automatic": False}
        return set_ladder(program=program, changes=changes, by=by, at=at)
