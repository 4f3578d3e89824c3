"""A large batch is prepared, and reserved, in parts: by several workers at once.

Whoever works on a part holds its row, and shares the batch with those who work on the others. When
all parts are gone the step is done; whoever begins, ends or cancels one holds the batch alone. So a
worker that dies leaves its part to the next one, and nobody has to notice.
"""

from math import ceil
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from payouts.models import Batch, BatchPart, BatchStatus

AFFILIATES_AT_ONCE = 25_000

TAKE = """
SELECT part.id FROM payouts_batchpart AS part
JOIN payouts_batch AS batch ON batch.merchant_id = part.merchant_id AND batch.id = part.batch_id
WHERE part.merchant_id = %(merchant)s AND batch.status = %(status)s
ORDER BY batch.number, part.after_position LIMIT 1
FOR UPDATE OF part SKIP LOCKED FOR SHARE OF batch SKIP LOCKED
"""


def take_part(merchant_id: UUID, status: BatchStatus) -> BatchPart | None:
    """Return a part of a batch in this status that nobody works on; from now on it is held."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"merchant": merchant_id, "status": status})
        row = cursor.fetchone()
    return BatchPart.objects.select_related("batch").get(id=row[0]) if row else None


def take_batch(merchant_id: UUID, status: BatchStatus) -> Batch | None:
    """Return the merchant's first batch in this status; None while somebody else works on it.

    One after the other: two would take the same commissions.
    """
    batches = Batch.objects.filter(merchant_id=merchant_id, status=status)
    first = batches.order_by("number").values("id")[:1]
    return batches.filter(id__in=first).select_for_update(of=("self",), skip_locked=True).first()


def cut(batch: Batch, ids: QuerySet[Any, UUID], *, after_position: int = 0) -> None:
    """Cut a step of the batch into parts; `ids` are those of its affiliates, in order, each once.

    They are of one size, and an even number, as two are worked on at once.
    """
    total = ids.count()
    pairs = ceil(total / (2 * AFFILIATES_AT_ONCE)) or 1
    size = ceil(total / (2 * pairs)) or 1
    firsts = [id for number, id in enumerate(ids.iterator()) if number % size == 0]
    BatchPart.objects.bulk_create(
        BatchPart(
            merchant_id=batch.merchant_id,
            batch=batch,
            after_position=after_position + number * size,
            affiliates=min(size, total - number * size),
            first_id=first_id,
            until_id=until_id,
        )
        for number, (first_id, until_id) in enumerate(zip(firsts, [*firsts[1:], None], strict=True))
    )
    batch.step_size = total
    batch.save(update_fields=["step_size"])


def is_cut(batch: Batch) -> bool:
    """Return whether the batch's present step was cut into parts."""
    return batch.step_size is not None


def has_parts(batch: Batch) -> bool:
    """Return whether parts are left: of workers who died between our looking for one and now."""
    return BatchPart.objects.filter(merchant_id=batch.merchant_id, batch=batch).exists()


def within(part: BatchPart) -> Q:
    """Return the condition that an `affiliate_id` is in the part."""
    condition = Q(affiliate_id__gte=part.first_id)
    return condition if part.until_id is None else condition & Q(affiliate_id__lt=part.until_id)
