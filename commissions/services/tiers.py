"""Tiers, as far as they decide what is earned: who comes into one is told, and who leaves it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from affiliates.models import Enrollment, MoveCause
from affiliates.tiers import place_in_tier
from commissions.models import Rule
from commissions.notices import note_end, note_tier_move
from merchants.models import Actor
from programs import services as programs
from programs.models import Tier
from programs.selectors import ladder_of


def move_to_tier(
    *, enrollment: Enrollment, tier: Tier | None, by: Actor, at: datetime
) -> Enrollment:
    """Put an enrollment into a tier by hand, with a notice; return it. Safe to repeat.

    :raises BadValue: if the tier is another program's, or archived.
    """
    ladder = ladder_of(enrollment.program)
    lock = timedelta(days=ladder.lock_days if ladder else 0)
    cause = MoveCause.BY_HAND
    place(enrollment=enrollment, tier=tier, cause=cause, figures={}, lock=lock, by=by, at=at)
    return enrollment


def place(
    *,
    enrollment: Enrollment,
    tier: Tier | None,
    cause: MoveCause,
    figures: Mapping[str, int],
    lock: timedelta,
    by: Actor,
    at: datetime,
) -> None:
    """Put an enrollment into a tier, as affiliates.tiers does, with a notice of its rates.

    :raises BadValue: if the tier is another program's, or archived.
    """
    with transaction.atomic():
        before = Enrollment.objects.values_list("tier_id", flat=True).get(
            merchant_id=enrollment.merchant_id, id=enrollment.id
        )
        moved = place_in_tier(
            enrollment=enrollment,
            tier=tier,
            cause=cause,
            figures=figures,
            lock=lock,
            by=by,
            at=at,
        )
        if moved:
            note_tier_move(enrollment, before, at=at)


def archive_tier(*, tier: Tier, by: Actor, at: datetime) -> Tier:
    """End a tier, as programs.services does: its rules pay no more. Return it. Safe to repeat."""
    with transaction.atomic():
        was_alive = tier.archived_at is None
        programs.archive_tier(tier=tier, by=by, at=at)
        if was_alive:
            rules = Rule.objects.filter(merchant_id=tier.merchant_id, tier=tier, archived_at=None)
            note_end(rules, at=at)
    return tier
