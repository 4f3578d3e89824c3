"""Experiments: affiliates are assigned to variants of the rates, and the results compared."""

from datetime import datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from commissions.models.rules import Promotion
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program


class ExperimentState(models.TextChoices):
    """Where an experiment stands; it follows from its times."""

    PLANNED = "PLANNED", _("Planned")
    RUNNING = "RUNNING", _("Running")
    OVER = "OVER", _("Over")
    ARCHIVED = "ARCHIVED", _("Archived")


class Experiment(TenantRecord):
    """A comparison of rates over a time. Who takes part is decided once, at its start."""

    program = TenantForeignKey(Program, related_name="experiments")
    name = models.CharField(_("name"), max_length=80)
    hypothesis = models.CharField(_("what you expect"), max_length=300, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    assigned_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="experiment_ends_after_its_start",
                condition=Q(ends_at__gt=models.F("starts_at")),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="experiment_by_program")]

    def __str__(self) -> str:
        return self.name

    @property
    def over_at(self) -> datetime:
        """When its rates end, or ended."""
        return self.stopped_at or self.ends_at

    def state_at(self, at: datetime) -> "ExperimentState":
        """Return where it stands at a moment."""
        if self.archived_at is not None:
            return ExperimentState.ARCHIVED
        if self.over_at <= at:
            return ExperimentState.OVER
        return ExperimentState.RUNNING if self.starts_at <= at else ExperimentState.PLANNED


class ExperimentVariant(TenantRecord):
    """One of the rates compared. The control has no promotion: it earns as everybody does."""

    experiment = TenantForeignKey(Experiment, related_name="variants")
    name = models.CharField(_("name"), max_length=80)
    weight = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    promotion = TenantForeignKey(Promotion, related_name="variants", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "experiment", "name"], name="variant_name_unique"
            ),
            models.CheckConstraint(name="variant_weight_positive", condition=Q(weight__gte=1)),
        ]


class ExperimentAssignment(TenantRecord):
    """Which variant an affiliate is in."""

    experiment = TenantForeignKey(Experiment, related_name="assignments")
    variant = TenantForeignKey(ExperimentVariant, related_name="assignments")
    enrollment = TenantForeignKey(Enrollment, related_name="assignments")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "experiment", "enrollment"], name="assigned_once"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "enrollment"], name="assignment_by_enrollment")]
