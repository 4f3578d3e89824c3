"""Idempotency keys: the first answer to each, kept to be given again byte for byte."""

from django.db import models

from merchants.models import TenantRecord

KEPT_DAYS = 30


class IdempotentAnswer(TenantRecord):
    """The answer to one Idempotency-Key. `status` is null while the first call still runs."""

    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)  # SHA-256 of method, path and body.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_by_age")]
