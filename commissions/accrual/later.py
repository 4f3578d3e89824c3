"""Which decisions an earlier fact may change: those of what the same customers did later."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tracking.models import Conversion

LATER = """
SELECT conversion.id
FROM unnest(%(customers)s::uuid[], %(since)s::timestamptz[]) AS asked (customer_id, since)
JOIN tracking_conversion AS conversion
  ON conversion.merchant_id = %(merchant)s AND conversion.customer_id = asked.customer_id
 AND conversion.occurred_at >= asked.since
WHERE conversion.attributed_at IS NOT NULL AND NOT conversion.is_test
  AND conversion.status <> 'DECLINED' AND conversion.id <> ALL(%(known)s)
"""


def later_of_customers(merchant_id: UUID, conversions: Sequence[Conversion]) -> set[UUID]:
    """Return what the customers of these conversions reached later, and was attributed before.

    From the beginning of the same second on: merchants report whole ones.
    """
    since: dict[UUID, datetime] = {}
    for row in conversions:
        if row.customer_id and not row.is_test:
            moment = row.occurred_at.replace(microsecond=0)
            since[row.customer_id] = min(moment, since.get(row.customer_id, moment))
    if not since:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            LATER,
            {
                "merchant": merchant_id,
                "customers": list(since),
                "since": list(since.values()),
                "known": [row.id for row in conversions],
            },
        )
        return {id for (id,) in cursor}
