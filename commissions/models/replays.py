"""Replays: past conversions decided anew, to see what another policy or other rules would cost."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Enrollment
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models import Conversion


class ReplayKind(models.TextChoices):
    """What is decided anew."""

    BACKTEST = "BACKTEST", _("What proposed rules would have cost")
    RECOMPUTE = "RECOMPUTE", _("What the present policy makes of open conversions")


class ReplayStatus(models.TextChoices):
    """Where a replay stands."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    FAILED = "FAILED", _("Failed")
    APPLYING = "APPLYING", _("Being applied")
    APPLIED = "APPLIED", pgettext_lazy("booked", "Applied")


class Replay(TenantRecord):
    """One run over the conversions of a program in a time. Stores differences, changes nothing.

    A RECOMPUTE may be applied afterwards: each conversion is decided anew once more, under its
    lock, and the difference is booked.
    """

    program = TenantForeignKey(Program, related_name="replays")
    kind = models.CharField(max_length=10, choices=ReplayKind)
    status = models.CharField(max_length=10, choices=ReplayStatus, default=ReplayStatus.WAITING)
    # Of a BACKTEST: [{"goal", "level", "tier"?, "reward", "fixed_minor", "rate_bps", "details",
    # "conditions"}], in their order.
    proposed = models.JSONField(default=list)
    replaces_all = models.BooleanField(default=False)  # Else levels not proposed keep their rules.
    happened_from = models.DateTimeField()
    happened_until = models.DateTimeField()
    # Whoever asked: a member, in the console or by the key.
    started_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    started_by_key_id = models.UUIDField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)  # Conversions to be looked at.
    done = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=80, blank=True)  # Where to go on after an interruption.
    before_minor = models.BigIntegerField(default=0)
    after_minor = models.BigIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)  # Conversions of a RECOMPUTE that do.
    error = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Applying: who said so, how many of the differing are decided anew, and what was booked.
    applied_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    applied_by_key_id = models.UUIDField(null=True, blank=True)
    applied_count = models.PositiveIntegerField(default=0)
    booked_minor = models.BigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="replay_known",
                condition=Q(kind__in=ReplayKind.values) & Q(status__in=ReplayStatus.values),
            ),
            models.CheckConstraint(
                name="replay_has_a_time",
                condition=Q(happened_until__gt=models.F("happened_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "program", "-created_at"], name="replay_by_program"),
            models.Index(
                fields=["created_at"],
                name="replay_due",
                condition=Q(status__in=["WAITING", "RUNNING", "APPLYING"]),
            ),
        ]

    @property
    def change_minor(self) -> int:
        """How much more it would be."""
        return self.after_minor - self.before_minor

    @property
    def last_day(self) -> datetime:
        """The last moment that is looked at."""
        return self.happened_until - timedelta(microseconds=1)


class ReplayTotal(TenantRecord):
    """What one affiliate has earned, and would have, in a replay."""

    replay = TenantForeignKey(Replay, related_name="totals")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    conversions = models.PositiveIntegerField()
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "replay", "enrollment"], name="replay_total_once"
            ),
        ]

    @property
    def change_minor(self) -> int:
        """How much more it would be."""
        return self.after_minor - self.before_minor


class ReplayDifference(TenantRecord):
    """A conversion of which a RECOMPUTE would change what an affiliate earns."""

    replay = TenantForeignKey(Replay, related_name="differences")
    conversion = TenantForeignKey(Conversion, related_name="+")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()
    booked_minor = models.BigIntegerField(null=True, blank=True)  # When it was applied.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "replay", "conversion", "enrollment"],
                name="replay_difference_once",
            ),
        ]

    @property
    def change_minor(self) -> int:
        """How much more it would be."""
        return self.after_minor - self.before_minor
