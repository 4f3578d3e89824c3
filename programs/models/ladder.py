"""How affiliates climb from tier to tier, and fall."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program, Tier


class Metric(models.TextChoices):
    """What a tier's target counts, of conversions that were not declined."""

    CONVERSIONS = "CONVERSIONS", _("Conversions")
    REVENUE = "REVENUE", _("Revenue")
    COMMISSION = "COMMISSION", _("Commission earned")
    NEW_CUSTOMERS = "NEW_CUSTOMERS", _("New customers")


class Period(models.TextChoices):
    """Over which time a target counts; calendar periods in UTC."""

    MONTH = "MONTH", _("Calendar month")
    QUARTER = "QUARTER", _("Calendar quarter")
    DAYS_30 = "DAYS_30", _("Last 30 days")
    DAYS_90 = "DAYS_90", _("Last 90 days")
    DAYS_365 = "DAYS_365", _("Last 365 days")
    LIFETIME = "LIFETIME", _("Since joining")


class Ladder(TenantRecord):
    """How a program moves affiliates between its tiers. Without one, members do it by hand."""

    program = TenantForeignKey(Program, related_name="ladders")
    period = models.CharField(
        _("counted over"), max_length=8, choices=Period, default=Period.DAYS_90
    )
    is_automatic = models.BooleanField(_("move affiliates automatically"), default=False)
    demotes = models.BooleanField(_("also move down"), default=True)
    # Below their tier's targets for so long, they are told; then they move down.
    grace_days = models.PositiveSmallIntegerField(
        _("grace in days"), default=14, validators=[MaxValueValidator(365)]
    )
    # After a move, no move down for so long.
    lock_days = models.PositiveSmallIntegerField(
        _("kept at least, in days"), default=30, validators=[MaxValueValidator(365)]
    )
    # The last day, in UTC, on which everybody was looked at; and how far the present round is.
    judged_on = models.DateField(null=True, blank=True)
    judged_until = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "program"], name="ladder_one_per_program"),
            models.CheckConstraint(
                name="ladder_period_known", condition=Q(period__in=Period.values)
            ),
            models.CheckConstraint(
                name="ladder_days_sane", condition=Q(grace_days__lte=365, lock_days__lte=365)
            ),
        ]


class TierTarget(TenantRecord):
    """What a tier asks for. All of a tier's targets must be reached; a tier without is by hand."""

    tier = TenantForeignKey(Tier, related_name="targets")
    metric = models.CharField(_("what counts"), max_length=13, choices=Metric)
    minimum = models.PositiveBigIntegerField(_("at least"))  # A count, or minor units.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "tier", "metric"], name="tier_target_once_per_metric"
            ),
            models.CheckConstraint(
                name="tier_target_metric_known", condition=Q(metric__in=Metric.values)
            ),
            models.CheckConstraint(name="tier_target_positive", condition=Q(minimum__gt=0)),
        ]
