"""Tiers: groups of affiliates in a program."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.models import Actor
from programs.models import Program, Tier
from programs.services.history import record

TIERS_MAX = 50


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
) -> Tier:
    """Create a tier; return it. `hold_days` None: the program's.

    :raises BadValue: if a field cannot be, or the program has TIERS_MAX tiers.
    :raises TierNameTaken: if the program has one with this name.
    """
    facts = _cleaned(name, position, hold_days)
    alive = Tier.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    if alive.count() >= TIERS_MAX:
        raise BadValue("", "too_many", _("%d tiers at the most.") % TIERS_MAX)
    try:
        with transaction.atomic():
            tier = Tier.objects.create(merchant_id=program.merchant_id, program=program, **facts)
            record(program, "program.tier_created", by, at, {"tier": str(tier.id), "after": facts})
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
) -> Tier:
    """Change a tier; return it.

    :raises BadValue: if a field cannot be.
    :raises TierNameTaken: if the program has another with this name.
    :raises IllegalMove: if it is archived.
    """
    if tier.archived_at is not None:
        raise IllegalMove("The tier", to="CHANGED", status="ARCHIVED")
    after = _cleaned(name, position, hold_days)
    before = {name: getattr(tier, name) for name in after}
    if after == before:
        return tier
    for column, value in after.items():
        setattr(tier, column, value)
    try:
        with transaction.atomic():
            tier.save(update_fields=list(after))
            data = {"tier": str(tier.id), "before": before, "after": after}
            record(tier.program, "program.tier_updated", by, at, data)
    except IntegrityError as error:
        raise TierNameTaken(after["name"]) from error
    return tier


def archive_tier(*, tier: Tier, by: Actor, at: datetime) -> Tier:
    """Take nobody into the tier any more; return it. Who is in it stays. Safe to repeat."""
    with transaction.atomic():
        alive = Tier.objects.filter(merchant_id=tier.merchant_id, id=tier.id, archived_at=None)
        if alive.update(archived_at=at):
            tier.archived_at = at
            data = {"tier": str(tier.id), "name": tier.name}
            record(tier.program, "program.tier_archived", by, at, data)
    return tier


def _cleaned(name: str, position: int, hold_days: int | None) -> dict[str, Any]:
    return {
        "name": cleaned(Tier, "name", name.strip()),
        "position": cleaned(Tier, "position", position),
        "hold_days": cleaned(Tier, "hold_days", hold_days),
    }
