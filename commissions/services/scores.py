"""What the branches of smart links have earned, so that the best one can be chosen at a click."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from merchants.tenancy import merchant_context

SCORE_DAYS = 7

# By name: the rollups belong to reports, which stand above. Only what differs is written, because
# every write is announced to the edges. What is declined earned nothing; reversals count.
SCORE = """
WITH clicked AS (
    SELECT link_id, sum(credited) AS clicks
    FROM reports_dailyclicks
    WHERE merchant_id = %(merchant)s AND day >= %(since)s::date
    GROUP BY link_id
), earned AS (
    SELECT credit.link_id, sum(commission.amount_minor) AS amount_minor
    FROM commissions_commission AS commission
    JOIN tracking_credit AS credit
        ON (credit.merchant_id, credit.conversion_id, credit.enrollment_id)
        = (commission.merchant_id, commission.conversion_id, commission.enrollment_id)
    WHERE commission.merchant_id = %(merchant)s AND commission.earned_at >= %(since)s
        AND commission.status <> 'DECLINED'
    GROUP BY credit.link_id
), scored AS (
    SELECT
        branch.id,
        coalesce(
            greatest(earned.amount_minor, 0) * 1000 / nullif(clicked.clicks, 0), 0
        )::bigint AS score
    FROM tracking_branch AS branch
    LEFT JOIN clicked ON clicked.link_id = branch.target_id
    LEFT JOIN earned ON earned.link_id = branch.target_id
    WHERE branch.merchant_id = %(merchant)s
)
UPDATE tracking_branch AS branch SET score = scored.score
FROM scored
WHERE branch.merchant_id = %(merchant)s AND branch.id = scored.id
    AND branch.score IS DISTINCT FROM scored.score
"""


def score_branches(*, merchant_id: UUID, at: datetime) -> int:
    """Set each branch's score: commission per thousand credited clicks of the last seven days.

    In minor units; return how many changed. Safe to repeat, and to run twice at once.
    """
    values: dict[str, Any] = {"merchant": merchant_id, "since": at - timedelta(days=SCORE_DAYS)}
    with merchant_context(merchant_id), connection.cursor() as cursor:
        cursor.execute(SCORE, values)
        return cursor.rowcount
