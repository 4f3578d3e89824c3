"""What applicants write, and how far visitors of a join page come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models.accounts import Affiliate
from affiliates.models.enrollments import Enrollment
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program, Stage


class Application(TenantRecord):
    """What an applicant wrote; a rejected affiliate may apply again, with another of these."""

    enrollment = TenantForeignKey(Enrollment, related_name="applications")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=13, choices=Stage, default=Stage.APPLICATION)
    answers = models.JSONField(default=dict)  # {"channels": "…", "message": "…"}, by code.
    # The questions as they were asked, in order: [{"code", "label", "kind"}].
    questions = models.JSONField(default=list, blank=True)
    # What the review rules found, in order: [{"rule", "holds", "verdict", "reason"}].
    checks = models.JSONField(default=list, blank=True)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = TenantForeignKey(  # Null: not yet, or by a rule.
        Member, related_name="+", null=True, blank=True, db_index=False
    )
    message = models.TextField(_("message to the applicant"), max_length=2000, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Null: they know where it stands.

    class Meta:
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                name="application_to_mail",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="application_stage_known", condition=Q(stage__in=Stage.values)
            ),
        ]


class FunnelStep(models.TextChoices):
    """How far somebody came before there was an application."""

    VISITED = "VISITED", _("Saw the page")
    STARTED = "STARTED", _("Began the form")


class FunnelCount(TenantRecord):
    """How many did that on a day (UTC). Later steps are counted from enrollments themselves."""

    program = TenantForeignKey(Program, related_name="funnel_counts")
    day = models.DateField()
    step = models.CharField(max_length=7, choices=FunnelStep)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "day", "step"], name="funnel_count_once"
            ),
            models.CheckConstraint(
                name="funnel_step_known", condition=Q(step__in=FunnelStep.values)
            ),
        ]
