"""place_in_tier: an enrollment comes into a tier, by hand or by its figures; each move is a row."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, MoveCause, TierMove
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Tier


def place_in_tier(
    *,
    enrollment: Enrollment,
    tier: Tier | None,
    cause: MoveCause,
    figures: Mapping[str, int] | None = None,
    lock: timedelta,
    by: Actor,
    at: datetime,
) -> bool:
    """Put an enrollment into a tier of its program, or into none; return whether it moved.

    It earns by the tier's rates from what is decided next on, and is moved down by its figures no
    sooner than after `lock`. Safe to repeat.

    :raises BadValue: if the tier is another program's, or archived.
    """
    if tier is not None and tier.program_id != enrollment.program_id:
        raise BadValue("tier", "other_program", _("This is of another program."))
    if tier is not None and tier.archived_at is not None:
        raise BadValue("tier", "archived", _("This tier takes nobody in any more."))
    with transaction.atomic():
        rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id)
        row = rows.select_for_update(of=("self",), no_key=True).get(id=enrollment.id)
        before_id, after_id = row.tier_id, tier.id if tier else None
        if before_id != after_id:
            _move(row, tier, lock, at)
            TierMove.objects.create(
                merchant_id=row.merchant_id,
                enrollment=row,
                affiliate_id=row.affiliate_id,
                before_id=before_id,
                after_id=after_id,
                cause=cause,
                figures=dict(figures or {}),
                at=at,
            )
            _record(row, before_id, cause, figures or {}, by, at)
    enrollment.tier = tier
    return bool(before_id != after_id)


def _move(row: Enrollment, tier: Tier | None, lock: timedelta, at: datetime) -> None:
    row.tier, row.tier_since, row.tier_locked_until = tier, at, at + lock
    row.tier_missed_since = row.tier_missed_told_at = None
    row.save(
        update_fields=[
            *("tier", "tier_since", "tier_locked_until"),
            *("tier_missed_since", "tier_missed_told_at"),
        ]
    )


def _record(
    row: Enrollment,
    before_id: UUID | None,
    cause: MoveCause,
    figures: Mapping[str, int],
    by: Actor,
    at: datetime,
) -> None:
    record_event(
        merchant_id=row.merchant_id,
        type="enrollment.tier_changed",
        subject_id=row.id,
        by=by,
        at=at,
        data={
            "program": str(row.program_id),
            "affiliate": str(row.affiliate_id),
            "before": str(before_id) if before_id else None,
            "after": str(row.tier_id) if row.tier_id else None,
            "cause": cause.value,
            "figures": dict(figures),
        },
    )
