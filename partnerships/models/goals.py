"""What both sides want to reach, by when, and how far they should be in between."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.tenancy import TenantForeignKey
from partnerships.models.partnerships import OfPartnership


class GoalMetric(models.TextChoices):
    """What a shared goal counts: of the reports, or what somebody notes."""

    CLICKS = "CLICKS", _("Clicks")
    CONVERSIONS = "CONVERSIONS", _("Conversions")
    REVENUE = "REVENUE", _("Revenue")
    COMMISSION = "COMMISSION", _("Commission")
    BY_HAND = "BY_HAND", _("Something else, noted by hand")


class SharedGoal(OfPartnership):
    """How much is to be reached from one day to another, both counted in, in UTC."""

    title = models.CharField(_("what is to be reached"), max_length=120)
    metric = models.CharField(_("what counts"), max_length=11, choices=GoalMetric)
    amount = models.PositiveBigIntegerField(_("how much"))  # A count, or minor units.
    starts_on = models.DateField(_("from"))
    due_on = models.DateField(_("until"))
    reached_at = models.DateTimeField(null=True, blank=True)  # When a sweep first saw it reached.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shared_goal_metric_known", condition=Q(metric__in=GoalMetric.values)
            ),
            models.CheckConstraint(name="shared_goal_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="shared_goal_days_sane", condition=Q(starts_on__lte=F("due_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Checkpoint(OfPartnership):
    """How far a goal should be at the end of a day."""

    goal = TenantForeignKey(SharedGoal, related_name="checkpoints")
    due_on = models.DateField(_("by"))
    amount = models.PositiveBigIntegerField(_("how much"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "goal", "due_on"], name="checkpoint_once_a_day"
            ),
        ]


class Reading(OfPartnership):
    """How far a goal that is noted by hand was at the end of a day, in all."""

    goal = TenantForeignKey(SharedGoal, related_name="readings")
    day = models.DateField(_("day"))
    amount = models.PositiveBigIntegerField(_("how much so far"))
    writer = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "goal", "day"], name="reading_once_a_day"),
        ]
