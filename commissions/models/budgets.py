"""Budgets: what a program may cost, and how much of it is used."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program


class BudgetPeriod(models.TextChoices):
    """For how long a budget lasts, by the calendar in UTC."""

    DAY = "DAY", _("Day")
    WEEK = "WEEK", _("Week, from Monday")
    MONTH = "MONTH", _("Month")
    QUARTER = "QUARTER", _("Quarter")
    YEAR = "YEAR", _("Year")
    ALL = "ALL", _("All time")


class BudgetScope(models.TextChoices):
    """What it limits."""

    PROGRAM = "PROGRAM", _("The whole program")
    ENROLLMENT = "ENROLLMENT", _("An affiliate")


class Budget(TenantRecord):
    """At most so much commission in a period, of a program or of each (or one) affiliate.

    A hard budget cuts off what goes beyond it, to the last cent; a soft one only warns. What is
    taken back or declined becomes free again.
    """

    program = TenantForeignKey(Program, related_name="budgets")
    scope = models.CharField(_("of"), max_length=10, choices=BudgetScope)
    # With the scope ENROLLMENT: one of them; none: each by itself.
    enrollment = TenantForeignKey(Enrollment, related_name="+", null=True, blank=True)
    period = models.CharField(_("per"), max_length=7, choices=BudgetPeriod)
    limit_minor = models.PositiveBigIntegerField(_("at most"), validators=[MinValueValidator(1)])
    is_hard = models.BooleanField(_("hard"), default=False)
    alert_bps = ArrayField(
        models.PositiveIntegerField(), default=list, blank=True
    )  # 8000: at 80 %.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="budget_known",
                condition=Q(scope__in=BudgetScope.values) & Q(period__in=BudgetPeriod.values),
            ),
            models.CheckConstraint(name="budget_positive", condition=Q(limit_minor__gt=0)),
            models.CheckConstraint(
                name="budget_names_what_its_scope_is",
                condition=Q(scope=BudgetScope.ENROLLMENT) | Q(enrollment=None),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="budget_by_program")]


class BudgetUse(models.Model):
    """How much of a budget is used: one row per thing counted and period."""

    pk = models.CompositePrimaryKey("merchant_id", "budget_id", "counted", "period_start")
    merchant_id = models.UUIDField()
    budget_id = models.UUIDField()
    counted = models.CharField(max_length=36)  # The enrollment's id, or empty for the program.
    period_start = models.DateTimeField()  # 1970-01-01 for all time.
    used_minor = models.BigIntegerField()
    reached_bps = models.PositiveIntegerField(default=0)  # The highest alert that it passed.
    alerted_bps = models.PositiveIntegerField(default=0)  # The highest alert that was given.
    mailed_bps = models.PositiveIntegerField(default=0)  # And that was mailed.

    class Meta:
        indexes = [
            models.Index(
                fields=["merchant_id"],
                name="budget_use_to_tell_of",
                condition=Q(mailed_bps__lt=models.F("reached_bps")),
            ),
        ]
