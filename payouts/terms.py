"""When commissions are due: once in Python, for one of them, and once in SQL, for a million.

A commission clears some days after it was approved, or after the week or month (UTC) in which it
was approved has ended, and is due on the next pay day at 00:00 UTC. The narrowest terms count:
those of the enrollment, of its tier, of the program, each up to its last day. Without any it is
due as soon as it is approved. A test holds both forms equal.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from payouts.models import PayoutTerms, Schedule

AS_SOON_AS_APPROVED: Final = PayoutTerms(schedule=Schedule.AT_ONCE)
WEEK = timedelta(days=7)


def clears_at(terms: PayoutTerms, approved_at: datetime) -> datetime:
    """Return when a commission approved then has cleared: an affiliate may ask for it from then."""
    return _period_ends_at(terms, approved_at) + timedelta(days=terms.net_days)


def due_at(terms: PayoutTerms, approved_at: datetime) -> datetime | None:
    """Return when a commission approved then is paid without being asked for; None: never."""
    cleared_at = clears_at(terms, approved_at)
    if terms.schedule == Schedule.ON_REQUEST:
        return None
    if terms.pay_day is None or terms.schedule == Schedule.AT_ONCE:
        return cleared_at
    if terms.schedule == Schedule.WEEKLY:
        return cleared_at + timedelta(days=(terms.pay_day - cleared_at.isoweekday()) % 7)
    same_month = cleared_at.replace(day=terms.pay_day)
    return same_month if same_month >= cleared_at else _next_month(same_month)


def _period_ends_at(terms: PayoutTerms, approved_at: datetime) -> datetime:
    approved_at = approved_at.astimezone(UTC)
    midnight = datetime.combine(approved_at.date(), time(), UTC)
    if terms.schedule == Schedule.WEEKLY:
        return midnight - timedelta(days=midnight.weekday()) + WEEK
    if terms.schedule == Schedule.MONTHLY:
        return _next_month(midnight.replace(day=1))
    return approved_at


def _next_month(moment: datetime) -> datetime:
    if moment.month == 12:
        return moment.replace(year=moment.year + 1, month=1)
    return moment.replace(month=moment.month + 1)


# The same in SQL: `terms` is a row of payouts_payoutterms, or of nulls where there is none, and
# {approved_at} an expression. In UTC without a zone, so that no session's zone counts.

APPROVED = "({approved_at} AT TIME ZONE 'UTC')"
CLEARS_LOCALLY = f"""
    CASE terms.schedule
        WHEN 'WEEKLY' THEN date_trunc('week', {APPROVED}) + interval '7 days'
        WHEN 'MONTHLY' THEN date_trunc('month', {APPROVED}) + interval '1 month'
        ELSE {APPROVED}
    END + COALESCE(terms.net_days, 0) * interval '1 day'
"""
CLEARS_AT = f"(({CLEARS_LOCALLY}) AT TIME ZONE 'UTC')"
DUE_AT = f"""
    (SELECT CASE
        WHEN terms.schedule = 'ON_REQUEST' THEN NULL
        WHEN terms.pay_day IS NULL OR terms.schedule = 'AT_ONCE' THEN cleared
        WHEN terms.schedule = 'WEEKLY' THEN
            cleared + (terms.pay_day - extract(isodow FROM cleared)::int + 7) %% 7
                * interval '1 day'
        ELSE
            date_trunc('month', cleared) + (terms.pay_day - 1) * interval '1 day'
            + CASE WHEN extract(day FROM cleared) > terms.pay_day
                THEN interval '1 month' ELSE interval '0' END
    END AT TIME ZONE 'UTC'
    FROM (SELECT {CLEARS_LOCALLY} AS cleared) AS clearing)
"""  # noqa: S608
# Joins the row that counts on the day {on} to `enrollment`, as `terms`.
TERMS_OF_ENROLLMENT = """
    LEFT JOIN payouts_payoutterms AS own_terms
      ON own_terms.merchant_id = enrollment.merchant_id
     AND own_terms.enrollment_id = enrollment.id
     AND COALESCE(own_terms.ends_on >= {on}, true)
    LEFT JOIN programs_tier AS tier
      ON tier.merchant_id = enrollment.merchant_id AND tier.id = enrollment.tier_id
     AND tier.archived_at IS NULL
    LEFT JOIN payouts_payoutterms AS tier_terms
      ON tier_terms.merchant_id = enrollment.merchant_id AND tier_terms.tier_id = tier.id
     AND COALESCE(tier_terms.ends_on >= {on}, true)
    LEFT JOIN payouts_payoutterms AS program_terms
      ON program_terms.merchant_id = enrollment.merchant_id
     AND program_terms.program_id = enrollment.program_id
     AND program_terms.tier_id IS NULL AND program_terms.enrollment_id IS NULL
     AND COALESCE(program_terms.ends_on >= {on}, true)
    LEFT JOIN payouts_payoutterms AS terms
      ON terms.id = COALESCE(own_terms.id, tier_terms.id, program_terms.id)
"""
