"""What a merchant wants of a program: the customers it is for, targets, and who may find it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class CustomerProfile(TenantRecord):
    """Whom the program's affiliates should bring, and whom not."""

    program = TenantForeignKey(Program, related_name="customer_profiles")
    summary = models.TextField(_("who buys"), max_length=2000, blank=True)
    industries = models.CharField(_("industries"), max_length=300, blank=True)
    company_size = models.CharField(_("size"), max_length=120, blank=True)
    roles = models.CharField(_("who decides"), max_length=300, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    needs = models.TextField(_("what they need"), max_length=2000, blank=True)
    not_for = models.TextField(_("for whom it is not"), max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program"], name="customer_profile_one_per_program"
            ),
        ]


class TargetMetric(models.TextChoices):
    """What a program's target counts."""

    CLICKS = "CLICKS", _("Clicks")
    CONVERSIONS = "CONVERSIONS", _("Conversions")
    REVENUE = "REVENUE", _("Revenue")


class Target(TenantRecord):
    """How much a program shall bring from one day to another, both counted in, in UTC."""

    program = TenantForeignKey(Program, related_name="targets")
    metric = models.CharField(_("what counts"), max_length=11, choices=TargetMetric)
    amount = models.PositiveBigIntegerField(_("how much"))  # A count, or minor units.
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("until"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="target_metric_known", condition=Q(metric__in=TargetMetric.values)
            ),
            models.CheckConstraint(name="target_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="target_days_sane", condition=Q(first_on__lte=F("last_on"))
            ),
        ]


class Category(models.TextChoices):
    """What a program in the directory is about."""

    SOFTWARE = "SOFTWARE", _("Software and apps")
    RETAIL = "RETAIL", _("Shops")
    FINANCE = "FINANCE", _("Money and insurance")
    TRAVEL = "TRAVEL", _("Travel")
    EDUCATION = "EDUCATION", _("Courses and books")
    HEALTH = "HEALTH", _("Health and beauty")
    HOME = "HOME", _("Home and garden")
    SPORT = "SPORT", _("Sport and outdoors")
    SERVICES = "SERVICES", _("Services and agencies")
    OTHER = "OTHER", _("Other")


class Listing(TenantRecord):
    """A program's entry in the directory of all merchants; without one it is not in there."""

    program = TenantForeignKey(Program, related_name="listings")
    category = models.CharField(_("category"), max_length=9, choices=Category)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # []: all.
    listed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "program"], name="listing_one_per_program"),
            models.CheckConstraint(
                name="listing_category_known", condition=Q(category__in=Category.values)
            ),
        ]
