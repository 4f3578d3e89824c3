"""Attempts: what was, or may have been, said to a provider. Committed before it is said."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.secrets import decrypt
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.batches import Batch
from payouts.models.rails import Rail


class AttemptStatus(models.TextChoices):
    """How far a call came. UNKNOWN is left only by the provider's own answer."""

    SENDING = "SENDING", _("Being sent")
    ACCEPTED = "ACCEPTED", _("Accepted")
    REJECTED = "REJECTED", _("Rejected")
    UNKNOWN = "UNKNOWN", _("Unknown, being looked into")


ATTEMPT_MAY_COME_FROM = {  # ACCEPTED and REJECTED are final.
    AttemptStatus.SENDING: [AttemptStatus.UNKNOWN],  # The same bytes with the same key, once more.
    AttemptStatus.ACCEPTED: [AttemptStatus.SENDING, AttemptStatus.UNKNOWN],
    AttemptStatus.REJECTED: [AttemptStatus.SENDING, AttemptStatus.UNKNOWN],
    AttemptStatus.UNKNOWN: [AttemptStatus.SENDING],
}


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts, with the one way to change their status."""

    def move(self, *, to: AttemptStatus, **facts: Any) -> int:
        """Move to `to` every attempt allowed to go there, with facts of the move; count them."""
        return self.filter(status__in=ATTEMPT_MAY_COME_FROM[to]).update(status=to, **facts)


class Attempt(TenantRecord):
    """One request to a provider for one payout or many, with the key that makes it count once.

    `request` holds exactly the bytes that are sent, encrypted as they name payees; a repeat sends
    these again and never others. `progress` is what a request of several calls has reached.

    SENDING with a `next_check_at` was refused for now, unread: it is sent again then.
    """

    batch = TenantForeignKey(Batch, related_name="attempts")
    rail = TenantForeignKey(Rail, related_name="attempts")
    idempotency_key = models.UUIDField(unique=True)
    request = models.BinaryField()  # Fernet over {"body": text}.
    sha256 = models.CharField(max_length=64)  # Of the clear bytes.
    status = models.CharField(max_length=10, choices=AttemptStatus, default=AttemptStatus.SENDING)
    started_at = models.DateTimeField()  # The first time; the provider's memory runs from here.
    leased_until = models.DateTimeField()  # Whoever sends it has until then; then it is UNKNOWN.
    next_check_at = models.DateTimeField(null=True, blank=True)
    not_found_at = models.DateTimeField(null=True, blank=True)  # First of several in a row.
    sends = models.PositiveSmallIntegerField(default=1)
    provider_ref = models.CharField(max_length=140, blank=True)  # Theirs, for the whole request.
    progress = models.JSONField(default=dict)
    answer = models.CharField(max_length=500, blank=True)  # What they said last, without secrets.

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attempt_status_known", condition=Q(status__in=AttemptStatus.values)
            ),
            models.UniqueConstraint(
                name="attempt_provider_ref_unique",
                fields=["merchant", "rail", "provider_ref"],
                condition=~Q(provider_ref=""),
            ),
        ]
        indexes = [
            models.Index(
                name="attempt_to_check",
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
            ),
            models.Index(
                name="attempt_unknown", fields=["merchant"], condition=Q(status="UNKNOWN")
            ),
            models.Index(
                name="attempt_leased", fields=["leased_until"], condition=Q(status="SENDING")
            ),
        ]

    def reveal(self) -> bytes:
        """Return the exact bytes in clear. Only for the call that sends them."""
        return str(decrypt(bytes(self.request))["body"]).encode()
