"""Threads between a merchant and an affiliate, their messages, and how far each person read."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from messaging.models.broadcasts import Broadcast
from users.models import User


class Side(models.TextChoices):
    """Who of the two wrote, or reads."""

    MERCHANT = "MERCHANT", _("Merchant")
    AFFILIATE = "AFFILIATE", _("Affiliate")


class ThreadStatus(models.TextChoices):
    """Whether a thread is settled."""

    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


MAY_COME_FROM = {
    ThreadStatus.OPEN: [ThreadStatus.CLOSED],
    ThreadStatus.CLOSED: [ThreadStatus.OPEN],
}


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Threads, with the one way to change their status."""

    def move(self, *, to: ThreadStatus, at: datetime) -> int:
        """Move to `to` every thread that is not there yet; return how many moved."""
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Thread(TenantRecord):
    """A subject that a merchant and an affiliate write about, within one program.

    What lists ask of its messages stands here as well: who wrote last on each side, and when.
    """

    enrollment = TenantForeignKey(Enrollment, related_name="threads", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    broadcast = TenantForeignKey(  # It began this thread.
        Broadcast, related_name="threads", null=True, blank=True, db_index=False
    )
    subject = models.CharField(_("subject"), max_length=150)
    status = models.CharField(max_length=6, choices=ThreadStatus, default=ThreadStatus.OPEN)
    status_changed_at = models.DateTimeField()
    last_at = models.DateTimeField()
    merchant_wrote_at = models.DateTimeField(null=True, blank=True)
    affiliate_wrote_at = models.DateTimeField(null=True, blank=True)
    # When somebody of the affiliate first read what the merchant wrote.
    read_at = models.DateTimeField(null=True, blank=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="thread_status_known", condition=Q(status__in=ThreadStatus.values)
            ),
            models.UniqueConstraint(
                fields=["merchant", "broadcast", "affiliate"],
                name="thread_once_per_broadcast",
                condition=Q(broadcast__isnull=False),
            ),
            models.CheckConstraint(
                name="thread_has_a_message",
                condition=Q(last_at=F("merchant_wrote_at")) | Q(last_at=F("affiliate_wrote_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "enrollment", "-last_at"], name="thread_of_one"),
            models.Index(fields=["affiliate", "-last_at"], name="thread_by_affiliate"),
            models.Index(
                fields=["merchant", "-last_at"],
                name="thread_in_inbox",
                condition=Q(broadcast=None) | Q(affiliate_wrote_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Message(TenantRecord):
    """What one side wrote: plain text, never changed afterwards."""

    thread = TenantForeignKey(Thread, related_name="messages", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=9, choices=Side)
    # Who wrote it; null: a key of the affiliate, or Fairlead in the merchant's name.
    member = TenantForeignKey(Member, related_name="+", null=True, blank=True, db_index=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    writer = models.CharField(max_length=150)  # Their name at that time: either side reads it.
    body = models.TextField(_("message"), max_length=5000)
    at = models.DateTimeField()
    is_broadcast = models.BooleanField(default=False)  # The same went to others.
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Null: the other side was told.

    class Meta:
        constraints = [
            models.CheckConstraint(name="message_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(name="message_says_something", condition=~Q(body="")),
            models.CheckConstraint(
                name="message_by_a_member_is_the_merchants",
                condition=Q(member=None) | Q(side=Side.MERCHANT),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "thread", "id"], name="message_by_thread"),
            models.Index(
                fields=["affiliate", "merchant", "at"],
                name="message_of_affiliate",
                condition=Q(side=Side.AFFILIATE),
            ),
            models.Index(
                fields=["mail_due_at"],
                name="message_to_mail",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]


class ThreadRead(TenantRecord):
    """How far a person read a thread, on one side. `affiliate` is set on the affiliate's."""

    thread = TenantForeignKey(Thread, related_name="reads", db_index=False)
    affiliate = models.ForeignKey(
        Affiliate, models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    side = models.CharField(max_length=9, choices=Side)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "thread", "user", "side"], name="thread_read_once"
            ),
            models.CheckConstraint(
                name="thread_read_side_known",
                condition=Q(side=Side.MERCHANT, affiliate=None)
                | Q(side=Side.AFFILIATE, affiliate__isnull=False),
            ),
        ]
