"""What knocked at the public intakes, and files of facts."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.ids import time_of
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program


class Outcome(models.TextChoices):
    """What became of a call."""

    CREATED = "CREATED", _("New")
    REPEATED = "REPEATED", _("Known already")
    UPDATED = "UPDATED", _("Status changed")
    REFUSED = "REFUSED", _("Refused")
    FAILED = "FAILED", _("Our fault")


class IntakeCall(models.Model):
    """One call of a public intake: what was said, secrets masked, and what became of it.

    A volume table: no foreign key points here or away; rows go after 30 days.
    """

    pk = models.CompositePrimaryKey("merchant_id", "id")
    merchant_id = models.UUIDField()
    id = models.UUIDField()  # UUIDv7: its time is the call's.
    program_id = models.UUIDField(null=True)
    intake = models.CharField(max_length=20)  # "postback", "pixel", "tune", …, "api".
    method = models.CharField(max_length=8)
    address = models.CharField(max_length=50)  # Of a server whole, of a browser its network.
    said = models.JSONField()  # Parameters by name; secrets are "•••".
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=60)  # A stable code, empty when all went well.
    detail = models.CharField(max_length=500)
    order_id = models.CharField(max_length=200)
    conversion_id = models.UUIDField(null=True)
    is_test = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="intake_outcome_known", condition=Q(outcome__in=Outcome.values)
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="intake_call_by_age"),
            models.Index(fields=["merchant_id", "order_id"], name="intake_call_by_order"),
        ]

    @property
    def at(self) -> datetime:
        """Return when it happened; the id says so."""
        return time_of(self.id)


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    FAILED = "FAILED", _("Unreadable")


class ImportProfile(models.TextChoices):
    """What the lines of a file are."""

    CONVERSIONS = "CONVERSIONS", _("Conversions")
    REFUNDS = "REFUNDS", _("Refunds")
    COUPONS = "COUPONS", _("Coupons")
    COUPON_USES = "COUPON_USES", _("Used coupons")


class Import(TenantRecord):
    """A file of facts, taken in line by line by a worker; safe to repeat from any line."""

    program = TenantForeignKey(Program, related_name="imports")
    member = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    key_id = models.UUIDField(null=True, blank=True)
    profile = models.CharField(max_length=12, choices=ImportProfile)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    is_dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=ImportStatus, default=ImportStatus.WAITING)
    detail = models.CharField(max_length=500, blank=True)
    lines_total = models.PositiveIntegerField(default=0)
    lines_done = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    repeated_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)  # [{line, field, code, message}], the first 1,000.
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_status_known", condition=Q(status__in=ImportStatus.values)
            ),
            models.CheckConstraint(
                name="import_profile_known", condition=Q(profile__in=ImportProfile.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="import_due",
                condition=Q(status__in=["WAITING", "RUNNING"]),
            ),
        ]
