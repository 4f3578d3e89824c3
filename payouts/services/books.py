"""What every move of payouts shares: locks, statuses, lines, events. By the thousand.

Locks are taken in one order: batches, payouts, commissions, each by id.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from commissions.models import MAY_COME_FROM
from commissions.models import Status as CommissionStatus
from common.rows import hashing, json_text, planned
from merchants.events import draft_event, record_event, record_events
from merchants.models import Actor
from payouts.models import PAYOUT_MAY_COME_FROM, Batch, PayoutStatus

AT_ONCE = 5_000  # Events that are built before they are written.


class BatchOutdated(Exception):
    """Commissions or payees of the batch changed since it was prepared: prepare it anew."""


class Moved(NamedTuple):
    """A payout that has just moved."""

    id: UUID
    batch_id: UUID
    affiliate_id: UUID
    amount_minor: int
    currency: str


LOCK_BATCHES = """
SELECT id FROM payouts_batch
WHERE merchant_id = %(merchant)s AND id IN (
    SELECT batch_id FROM payouts_payout
    WHERE merchant_id = %(merchant)s AND id = ANY(%(payouts)s::uuid[])
)
ORDER BY id FOR NO KEY UPDATE
"""


def lock_batches(merchant_id: UUID, payout_ids: Sequence[UUID]) -> list[UUID]:
    """Lock the batches of the payouts; return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_BATCHES, {"merchant": merchant_id, "payouts": list(payout_ids)})
        return [batch_id for (batch_id,) in cursor.fetchall()]


MOVE_PAYOUTS = """
WITH movable AS MATERIALIZED (
    SELECT new.* FROM json_to_recordset(%(news)s::json) AS new (
        id uuid, provider_ref text, reason text, paid_at timestamptz, returned_at timestamptz
    )
    JOIN payouts_payout AS payout ON payout.id = new.id
    WHERE payout.merchant_id = %(merchant)s AND payout.status = ANY(%(from)s)
    ORDER BY payout.id FOR UPDATE OF payout
)
UPDATE payouts_payout AS payout
SET status = %(to)s, status_changed_at = %(at)s,
    provider_ref = COALESCE(movable.provider_ref, payout.provider_ref),
    status_reason = COALESCE(movable.reason, payout.status_reason),
    paid_at = COALESCE(movable.paid_at, payout.paid_at),
    returned_at = COALESCE(movable.returned_at, payout.returned_at)
FROM movable
WHERE payout.id = movable.id AND payout.merchant_id = %(merchant)s
  AND payout.status = ANY(%(from)s)
RETURNING payout.id, batch_id, affiliate_id, amount_minor, currency
"""


def move_payouts(
    merchant_id: UUID, news: Sequence[Mapping[str, Any]], to: PayoutStatus, at: datetime
) -> list[Moved]:
    """Move to `to` every payout allowed to go there; return these.

    A row of news has an `id` and what is to be noted: provider_ref, reason, paid_at, returned_at.
    """
    wanted: dict[str, Any] = {
        "merchant": merchant_id,
        "news": json_text(news),
        "from": [str(status) for status in PAYOUT_MAY_COME_FROM[to]],
        "to": to,
        "at": at,
    }
    with hashing(len(news)), connection.cursor() as cursor:
        cursor.execute(MOVE_PAYOUTS, wanted)
        return sorted(Moved(*row) for row in cursor.fetchall())


# Merged or looked up one by one, never hashed: so they are locked in the order of their ids.
MOVE_COMMISSIONS = """
UPDATE commissions_commission AS commission
SET status = %(to)s, status_changed_at = %(at)s, status_reason = ''
FROM (
    SELECT commission_id FROM payouts_payoutline
    WHERE merchant_id = %(merchant)s AND payout_id = ANY(%(payouts)s::uuid[])
      AND released_at IS NULL
    ORDER BY commission_id
) AS line
WHERE commission.id = line.commission_id AND commission.merchant_id = %(merchant)s
  AND commission.status = ANY(%(from)s)
"""
COUNT_LINES = """
SELECT count(*) FROM payouts_payoutline
WHERE merchant_id = %(merchant)s AND payout_id = ANY(%(payouts)s::uuid[]) AND released_at IS NULL
"""


def move_commissions(
    merchant_id: UUID, payout_ids: Sequence[UUID], to: CommissionStatus, at: datetime
) -> None:
    """Move every commission of the payouts, or none.

    :raises BatchOutdated: if one of them may not go there.
    """
    wanted: dict[str, Any] = {
        "merchant": merchant_id,
        "payouts": list(payout_ids),
        "from": [str(status) for status in MAY_COME_FROM[to]],
        "to": to,
        "at": at,
    }
    with planned(enable_hashjoin="off", work_mem="64MB"), connection.cursor() as cursor:
        cursor.execute(MOVE_COMMISSIONS, wanted)
        moved = cursor.rowcount
        cursor.execute(COUNT_LINES, wanted)
        if cursor.fetchone() != (moved,):
            raise BatchOutdated("a commission of the batch is in another status by now")


RELEASE = """
UPDATE payouts_payoutline SET released_at = %(at)s
WHERE merchant_id = %(merchant)s AND payout_id = ANY(%(payouts)s::uuid[]) AND released_at IS NULL
"""


def release_lines(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Let go of the payouts' commissions: another payout may take them."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"merchant": merchant_id, "payouts": list(payout_ids), "at": at})


# History -----------------------------------------------------------------------------------------


def record_batch(
    batch: Batch, type: str, by: Actor, at: datetime, data: dict[str, Any] | None = None
) -> None:
    """Store what happened to a batch."""
    record_event(
        merchant_id=batch.merchant_id,
        type=type,
        subject_id=batch.id,
        by=by,
        at=at,
        data={"number": batch.number, **(data or {})},
    )


def record_payouts(
    merchant_id: UUID,
    payouts: Sequence[Moved],
    type: str,
    by: Actor,
    at: datetime,
    reasons: Mapping[UUID, str] | None = None,
) -> None:
    """Store what happened to payouts, an event each."""
    reasons = reasons or {}
    for start in range(0, len(payouts), AT_ONCE):
        record_events(
            [
                draft_event(
                    merchant_id=merchant_id,
                    type=type,
                    subject_id=payout.id,
                    by=by,
                    at=at,
                    data={
                        "affiliate": str(payout.affiliate_id),
                        "amount_minor": payout.amount_minor,
                        "currency": payout.currency,
                        "reason": reasons.get(payout.id, ""),
                    },
                )
                for payout in payouts[start : start + AT_ONCE]
            ]
        )
