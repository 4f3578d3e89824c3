"""Decisions about many lines at once, which a worker carries out."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.commissions import Status
from merchants.models import ActorKind, TenantRecord


class DecisionStatus(models.TextChoices):
    """Where a decision stands."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")


class Decision(TenantRecord):
    """What somebody decided about many lines, as they saw them: these lines and no others.

    A worker takes `line_ids` in order, some hundred at a time; `done_count` says how far it is.
    Safe to repeat: a line that is there already is left alone.
    """

    to = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(max_length=500, blank=True)
    line_ids = ArrayField(models.UUIDField())
    line_count = models.PositiveIntegerField()
    done_count = models.PositiveIntegerField(default=0)
    moved_count = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=8, choices=DecisionStatus, default=DecisionStatus.WAITING)
    actor_kind = models.CharField(max_length=6, choices=ActorKind)
    actor_id = models.UUIDField(null=True, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_known",
                condition=Q(status__in=DecisionStatus.values, to__in=Status.values),
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="decision_due", condition=Q(finished_at=None)),
        ]
