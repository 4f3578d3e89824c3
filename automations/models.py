"""Automations, and what each of them did about whom."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Enrollment, Tag
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program, Tier


class Trigger(models.TextChoices):
    """What must be so with an affiliate. What each means is declared in automations.catalogue."""

    NO_CLICK = "NO_CLICK", _("No click for some days")
    NEVER_STARTED = "NEVER_STARTED", _("Approved, and no click since")
    FIRST_SALE = "FIRST_SALE", _("First conversion")
    TIER_REACHED = "TIER_REACHED", _("Came into a tier")
    HEALTH_BELOW = "HEALTH_BELOW", _("Health fell below a score")
    GOAL_MET = "GOAL_MET", _("A shared goal was reached")


class ActionKind(models.TextChoices):
    """What is done then."""

    MESSAGE = "MESSAGE", _("Write a message to them")
    TAG = "TAG", _("Add a tag")
    TASK = "TASK", _("Set a task for whoever looks after them")
    MOVE_TIER = "MOVE_TIER", _("Move to a tier")


class AutomationStatus(models.TextChoices):
    """Whether it does anything."""

    PAUSED = "PAUSED", pgettext_lazy("automation", "Paused")
    ACTIVE = "ACTIVE", pgettext_lazy("automation", "Active")
    ARCHIVED = "ARCHIVED", _("Archived")


MAY_COME_FROM = {  # ARCHIVED is final.
    AutomationStatus.ACTIVE: [AutomationStatus.PAUSED],
    AutomationStatus.PAUSED: [AutomationStatus.ACTIVE],
    AutomationStatus.ARCHIVED: [AutomationStatus.PAUSED, AutomationStatus.ACTIVE],
}


class AutomationQuerySet(models.QuerySet["Automation"]):
    """Automations, with the one way to change their status."""

    def move(self, *, to: AutomationStatus, at: datetime) -> int:
        """Move to `to` every automation allowed to go there; return how many moved."""
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Automation(TenantRecord):
    """One "when …, then …" of a program. What it does not name, it does not ask."""

    program = TenantForeignKey(Program, related_name="automations")
    name = models.CharField(_("name"), max_length=80)
    trigger = models.CharField(_("when"), max_length=13, choices=Trigger)
    trigger_details = models.JSONField(default=dict)  # As the catalogue declares.
    tier = TenantForeignKey(Tier, related_name="+", null=True, blank=True)  # Only of this tier.
    tag = TenantForeignKey(Tag, related_name="+", null=True, blank=True)  # Only with this tag.
    action = models.CharField(_("then"), max_length=9, choices=ActionKind)
    action_details = models.JSONField(default=dict)
    member = TenantForeignKey(Member, related_name="+", db_index=False)  # In whose name it acts.
    status = models.CharField(
        max_length=8, choices=AutomationStatus, default=AutomationStatus.PAUSED
    )
    status_changed_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)  # When somebody was last looked for.

    objects = AutomationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="automation_trigger_known", condition=Q(trigger__in=Trigger.values)
            ),
            models.CheckConstraint(
                name="automation_action_known", condition=Q(action__in=ActionKind.values)
            ),
            models.CheckConstraint(
                name="automation_status_known", condition=Q(status__in=AutomationStatus.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["looked_at"],
                name="automation_active",
                condition=Q(status=AutomationStatus.ACTIVE),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Run(TenantRecord):
    """That an automation did what it does about an enrollment, once for each occasion."""

    automation = TenantForeignKey(Automation, related_name="runs", db_index=False)
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    occasion = models.CharField(max_length=60)  # What makes it another time: a day, a goal, a move.
    problem = models.CharField(max_length=300, blank=True)  # Why nothing was done; empty: it was.
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "automation", "enrollment", "occasion"],
                name="automation_run_once_per_occasion",
            ),
        ]
