"""Applying a recompute: what it listed is decided anew once more, under locks, and booked."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID

from commissions.accrual import rederive
from commissions.models import Replay, ReplayDifference, ReplayStatus
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, ActorKind

BATCH: Final = 200


def apply_batch(replay: Replay, at: datetime) -> int:
    """Decide the next listed conversions anew; return how many. The caller holds the replay.

    Safe to repeat: what is booked already does not differ any more.
    """
    ids = _next_ids(replay)
    if not ids:
        _finish(replay, at)
        return 1
    changes = rederive(
        replay.merchant_id, ids, at=at, by=applier(replay), reason=f"replay:{replay.id}"
    )
    booked: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for change in changes:
        booked[change.conversion_id, change.enrollment_id] += change.amount_minor
    _keep(replay, booked)
    replay.applied_count += len(ids)
    replay.booked_minor += sum(booked.values())
    replay.cursor = str(ids[-1])
    replay.save(update_fields=["applied_count", "booked_minor", "cursor"])
    return len(ids)


def _next_ids(replay: Replay) -> list[UUID]:
    rows = ReplayDifference.objects.filter(merchant_id=replay.merchant_id, replay=replay)
    if replay.cursor:
        rows = rows.filter(conversion_id__gt=UUID(replay.cursor))
    named = rows.order_by("conversion_id").values_list("conversion_id", flat=True)
    return list(named.distinct()[:BATCH])


def applier(replay: Replay) -> Actor:
    """Return who said that it shall be applied."""
    if replay.applied_by_key_id is not None:
        return Actor(ActorKind.KEY, replay.applied_by_key_id)
    return Actor(ActorKind.USER, replay.applied_by.user_id) if replay.applied_by else SYSTEM


def _keep(replay: Replay, booked: dict[tuple[UUID, UUID], int]) -> None:
    """Write what was booked beside what was foreseen; for others, whom it concerns by now, too."""
    rows = ReplayDifference.objects.filter(
        merchant_id=replay.merchant_id,
        replay=replay,
        conversion_id__in={conversion_id for conversion_id, _enrollment_id in booked},
    )
    known = {(row.conversion_id, row.enrollment_id): row for row in rows}
    for key, amount_minor in booked.items():
        row = known.get(key)
        if row is None:
            row = known[key] = ReplayDifference(
                merchant_id=replay.merchant_id,
                replay=replay,
                conversion_id=key[0],
                enrollment_id=key[1],
                before_minor=0,
                after_minor=0,
            )
        row.booked_minor = (row.booked_minor or 0) + amount_minor
    ReplayDifference.objects.bulk_create(
        [known[key] for key in booked],
        update_conflicts=True,
        update_fields=["booked_minor"],
        unique_fields=["merchant", "replay", "conversion", "enrollment"],
    )


def _finish(replay: Replay, at: datetime) -> None:
    replay.status, replay.applied_at = ReplayStatus.APPLIED, at
    replay.save(update_fields=["status", "applied_at"])
    record_event(
        merchant_id=replay.merchant_id,
        type="replay.applied",
        subject_id=replay.id,
        by=applier(replay),
        at=at,
        data={"conversions": replay.applied_count, "booked_minor": replay.booked_minor},
    )
