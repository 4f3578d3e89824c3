"""From stored conversions and refunds to commissions: what the worker does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import sleep
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from commissions.accrual import accrue, follow_customers, read_conversions
from commissions.accrual.strands import left_of
from commissions.models import Commission, Status
from commissions.services.moves import lock_conversions, move_commissions
from commissions.services.take_backs import TakeBack, lock_lines, take_back, take_grants_back
from commissions.services.waiting import attach_to
from common.batches import collected_afterwards
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import AfterHold
from tracking.models import Conversion, Customer, Refund

AT_ONCE = 1_000  # Conversions: the more, the less each costs, and the longer locks are held.
BATCH = 500
ATTEMPTS = 10
PAUSE_SECONDS = 0.02


def process_conversions(*, merchant_id: UUID, at: datetime, limit: int = AT_ONCE) -> int:
    """Attribute up to `limit` waiting conversions of a merchant; return how many.

    Rows another worker holds are skipped, so any number of these may run at once. Whoever comes
    upon an earlier decision that somebody else holds, gives way and tries again.
    """
    return _giving_way(partial(_process_batch, merchant_id, at, limit))


def _giving_way(work: Callable[[], int]) -> int:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or attempt == ATTEMPTS:
                raise
            sleep(attempt * PAUSE_SECONDS)
    return 0


def _process_batch(merchant_id: UUID, at: datetime, limit: int) -> int:
    with collected_afterwards(), merchant_context(merchant_id):
        due = Conversion.objects.filter(merchant_id=merchant_id, attributed_at=None)
        conversions = read_conversions(
            due.select_for_update(skip_locked=True).order_by("created_at")[:limit]
        )
        if conversions:
            accrue(merchant_id, conversions, at=at)
            attach_to(merchant_id, conversions)
    return len(conversions)


def process_customers(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Decide anew what customers did of whom something was told late; return how many customers.

    So it comes to the same whether a customer's sign-up is reported before their order or after.
    """
    return _giving_way(partial(_process_customers, merchant_id, at, limit))


def _process_customers(merchant_id: UUID, at: datetime, limit: int) -> int:
    with merchant_context(merchant_id):
        due = Customer.objects.filter(merchant_id=merchant_id, news_from__isnull=False)
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        news = locked.order_by("id").values_list("id", "news_from")[:limit]
        since = {customer_id: moment for customer_id, moment in news if moment}
        follow_customers(merchant_id, since, at=at)
        due.filter(id__in=since).update(news_from=None)
    return len(since)


def process_refunds(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Take back what waiting refunds of a merchant call for; return how many refunds.

    A refund whose conversion is not attributed yet waits for it.
    """
    with merchant_context(merchant_id):
        due = Refund.objects.filter(merchant_id=merchant_id, applied_at=None)
        ready = due.filter(conversion__attributed_at__isnull=False).order_by("occurred_at", "id")
        ids = ready.exclude(conversion=None).values_list("conversion_id", flat=True)
        conversion_ids = {id for id in ids[:limit] if id}
        locked = lock_conversions(merchant_id=merchant_id, ids=conversion_ids, skip_locked=True)
        refunds = list(due.filter(conversion_id__in=locked).order_by("occurred_at", "id"))
        if refunds:
            _apply_refunds(merchant_id, refunds, at)
    return len(refunds)


def _apply_refunds(merchant_id: UUID, refunds: Sequence[Refund], at: datetime) -> None:
    # The caller holds the conversions' locks, so that refunds of one are counted one by one.
    ids = {refund.conversion_id for refund in refunds if refund.conversion_id}
    found = Conversion.objects.filter(merchant_id=merchant_id, id__in=ids).order_by("id")
    conversions = {row.id: row for row in found}
    left = left_of(merchant_id, list(conversions.values()))
    facts = []
    for refund in refunds:
        conversion = conversions[refund.conversion_id]  # type: ignore[index]
        before = left[conversion.id]
        now = replace(before, refunded_minor=before.refunded_minor + refund.amount_minor)
        left[conversion.id] = now
        facts.append(TakeBack(conversion, now, f"refund:{refund.id}", refund.occurred_at))
    take_back(merchant_id, facts, lock_lines(merchant_id, list(conversions)), at=at)
    applied = Refund.objects.filter(id__in=[refund.id for refund in refunds])
    applied.update(applied_at=at)
    gone = [row for row in conversions.values() if left[row.id].is_nothing]
    take_grants_back(merchant_id, gone, at=at, reason="refunded")


def approve_due(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Approve commissions whose hold has passed; return how many.

    Where a person looks at each (REVIEW), they wait on.
    """
    with merchant_context(merchant_id):
        due = Commission.objects.in_status(Status.PENDING).filter(
            merchant_id=merchant_id,
            hold_until__lte=at,
            program__after_hold=AfterHold.APPROVE,
        )
        ids = list(due.order_by("hold_until", "id").values_list("id", flat=True)[:limit])
        return move_commissions(
            merchant_id=merchant_id, ids=ids, to=Status.APPROVED, by=SYSTEM, at=at
        )
