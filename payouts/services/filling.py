"""Fill a batch with what was worked out, without a row of it coming to Python."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Func, IntegerField, Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast

from common.ids import RUN_ID, id_run
from common.rows import hashing
from payouts.left_out import UP_TO_AFFILIATE
from payouts.models import Batch, Payout, Provider, Withdrawal, WithdrawalStatus
from payouts.proposal import Scope, work_out

ASKED_EVERY = timedelta(days=30)

PAYOUTS = f"""
INSERT INTO payouts_payout (
    id, created_at, merchant_id, batch_id, affiliate_id, method_id, method_masked, amount_minor,
    earned_minor, vat_minor, withheld_minor, fee_minor, currency, status, status_changed_at,
    status_reason, reference, provider_ref
)
SELECT {RUN_ID.format(run="payouts", number="%(after)s + position")}, now(), %(merchant)s,
       %(batch)s, affiliate_id, method_id, COALESCE(masked, ''), amount_minor,
       earned_minor, vat_minor, withheld_minor, fee_minor, %(currency)s, 'DRAFT', %(at)s,
       '', 'FL-' || %(number)s || '-' || (%(after)s + position), ''
FROM proposal_payee WHERE reason IS NULL ORDER BY position
"""  # noqa: S608

# In the order of the commissions, as the index that keeps them apart is.
LINES = f"""
WITH payee AS MATERIALIZED (
    SELECT affiliate_id, {RUN_ID.format(run="payouts", number="%(after)s + position")} AS payout_id
    FROM proposal_payee WHERE reason IS NULL
)
INSERT INTO payouts_payoutline (
    id, created_at, merchant_id, payout_id, commission_id, affiliate_id, amount_minor
)
SELECT {RUN_ID.format(run="lines", number="row_number() OVER (ORDER BY commission_id)")},
       now(), %(merchant)s, payout_id, commission_id, line.affiliate_id, line.amount_minor
FROM payee JOIN proposal_line AS line USING (affiliate_id)
WHERE line.is_due
"""  # noqa: S608

# Whoever can do something about it is asked to, by mail, unless that was a moment ago.
EXCLUSIONS = f"""
INSERT INTO payouts_exclusion (
    id, created_at, merchant_id, batch_id, affiliate_id, amount_minor, reason, detail, asked_at,
    mail_due_at
)
SELECT {RUN_ID.format(run="exclusions", number="position")}, now(), %(merchant)s, %(batch)s,
       affiliate_id, CASE WHEN has_due THEN earned_minor ELSE waiting_minor + earned_minor END,
       reason, '', asked_at, asked_at
FROM (
    SELECT *, CASE WHEN payee.reason = ANY(%(up_to_affiliate)s) AND NOT EXISTS (
        SELECT FROM payouts_exclusion AS earlier
        WHERE earlier.merchant_id = %(merchant)s AND earlier.affiliate_id = payee.affiliate_id
          AND earlier.asked_at > %(not_since)s
    ) THEN %(at)s::timestamptz END AS asked_at
    FROM proposal_payee AS payee WHERE payee.reason IS NOT NULL
) AS left_out
"""  # noqa: S608


def scope_of(batch: Batch, at: datetime, only: list[UUID] | None = None) -> Scope:
    """Return what is to be worked out for the batch."""
    return Scope(
        merchant_id=batch.merchant_id,
        currency=batch.currency,
        provider=Provider(batch.provider),
        cutoff_at=batch.cutoff_at,
        at=at,
        only=only,
    )


def fill(
    batch: Batch, at: datetime, only: list[UUID] | None = None, *, after_position: int | None = None
) -> None:
    """Add payouts and exclusions to the batch: of everybody, or of `only` some.

    References count on from the last one, unless a position is given. Callers `count` afterwards.
    """
    with hashing(len(only or ())):
        work_out(scope_of(batch, at, only))
        _store(batch, at, last_position(batch) if after_position is None else after_position)
    _answer_withdrawals(batch, at)


def _store(batch: Batch, at: datetime, after_position: int) -> None:
    facts: dict[str, Any] = {
        "merchant": batch.merchant_id,
        "batch": batch.id,
        "number": batch.number,
        "currency": batch.currency,
        "at": at,
        "up_to_affiliate": [str(reason) for reason in UP_TO_AFFILIATE],
        "not_since": at - ASKED_EVERY,
        "after": after_position,
        "payouts": id_run(),
        "lines": id_run(),
        "exclusions": id_run(),
    }
    with connection.cursor() as cursor:
        for statement in (PAYOUTS, LINES, EXCLUSIONS):
            cursor.execute(statement, facts)


def last_position(batch: Batch) -> int:
    """Return the position in the batch's last reference; 0 if there is none."""
    position = Func(
        "reference", Value("-"), Value(3), function="split_part", output_field=CharField()
    )
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch=batch)
    return payouts.aggregate(last=Max(Cast(position, IntegerField())))["last"] or 0


def _answer_withdrawals(batch: Batch, at: datetime) -> None:
    payout = Payout.objects.filter(
        merchant_id=batch.merchant_id, batch=batch, affiliate_id=OuterRef("affiliate_id")
    )
    asked = Withdrawal.objects.filter(
        merchant_id=batch.merchant_id,
        currency=batch.currency,
        status=WithdrawalStatus.APPROVED,
        affiliate_id__in=Payout.objects.filter(merchant_id=batch.merchant_id, batch=batch).values(
            "affiliate_id"
        ),
    )
    asked.move(to=WithdrawalStatus.IN_PAYOUT, at=at, payout=Subquery(payout.values("id")[:1]))


def count(batch: Batch) -> None:
    """Note how many payouts the batch has, and what they come to."""
    payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch=batch)
    batch.items = payouts.count()
    batch.amount_minor = payouts.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    batch.save(update_fields=["items", "amount_minor"])
