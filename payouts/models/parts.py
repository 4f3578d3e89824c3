"""The parts in which workers prepare and reserve a large batch."""

from django.db import models

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.batches import Batch


class BatchPart(TenantRecord):
    """Affiliates of a batch whom a worker has yet to look at; the row is deleted when it has."""

    batch = TenantForeignKey(Batch, related_name="parts", db_index=False)
    after_position = models.PositiveIntegerField()  # The references of its payouts count from here.
    affiliates = models.PositiveIntegerField()
    first_id = models.UUIDField()  # Of an affiliate.
    until_id = models.UUIDField(null=True, blank=True)  # The next part's first; None: to the end.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "batch", "after_position"], name="batch_part_once"
            ),
        ]
