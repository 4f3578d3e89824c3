"""What every move of payouts shares: locks, statuses, lines, journals, events. By the thousand.

Locks are taken in one order: batches, payouts, commissions, each by id.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from commissions.models import MAY_COME_FROM
from commissions.models import Status as CommissionStatus
from common.rows import json_text
from ledger.models import AccountKind
from ledger.services import Draft, Entry, post, transfer
from merchants.events import draft_event, record_event, record_events
from merchants.models import Actor
from payouts.models import PAYOUT_MAY_COME_FROM, Batch, PayoutStatus, Provider

AT_ONCE = 5_000  # Journals and events that are built before they are written.
MANY = 500  # Payouts.


class BatchOutdated(Exception):
    """Commissions or payees of the batch changed since it was prepared: prepare it anew."""


class Moved(NamedTuple):
    """A payout that has just moved."""

    id: UUID
    batch_id: UUID
    affiliate_id: UUID
    amount_minor: int
    currency: str


@contextmanager
def hashing(count: int) -> Iterator[None]:
    """Let PostgreSQL join many rows by hashing them.

    Of rows written a moment ago it has no statistics: it takes them for a handful, and would
    compare each with each.
    """
    if count < MANY:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


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


# Commissions are locked by id first: the UPDATE alone would take them in whatever order it finds.
MOVE_COMMISSIONS = """
WITH locked AS MATERIALIZED (
    SELECT commission.id FROM payouts_payoutline AS line
    JOIN commissions_commission AS commission
      ON commission.merchant_id = line.merchant_id AND commission.id = line.commission_id
    WHERE line.merchant_id = %(merchant)s AND line.payout_id = ANY(%(payouts)s::uuid[])
      AND line.released_at IS NULL
    ORDER BY commission.id FOR UPDATE OF commission
), moved AS (
    UPDATE commissions_commission AS commission
    SET status = %(to)s, status_changed_at = %(at)s, status_reason = ''
    FROM locked
    WHERE commission.id = locked.id AND commission.merchant_id = %(merchant)s
      AND commission.status = ANY(%(from)s)
    RETURNING 1
)
SELECT (SELECT count(*) FROM locked), (SELECT count(*) FROM moved)
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
    with hashing(len(payout_ids)), connection.cursor() as cursor:
        cursor.execute(MOVE_COMMISSIONS, wanted)
        ((locked, moved),) = cursor.fetchall()
    if locked != moved:
        raise BatchOutdated("a commission of the batch is in another status by now")


RELEASE = """
UPDATE payouts_payoutline SET released_at = %(at)s
WHERE merchant_id = %(merchant)s AND payout_id = ANY(%(payouts)s::uuid[]) AND released_at IS NULL
"""


def release_lines(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Let go of the payouts' commissions: another payout may take them."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"merchant": merchant_id, "payouts": list(payout_ids), "at": at})


# The ledger --------------------------------------------------------------------------------------


class Share(NamedTuple):
    """What a payout pays for one enrollment; the one with most `bears` what is on top."""

    payout_id: UUID
    enrollment_id: UUID
    currency: str
    provider: str
    amount_minor: int
    vat_minor: int
    withheld_minor: int
    fee_minor: int
    bears: bool


SHARES = """
SELECT payout.id, commission.enrollment_id, payout.currency, batch.provider,
       sum(line.amount_minor)::bigint, payout.vat_minor, payout.withheld_minor, payout.fee_minor,
       row_number() OVER (
           PARTITION BY payout.id ORDER BY sum(line.amount_minor) DESC, commission.enrollment_id
       ) = 1
FROM payouts_payout AS payout
JOIN payouts_batch AS batch
  ON batch.merchant_id = payout.merchant_id AND batch.id = payout.batch_id
JOIN payouts_payoutline AS line
  ON line.merchant_id = payout.merchant_id AND line.payout_id = payout.id
 AND line.released_at IS NULL
JOIN commissions_commission AS commission
  ON commission.merchant_id = line.merchant_id AND commission.id = line.commission_id
WHERE payout.merchant_id = %(merchant)s AND payout.id = ANY(%(payouts)s::uuid[])
GROUP BY payout.id, commission.enrollment_id, batch.provider
"""


def shares_of(merchant_id: UUID, payout_ids: Sequence[UUID]) -> Iterator[list[Share]]:
    """Yield what the payouts pay per enrollment, some thousands at a time."""
    with connection.chunked_cursor() as cursor:
        with hashing(len(payout_ids)):
            cursor.execute(SHARES, {"merchant": merchant_id, "payouts": list(payout_ids)})
        rows = map(Share._make, cursor)
        while some := list(islice(rows, AT_ONCE)):
            yield some


def post_reserved(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post that the commissions of the payouts are in a payout."""
    for shares in shares_of(merchant_id, payout_ids):
        drafts = [
            _line_sum(share, "reserved", AccountKind.PAYABLE, AccountKind.PAYOUT_CLEARING)
            for share in shares
        ]
        post(merchant_id=merchant_id, drafts=drafts, at=at)


def post_given_back(merchant_id: UUID, payout_ids: Sequence[UUID], verb: str, at: datetime) -> None:
    """Post that they are payable again: the payouts were `failed` or `cancelled`."""
    for shares in shares_of(merchant_id, payout_ids):
        drafts = [
            _line_sum(share, verb, AccountKind.PAYOUT_CLEARING, AccountKind.PAYABLE)
            for share in shares
        ]
        post(merchant_id=merchant_id, drafts=drafts, at=at)


def post_paid(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post that money, or balance, was received, with VAT, withheld tax and fees."""
    for shares in shares_of(merchant_id, payout_ids):
        drafts = []
        for share in shares:
            drafts.append(_line_sum(share, "paid", AccountKind.PAYOUT_CLEARING, _received(share)))
            drafts += _extras(share)
        post(merchant_id=merchant_id, drafts=drafts, at=at)


def post_returned(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post the opposite of `post_paid`: the commissions are payable again."""
    for shares in shares_of(merchant_id, payout_ids):
        drafts = []
        for share in shares:
            drafts.append(_line_sum(share, "returned", _received(share), AccountKind.PAYABLE))
            drafts += _extras(share, returned=True)
        post(merchant_id=merchant_id, drafts=drafts, at=at)


def _received(share: Share) -> AccountKind:
    """Return where what the affiliate received is booked."""
    if share.provider == Provider.BALANCE:
        return AccountKind.CREDIT_BALANCE
    return AccountKind.PAID


def _source(share: Share, verb: str) -> str:
    return f"payout:{share.payout_id}:{share.enrollment_id}:{verb}"


def _line_sum(share: Share, verb: str, out_of: AccountKind, into: AccountKind) -> Draft:
    return transfer(
        source=_source(share, verb),
        amount_minor=share.amount_minor,
        currency=share.currency,
        enrollment_id=share.enrollment_id,
        out_of=out_of,
        into=into,
    )


def _extras(share: Share, *, returned: bool = False) -> Iterator[Draft]:
    """Yield what makes the sum of the lines the amount that was sent, or the opposite."""
    if not share.bears:
        return
    prefix, sign = ("returned_", -1) if returned else ("", 1)
    received = _received(share)
    for verb, kind, change_minor in (
        ("vat", AccountKind.VAT, share.vat_minor),
        ("withheld", AccountKind.WITHHELD_TAX, -share.withheld_minor),
        ("fee", AccountKind.PAYOUT_FEE, -share.fee_minor),
    ):
        if change_minor:
            amount_minor = sign * change_minor
            yield Draft(
                _source(share, prefix + verb),
                (
                    Entry(kind, -amount_minor, share.currency, share.enrollment_id),
                    Entry(received, amount_minor, share.currency, share.enrollment_id),
                ),
            )


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
