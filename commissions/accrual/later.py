"""Which decisions a fact may change that comes late: those of what happened after it."""

from bisect import insort
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from commissions.accrual.conversions import ConversionRow
from commissions.accrual.gather import credited_before
from commissions.accrual.history import Entry, periods_of, read_volumes, volume_rules
from commissions.accrual.rates import rules_of
from tracking.models import Conversion, Credit

LATER = """
SELECT conversion.id
FROM unnest(%(customers)s::uuid[], %(since)s::timestamptz[]) AS asked (customer_id, since)
JOIN tracking_conversion AS conversion
  ON conversion.merchant_id = %(merchant)s AND conversion.customer_id = asked.customer_id
 AND conversion.occurred_at >= asked.since
WHERE conversion.attributed_at IS NOT NULL AND NOT conversion.is_test
  AND conversion.status <> 'DECLINED' AND conversion.id <> ALL(%(known)s)
"""


def later_of_customers(
    merchant_id: UUID, conversions: Sequence[Conversion | ConversionRow]
) -> set[UUID]:
    """Return what the customers of these conversions reached later, and was attributed before.

    From the beginning of the same second on: merchants report whole ones.
    """
    since: dict[UUID, datetime] = {}
    for row in conversions:
        if row.customer_id and not row.is_test:
            moment = row.occurred_at.replace(microsecond=0)
            since[row.customer_id] = min(moment, since.get(row.customer_id, moment))
    return later_than(merchant_id, since, known=[row.id for row in conversions])


def later_than(
    merchant_id: UUID, since: Mapping[UUID, datetime], *, known: Sequence[UUID] = ()
) -> set[UUID]:
    """Return what customers reached `since` their moments and was attributed, beside what is known.

    :param since: moments by the customers' ids.
    """
    if not since:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            LATER,
            {
                "merchant": merchant_id,
                "customers": list(since),
                "since": list(since.values()),
                "known": list(known),
            },
        )
        return {id for (id,) in cursor}


def shifted_by_loss(
    merchant_id: UUID, conversions: Sequence[Conversion | ConversionRow]
) -> set[UUID]:
    """Return what reaches another step of a volume because these do not count any more."""
    concerned = credited_before(merchant_id, [row.id for row in conversions])
    programs = {row.program_id for row in conversions}
    rules = volume_rules(rules_of(merchant_id, programs, enrollment_ids=concerned))
    if not rules:
        return set()
    lost = {row.id: row for row in conversions}
    credits = Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=lost)
    found = [
        (pair, Entry(row.occurred_at, row.external_id, credit.amount_minor, row.id))
        for credit in credits
        for row in [lost[credit.conversion_id]]
        for pair in periods_of(rules, row, credit.enrollment_id)
    ]
    periods = {period for (period, _rule), _entry in found}
    volumes = read_volumes(merchant_id, periods, left_out=())
    for period, entry in {(period, entry) for (period, _rule), entry in found}:
        if entry not in volumes.stored[period]:
            insort(volumes.stored[period], entry)
    return volumes.shifted([pair for pair, _entry in found]) - lost.keys()
