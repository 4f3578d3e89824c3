"""Idempotency keys: the first answer to each, kept to be given again byte for byte."""

from django.db import models

from affiliates.models import Affiliate
from common.models import Record
from merchants.models import TenantRecord

KEPT_DAYS = 30


class Answer(models.Model):
    """The answer to one Idempotency-Key, written in the transaction of what the request did.

    `status` and `body` are null inside that transaction only, while the request still runs.
    """

    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)  # SHA-256 of method, path and body.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        abstract = True


class IdempotentAnswer(Answer, TenantRecord):
    """What a merchant's key was answered. The keys of one merchant share their names."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_by_age")]


class AffiliateAnswer(Answer, Record):
    """What an affiliate's key was answered. Policy: the affiliate's own."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affiliate", "key"], name="affiliate_idempotency_key_once"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="affiliate_answer_by_age")]
