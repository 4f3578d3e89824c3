"""Tiers, as far as they decide what is earned: who comes into one is told, and who leaves it."""

from datetime import datetime

from django.db import transaction

from affiliates import services as affiliates
from affiliates.models import Enrollment
from commissions.models import Rule
from commissions.notices import note_end, note_tier_move
from merchants.models import Actor
from programs import services as programs
from programs.models import Tier


def move_to_tier(
    *, enrollment: Enrollment, tier: Tier | None, by: Actor, at: datetime
) -> Enrollment:
    """Put an enrollment into a tier, as affiliates.services does, with a notice; return it.

    :raises BadValue: if the tier is another program's, or archived.
    """
    with transaction.atomic():
        before = Enrollment.objects.values_list("tier_id", flat=True).get(
            merchant_id=enrollment.merchant_id, id=enrollment.id
        )
        affiliates.move_to_tier(enrollment=enrollment, tier=tier, by=by, at=at)
        if before != enrollment.tier_id:
            note_tier_move(enrollment, before, at=at)
    return enrollment


def archive_tier(*, tier: Tier, by: Actor, at: datetime) -> Tier:
    """End a tier, as programs.services does: its rules pay no more. Return it. Safe to repeat."""
    with transaction.atomic():
        was_alive = tier.archived_at is None
        programs.archive_tier(tier=tier, by=by, at=at)
        if was_alive:
            rules = Rule.objects.filter(merchant_id=tier.merchant_id, tier=tier, archived_at=None)
            note_end(rules, at=at)
    return tier
