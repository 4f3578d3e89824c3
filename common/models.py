"""The base of every table."""

from django.db import models
from django.utils import timezone

from common.ids import new_id


class Record(models.Model):
    """A row with a UUIDv7 and the moment it was written (for audit; domain times are explicit)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
