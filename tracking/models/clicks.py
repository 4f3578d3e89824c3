"""Clicks, and what came to no link at all."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.ids import time_of


class ClickClass(models.TextChoices):
    """What made the request. Only a human's click may be credited."""

    HUMAN = "HUMAN", _("Human")
    BOT = "BOT", _("Bot")
    PREVIEW = "PREVIEW", _("Link preview")
    PREFETCH = "PREFETCH", _("Prefetch")
    STUFFING = "STUFFING", _("Loaded out of sight")
    HEAD = "HEAD", _("HEAD request")
    DUPLICATE = "DUPLICATE", _("Repeated within seconds")
    STAFF = "STAFF", _("The merchant's own staff")


class Click(models.Model):
    """One visit through a link. Partitioned by day of its id; made by migration 0002.

    No foreign key points here or away: the table is large, and partitions are dropped.
    """

    pk = models.CompositePrimaryKey("merchant_id", "id")
    merchant_id = models.UUIDField()
    id = models.UUIDField()
    program_id = models.UUIDField()
    enrollment_id = models.UUIDField()
    affiliate_id = models.UUIDField()
    link_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=ClickClass, db_column="class")
    refusal = models.CharField(max_length=40)  # Empty when credited, else the reason's code.
    destination_host = models.CharField(max_length=253)
    referrer_host = models.CharField(max_length=253)
    device = models.CharField(max_length=20)
    os = models.CharField(max_length=40)
    browser = models.CharField(max_length=40)
    ip_net = models.CharField(max_length=50)  # Truncated: /24 or /48.
    source = models.CharField(max_length=200)
    ext_click_id = models.CharField(max_length=200)
    subs = models.JSONField()  # {"sub1": "…", … "sub10": "…"}
    country = models.CharField(max_length=2)  # Empty without a GeoIP database.
    language = models.CharField(max_length=8)
    destination_id = models.UUIDField(null=True)  # Of the program's destinations, if it was one.
    visitor = models.CharField(max_length=24)  # Keyed daily hash; linkable for 48 hours at most.
    is_unique = models.BooleanField()  # The first of this visitor on this link within 24 hours.

    class Meta:
        managed = False
        db_table = "tracking_click"

    @property
    def at(self) -> datetime:
        """Return when it happened; the id says so."""
        return time_of(self.id)


class MissedCode(models.Model):
    """Visits on one day to a code that leads nowhere, as a count.

    The merchant is known when the host is a tracking domain of it, or when the code is one of its
    codes misspelt in case or by a sign at the end; else only operators see the row.
    """

    id = models.UUIDField(primary_key=True)
    merchant_id = models.UUIDField(null=True)
    day = models.DateField()
    host = models.CharField(max_length=253)
    code = models.CharField(max_length=80)  # Empty: more than are kept one by one.
    reason = models.CharField(max_length=40)
    hits = models.PositiveBigIntegerField()
    referrer_host = models.CharField(max_length=253)  # Of the last one.
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "host", "code"], name="missed_code_once_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["merchant_id", "-day"],
                name="missed_code_by_merchant",
                condition=~Q(merchant_id=None),
            )
        ]
