"""When an affiliate is paid next, and about how much: an estimate, over all merchants.

It knows what is approved, what is on hold and until when, and the terms. What it cannot know are
refunds and sales still to come, and it leaves taxes and fees out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from payouts.terms import DUE_AT, TERMS_OF_ENROLLMENT

# What is owed back counts at once; what was in a payout before was due then; what is paid when it
# is asked for has no day. Whoever is suspended is not paid.
EXPECTED = f"""
WITH starting AS (
    SELECT commission.*, CASE commission.status
        WHEN 'PENDING' THEN commission.hold_until ELSE commission.status_changed_at END AS at
    FROM commissions_commission AS commission
    WHERE commission.affiliate_id = %(affiliate)s
      AND commission.status IN ('PENDING', 'APPROVED')
), expected AS (
    SELECT starting.merchant_id, starting.currency, starting.amount_minor,
           COALESCE(terms.minor_min, program.payout_minor_min) AS minor_min,
           CASE
               WHEN starting.status = 'APPROVED' AND (
                   starting.amount_minor < 0
                   OR terms.schedule IS DISTINCT FROM 'ON_REQUEST' AND EXISTS (
                       SELECT FROM payouts_payoutline AS line
                       WHERE line.merchant_id = starting.merchant_id
                         AND line.commission_id = starting.id
                   )
               ) THEN %(today)s::date
               WHEN {DUE_AT.format(approved_at="starting.at")} IS NOT NULL THEN GREATEST(
                   ({DUE_AT.format(approved_at="starting.at")} AT TIME ZONE 'UTC')::date,
                   %(today)s::date
               )
           END AS day
    FROM starting
    JOIN affiliates_enrollment AS enrollment
      ON enrollment.merchant_id = starting.merchant_id AND enrollment.id = starting.enrollment_id
    JOIN programs_program AS program
      ON program.merchant_id = enrollment.merchant_id AND program.id = enrollment.program_id
    {TERMS_OF_ENROLLMENT.format(on="%(today)s::date")}
    WHERE NOT EXISTS (
        SELECT FROM affiliates_enrollment AS suspended
        WHERE suspended.merchant_id = starting.merchant_id
          AND suspended.affiliate_id = starting.affiliate_id AND suspended.status = 'SUSPENDED'
    )
)
SELECT merchant_id, currency, day, sum(amount_minor)::bigint, max(minor_min)::bigint
FROM expected WHERE day IS NOT NULL
GROUP BY merchant_id, currency, day ORDER BY merchant_id, currency, day
"""  # noqa: S608


class Day(NamedTuple):
    """What falls due on a day, and the smallest payout of those whose terms it is."""

    merchant_id: UUID
    currency: str
    day: date
    amount_minor: int
    minor_min: int


@dataclass(frozen=True, slots=True)
class NextPayout:
    """What one merchant is expected to pay next in one currency."""

    merchant_id: UUID
    currency: str
    amount_minor: int
    minor_min: int
    day: date | None  # None: all that is to come stays below the smallest payout.

    @property
    def missing_minor(self) -> int:
        """How much more has to be earned before anything is paid."""
        return max(self.minor_min - self.amount_minor, 0)


def next_payouts(affiliate_id: UUID, *, at: datetime) -> list[NextPayout]:
    """Return what is expected next of each merchant, the soonest first; nothing where all is owed.

    The caller is in the affiliate's context.
    """
    today = at.astimezone(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(EXPECTED, {"affiliate": affiliate_id, "today": today})
        days = [Day(*row) for row in cursor.fetchall()]
    found = [
        _next(list(of_one)) for _place, of_one in groupby(days, lambda row: row[:2])
    ]  # One merchant and currency each.
    expected = [row for row in found if row.amount_minor > 0]
    return sorted(expected, key=lambda row: (row.day is None, row.day or today, row.currency))


def _next(days: Iterable[Day]) -> NextPayout:
    """Return the first day on which everything due by then is enough."""
    amount_minor = minor_min = 0
    for row in days:
        amount_minor += row.amount_minor
        minor_min = max(minor_min, row.minor_min)
        found = NextPayout(row.merchant_id, row.currency, amount_minor, minor_min, row.day)
        if amount_minor >= max(minor_min, 1):
            return found
    return NextPayout(found.merchant_id, found.currency, amount_minor, minor_min, None)
