"""What a merchant owes its affiliates: how much, for how long already, and when it falls due.

Callers stand in the merchant's context. A commission is counted once: as pending while its hold
runs, held while somebody reviews it, payable once approved, and in payout once it is reserved.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from commissions.models import Status
from payouts.terms import DUE_AT, TERMS_OF_ENROLLMENT

WEEKS_AHEAD = 12
AGES_FROM = (0, 31, 61, 91)  # Days since the approval; the last is open.


@dataclass(slots=True)
class Week:
    """What falls due in the week (UTC) that begins on a Monday, in minor units."""

    begins_on: date
    approved_minor: int = 0
    expected_minor: int = 0  # Still on hold; due then if it is approved when its hold ends.


@dataclass(slots=True)
class Liability:
    """What is owed in one currency, in minor units; take-backs count as what they are, negative."""

    currency: str
    pending_minor: int = 0
    held_minor: int = 0
    payable_minor: int = 0
    in_payout_minor: int = 0
    unknown_minor: int = 0  # Part of what is in payout: nobody has said yet whether it was made.
    owed_back_minor: int = 0  # < 0: affiliates whose take-backs outweigh what is payable.
    on_request_minor: int = 0  # Payable, but only when the affiliate asks for it.
    overdue_minor: int = 0  # Payable, due by now, and in no batch.
    later_minor: int = 0  # Due after the last of `weeks`.
    ages: dict[int, int] = field(default_factory=lambda: dict.fromkeys(AGES_FROM, 0))
    weeks: list[Week] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        """Return everything that is owed or will be, unless it is declined or taken back."""
        return self.pending_minor + self.held_minor + self.payable_minor + self.in_payout_minor


APPROVED_AT = "CASE commission.status WHEN 'PENDING' THEN GREATEST(commission.hold_until, %(at)s)"
APPROVED_AT += " ELSE commission.status_changed_at END"
STANDING = f"""
WITH line AS (
    SELECT commission.currency, commission.status, commission.amount_minor,
           %(at)s::timestamptz - commission.status_changed_at AS age,
           {DUE_AT.format(approved_at=f"({APPROVED_AT})")} AS due_at
    FROM commissions_commission AS commission
    JOIN affiliates_enrollment AS enrollment
      ON enrollment.merchant_id = commission.merchant_id
     AND enrollment.id = commission.enrollment_id
    {TERMS_OF_ENROLLMENT.format(on="(%(at)s::timestamptz AT TIME ZONE 'UTC')::date")}
    WHERE commission.merchant_id = %(merchant)s
      AND commission.phase IN ('PENDING', 'HELD', 'PAYABLE')
)
SELECT currency, status,
       CASE WHEN age < interval '31 days' THEN 0 WHEN age < interval '61 days' THEN 31
            WHEN age < interval '91 days' THEN 61 ELSE 91 END,
       date_trunc('week', due_at AT TIME ZONE 'UTC')::date, due_at <= %(at)s,
       sum(amount_minor)
FROM line GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608
OWED_BACK = """
SELECT currency, sum(owed) FROM (
    SELECT currency, sum(amount_minor) AS owed FROM commissions_commission
    WHERE merchant_id = %(merchant)s AND status = 'APPROVED' AND phase = 'PAYABLE'
    GROUP BY currency, affiliate_id HAVING sum(amount_minor) < 0
) AS affiliate GROUP BY currency
"""
UNKNOWN = """
SELECT currency, sum(earned_minor) FROM payouts_payout
WHERE merchant_id = %(merchant)s AND status = 'UNKNOWN' GROUP BY currency
"""


def liabilities_of(merchant_id: UUID, *, at: datetime) -> list[Liability]:
    """Return what the merchant owes, by currency; nothing for one in which nothing is open."""
    found: dict[str, Liability] = {}

    def of(currency: str) -> Liability:
        return found.setdefault(currency, Liability(currency, weeks=_weeks(at)))

    asked: dict[str, Any] = {"merchant": merchant_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, asked)
        for currency, status, age, week, is_due, minor in cursor.fetchall():
            _add(of(currency), Status(status), age, week, is_due, int(minor))
        cursor.execute(OWED_BACK, asked)
        for currency, minor in cursor.fetchall():
            of(currency).owed_back_minor = int(minor)
        cursor.execute(UNKNOWN, asked)
        for currency, minor in cursor.fetchall():
            of(currency).unknown_minor = int(minor)
    return [found[currency] for currency in sorted(found)]


def _weeks(at: datetime) -> list[Week]:
    today = at.astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    return [Week(monday + timedelta(weeks=number)) for number in range(WEEKS_AHEAD)]


def _add(
    liability: Liability, status: Status, age: int, week: date | None, is_due: bool, minor: int
) -> None:
    if status == Status.RESERVED:
        liability.in_payout_minor += minor
    elif status == Status.HELD:  # Nobody knows when its review ends.
        liability.held_minor += minor
    elif status == Status.PENDING:
        liability.pending_minor += minor
        _add_to_week(liability, week, expected_minor=minor)
    else:
        liability.payable_minor += minor
        liability.ages[age] += minor
        if is_due:
            liability.overdue_minor += minor
        _add_to_week(liability, week, approved_minor=minor, is_due=is_due)


def _add_to_week(
    liability: Liability,
    week: date | None,
    *,
    approved_minor: int = 0,
    expected_minor: int = 0,
    is_due: bool = False,
) -> None:
    if week is None:
        liability.on_request_minor += approved_minor
        return
    first = liability.weeks[0]
    number = 0 if is_due else (week - first.begins_on).days // 7
    if number >= len(liability.weeks):
        liability.later_minor += approved_minor + expected_minor
        return
    liability.weeks[number].approved_minor += approved_minor
    liability.weeks[number].expected_minor += expected_minor
