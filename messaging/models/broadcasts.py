"""One text to many affiliates: what it says, when it goes out, and to whom it went."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey


class BroadcastStatus(models.TextChoices):
    """Where a broadcast stands."""

    DRAFT = "DRAFT", _("Draft")
    SCHEDULED = "SCHEDULED", _("Scheduled")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Sent")
    CANCELLED = "CANCELLED", _("Cancelled")


MAY_COME_FROM = {  # The whole lifecycle; DONE and CANCELLED are final.
    BroadcastStatus.SCHEDULED: [BroadcastStatus.DRAFT],
    BroadcastStatus.RUNNING: [BroadcastStatus.SCHEDULED],
    BroadcastStatus.DONE: [BroadcastStatus.RUNNING],
    BroadcastStatus.CANCELLED: [
        BroadcastStatus.DRAFT,
        BroadcastStatus.SCHEDULED,
        BroadcastStatus.RUNNING,
    ],
}


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    """Broadcasts, with the one way to change their status."""

    def move(self, *, to: BroadcastStatus, at: datetime) -> int:
        """Move to `to` every broadcast allowed to go there; return how many moved.

        One UPDATE, so of two workers who end one the second counts 0.
        """
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Broadcast(TenantRecord):
    """A message to many affiliates, with tags that are filled in for each of them."""

    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("message"), max_length=5000)
    query = models.CharField(max_length=2000, blank=True)  # Whom: as in the list's address.
    member = TenantForeignKey(Member, related_name="+", db_index=False)  # In whose name it goes.
    status = models.CharField(max_length=9, choices=BroadcastStatus, default=BroadcastStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)  # Recipients, written down when it is sent.

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="broadcast_status_known", condition=Q(status__in=BroadcastStatus.values)
            ),
            models.CheckConstraint(
                name="broadcast_starts_some_time",
                condition=Q(starts_at__isnull=False)
                | Q(status__in=[BroadcastStatus.DRAFT, BroadcastStatus.CANCELLED]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"],
                name="broadcast_due",
                condition=Q(status__in=[BroadcastStatus.SCHEDULED, BroadcastStatus.RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class BroadcastRecipient(TenantRecord):
    """An affiliate whom a broadcast reaches once, however many programs they are in."""

    broadcast = TenantForeignKey(Broadcast, related_name="recipients", db_index=False)
    enrollment = TenantForeignKey(Enrollment, related_name="+", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "broadcast", "affiliate"], name="broadcast_once_per_affiliate"
            ),
            models.UniqueConstraint(
                fields=["merchant", "broadcast", "enrollment"],
                name="broadcast_once_per_enrollment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["merchant", "broadcast", "id"],
                name="broadcast_to_send",
                condition=Q(sent_at=None),
            ),
        ]
