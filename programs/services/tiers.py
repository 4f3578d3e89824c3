"""Tiers: groups of affiliates in a program."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.money import MINOR_MAX
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.models import Actor
from programs.models import Metric, Program, Tier, TierTarget
from programs.services.history import record

TIERS_MAX = 50
MINIMUM_MAX = MINOR_MAX  # Of a target.
Targets = Mapping[str, int]  # By Metric: a count, or minor units.


class TierNameTaken(Exception):
    """The program has a tier with this name."""


def create_tier(
    *,
    program: Program,
    name: str,
    by: Actor,
    at: datetime,
    position: int = 100,
    hold_days: int | None = None,
    benefits: str = "",
    targets: Targets | None = None,
) -> Tier:
    """Create a tier; return it. `hold_days` None: the program's. Targets let affiliates rise to it.

    :raises BadValue: if a field cannot be, or the program has TIERS_MAX tiers.
    :raises TierNameTaken: if the program has one with this name.
    """
    facts = _cleaned(name, position, hold_days, benefits)
    wanted = _cleaned_targets(targets or {})
    alive = Tier.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    if alive.count() >= TIERS_MAX:
        raise BadValue("", "too_many", _("%d tiers at the most.") % TIERS_MAX)
    try:
        with transaction.atomic():
            tier = Tier.objects.create(merchant_id=program.merchant_id, program=program, **facts)
            _store_targets(tier, wanted)
            after = facts | {"targets": wanted}
            record(program, "program.tier_created", by, at, {"tier": str(tier.id), "after": after})
    except IntegrityError as error:
        raise TierNameTaken(facts["name"]) from error
    return tier


def update_tier(
    *,
    tier: Tier,
    name: str,
    position: int,
    hold_days: int | None,
    by: Actor,
    at: datetime,
    benefits: str | None = None,
    targets: Targets | None = None,
) -> Tier:
    """Change a tier; return it. Benefits and targets that are None stay as they are.

    :raises BadValue: if a field cannot be.
    :raises TierNameTaken: if the program has another with this name.
    :raises IllegalMove: if it is archived.
    """
    if tier.archived_at is not None:
        raise IllegalMove("The tier", to="CHANGED", status="ARCHIVED")
    after = _cleaned(name, position, hold_days, tier.benefits if benefits is None else benefits)
    before = {name: getattr(tier, name) for name in after}
    asked = targets_of(tier)
    wanted = asked if targets is None else _cleaned_targets(targets)
    if after == before and asked == wanted:
        return tier
    for column, value in after.items():
        setattr(tier, column, value)
    try:
        with transaction.atomic():
            tier.save(update_fields=list(after))
            _store_targets(tier, wanted)
            before, after = before | {"targets": asked}, after | {"targets": wanted}
            data = {"tier": str(tier.id), "before": before, "after": after}
            record(tier.program, "program.tier_updated", by, at, data)
    except IntegrityError as error:
        raise TierNameTaken(str(after["name"])) from error
    return tier


def targets_of(tier: Tier) -> dict[str, int]:
    """Return what a tier asks for, by metric."""
    rows = TierTarget.objects.filter(merchant_id=tier.merchant_id, tier=tier)
    return dict(rows.order_by("metric").values_list("metric", "minimum"))


def archive_tier(*, tier: Tier, by: Actor, at: datetime) -> Tier:
    """Take nobody into the tier any more; return it. Who is in it stays. Safe to repeat."""
    with transaction.atomic():
        alive = Tier.objects.filter(merchant_id=tier.merchant_id, id=tier.id, archived_at=None)
        if alive.update(archived_at=at):
            tier.archived_at = at
            data = {"tier": str(tier.id), "name": tier.name}
            record(tier.program, "program.tier_archived", by, at, data)
    return tier


def _cleaned(name: str, position: int, hold_days: int | None, benefits: str) -> dict[str, Any]:
    return {
        "name": cleaned(Tier, "name", name.strip()),
        "position": cleaned(Tier, "position", position),
        "hold_days": cleaned(Tier, "hold_days", hold_days),
        "benefits": cleaned(Tier, "benefits", benefits.strip()),
    }


def _cleaned_targets(targets: Targets) -> dict[str, int]:
    """Return the targets by metric, sorted.

    :raises BadValue: if a metric is not known, or a minimum is not positive.
    """
    found: dict[str, int] = {}
    for metric, minimum in targets.items():
        if metric not in Metric.values:
            raise BadValue("targets", "invalid_choice", _("This is nothing that is counted."))
        if not 0 < minimum <= MINIMUM_MAX:
            raise BadValue("targets", "min_value", _("A target is at least 1."))
        found[str(metric)] = minimum
    return dict(sorted(found.items()))


def _store_targets(tier: Tier, wanted: Targets) -> None:
    rows = TierTarget.objects.filter(merchant_id=tier.merchant_id, tier=tier)
    rows.exclude(metric__in=wanted).delete()
    for metric, minimum in wanted.items():
        TierTarget.objects.update_or_create(
            merchant_id=tier.merchant_id, tier=tier, metric=metric, defaults={"minimum": minimum}
        )
