"""Dates the rows of the past as if they had been written then: `created_at` is audit time."""

from collections.abc import Sequence

from django.db import connection

# Each runs in one merchant's context, whose policies confine it to that merchant's rows.
STATEMENTS = (
    "UPDATE affiliates_enrollment SET created_at = status_changed_at WHERE status = 'INVITED'",
    """UPDATE affiliates_enrollment AS enrollment SET created_at = first.at
       FROM (SELECT enrollment_id, min(submitted_at) AS at FROM affiliates_application
             GROUP BY enrollment_id) AS first
       WHERE first.enrollment_id = enrollment.id""",
    """UPDATE tracking_link AS link SET created_at = enrollment.created_at
       FROM affiliates_enrollment AS enrollment WHERE enrollment.id = link.enrollment_id""",
    """UPDATE tracking_coupon AS coupon SET created_at = enrollment.created_at
       FROM affiliates_enrollment AS enrollment WHERE enrollment.id = coupon.enrollment_id""",
    "UPDATE tracking_customer SET created_at = first_seen_at",
    "UPDATE tracking_conversion SET created_at = occurred_at",
    "UPDATE tracking_refund SET created_at = occurred_at",
    "UPDATE commissions_commission SET created_at = earned_at",
    """UPDATE commissions_grant AS made SET created_at = conversion.occurred_at
       FROM tracking_conversion AS conversion WHERE conversion.id = made.conversion_id""",
    "UPDATE commissions_replay SET created_at = finished_at",
    # Whoever was to hear of it then, did; the reminder of a near deadline is for today's worker.
    "UPDATE commissions_claim SET created_at = submitted_at, told_at = submitted_at,"
    " answer_told_at = answered_at",
    "UPDATE programs_programchange SET created_at = at, mail_due_at = NULL",
    "UPDATE affiliates_frictionreport SET created_at = at",
    "UPDATE affiliates_application SET created_at = submitted_at, mail_due_at = NULL",
    "UPDATE affiliates_tiermove SET created_at = at, told_at = at",
    "UPDATE affiliates_enrollment SET tier_missed_told_at = tier_missed_since"
    " WHERE tier_missed_since IS NOT NULL",
    """UPDATE commissions_proposal SET created_at = offered_at, told_at = offered_at,
       answer_told_at = CASE WHEN status IN ('ACCEPTED', 'DECLINED') THEN status_changed_at END""",
    "UPDATE affiliates_bulkjob SET created_at = started_at",
    "UPDATE affiliates_note SET created_at = at",
    # Likewise: what is still to come (made before it is in force) is news.
    "UPDATE commissions_ratechange SET done_at = made_at WHERE effective_at <= made_at",
    """UPDATE payouts_rail AS rail SET created_at = event.at
       FROM merchants_event AS event
       WHERE event.subject_id = rail.id AND event.type = 'rail.connected'""",
)
OF_PAYOUTS = (
    "UPDATE payouts_batch SET created_at = cutoff_at",
    """UPDATE payouts_payout AS payout SET created_at = batch.created_at
       FROM payouts_batch AS batch WHERE batch.id = payout.batch_id""",
    "UPDATE payouts_attempt SET created_at = started_at",
    "UPDATE payouts_withdrawal SET created_at = requested_at",
)


def date_rows() -> None:
    """Give every row of the present merchant the time at which it would have been written."""
    _run(STATEMENTS)


def date_payouts() -> None:
    """Give the present merchant's batches and what belongs to them their times."""
    _run(OF_PAYOUTS)


def _run(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
