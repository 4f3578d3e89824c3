"""Links and coupons: what affiliates hand out; and the caps on what comes of them."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import TARGETING_SANE, Destination, Program, Targeted

LINK_NUMBERS = "tracking_link_numbers"  # A sequence, made by the first migration.
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{1,38}[A-Za-z0-9]$"


class SmartRule(models.TextChoices):
    """How a smart link picks among the branches that fit a visitor."""

    MATCH = "MATCH", _("By priority and weight")
    BEST = "BEST", _("What has earned most per click")


class Link(TenantRecord):
    """A short code of an enrollment that leads to a destination.

    `number` is the link's name inside click tokens: 4 bytes, given by the database. A link with a
    `smart_rule` is a smart link: it sends visitors through one of its branches, and only when none
    fits to its own destination.
    """

    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value(LINK_NUMBERS), function="nextval")
    )
    program = TenantForeignKey(Program, related_name="links")
    enrollment = TenantForeignKey(Enrollment, related_name="links")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(CODE_PATTERN, _("Use 3 to 40 letters, digits, - and _."))],
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    destination_url = models.URLField(_("destination"), max_length=2000, blank=True)
    fallback_url = models.URLField(_("fallback page"), max_length=2000, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    smart_rule = models.CharField(max_length=5, choices=SmartRule, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="link_code_plain", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(
                name="link_smart_rule_known",
                condition=Q(smart_rule="") | Q(smart_rule__in=SmartRule.values),
            ),
            models.CheckConstraint(
                name="link_starts_before_it_ends",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
            ),
            models.CheckConstraint(
                name="link_number_fits_token", condition=Q(number__range=(1, 2**32 - 1))
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "enrollment"], name="link_by_enrollment"),
            models.Index(fields=["affiliate"], name="link_by_affiliate"),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Branch(Targeted, TenantRecord):
    """One way of a smart link: to another link of the same affiliate, for some visitors."""

    link = TenantForeignKey(Link, related_name="branches")  # The smart one.
    target = TenantForeignKey(Link, related_name="+")
    # Commission per thousand credited clicks of the last days, in minor units: kept by a task.
    score = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="branch_targeting_sane", condition=TARGETING_SANE),
            models.CheckConstraint(name="branch_leads_elsewhere", condition=~Q(link=F("target"))),
        ]
        indexes = [models.Index(fields=["merchant", "link"], name="branch_by_link")]


class Coupon(TenantRecord):
    """A discount code owned by an enrollment; its use is evidence like a click."""

    program = TenantForeignKey(Program, related_name="coupons")
    enrollment = TenantForeignKey(Enrollment, related_name="coupons")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=40)  # Upper case.
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    uses_max = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    customer_uses_max = models.PositiveIntegerField(
        _("uses at most per customer"), null=True, blank=True
    )
    offer = models.CharField(_("what it gives the buyer"), max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "code"], name="coupon_code_unique"
            ),
            models.CheckConstraint(
                name="coupon_valid_from_before_until",
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="coupon_uses_positive",
                condition=(Q(uses_max=None) | Q(uses_max__gte=1))
                & (Q(customer_uses_max=None) | Q(customer_uses_max__gte=1)),
            ),
            models.CheckConstraint(
                name="coupon_code_upper_case", condition=Q(code__regex=r"^[A-Z0-9_-]{3,40}$")
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="coupon_by_affiliate")]


class CapUnit(models.TextChoices):
    """What a cap counts."""

    CLICKS = "CLICKS", _("Credited clicks")
    CONVERSIONS = "CONVERSIONS", _("Credited conversions")


class CapPeriod(models.TextChoices):
    """How long a cap counts, by the UTC clock, until it begins anew."""

    HOUR = "HOUR", _("Hour")
    DAY = "DAY", _("Day")
    MONTH = "MONTH", _("Month")
    ALL = "ALL", _("All time")


class CapScope(models.TextChoices):
    """What is counted together. Without a named one, each has a count of its own."""

    PROGRAM = "PROGRAM", _("The whole program")
    DESTINATION = "DESTINATION", _("Destination")
    ENROLLMENT = "ENROLLMENT", _("Affiliate")
    COUNTRY = "COUNTRY", _("Country")


class CapAction(models.TextChoices):
    """Where visitors go beyond a cap. Nobody is credited either way."""

    FALLBACK = "FALLBACK", _("To the fallback page")
    DESTINATION = "DESTINATION", _("Where they would have gone")


class Cap(TenantRecord):
    """At most so many clicks or conversions in a period.

    A soft cap closes the door within a second of being reached: what is under way still counts. A
    hard cap is exact to the last one, and refuses conversions of earlier clicks, too. Both close
    the door to clicks; only the conversions of a soft cap are credited beyond it.
    """

    program = TenantForeignKey(Program, related_name="caps")
    unit = models.CharField(_("counts"), max_length=12, choices=CapUnit)
    period = models.CharField(_("per"), max_length=6, choices=CapPeriod)
    scope = models.CharField(_("of"), max_length=12, choices=CapScope)
    destination = TenantForeignKey(Destination, related_name="+", null=True, blank=True)
    enrollment = TenantForeignKey(Enrollment, related_name="+", null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    limit = models.PositiveBigIntegerField(_("at most"), validators=[MinValueValidator(1)])
    is_hard = models.BooleanField(_("hard"), default=False)
    beyond = models.CharField(
        _("beyond it, visitors go"), max_length=12, choices=CapAction, default=CapAction.FALLBACK
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="cap_unit_known", condition=Q(unit__in=CapUnit.values)),
            models.CheckConstraint(
                name="cap_period_known", condition=Q(period__in=CapPeriod.values)
            ),
            models.CheckConstraint(name="cap_scope_known", condition=Q(scope__in=CapScope.values)),
            models.CheckConstraint(
                name="cap_beyond_known", condition=Q(beyond__in=CapAction.values)
            ),
            models.CheckConstraint(name="cap_limit_positive", condition=Q(limit__gte=1)),
            models.CheckConstraint(
                name="cap_names_what_its_scope_is",
                condition=(Q(scope="DESTINATION") | Q(destination=None))
                & (Q(scope="ENROLLMENT") | Q(enrollment=None))
                & (Q(scope="COUNTRY") | Q(country="")),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="cap_by_program")]


class CapUse(models.Model):
    """How much of a cap is used: one row per thing counted and period. The truth of caps."""

    pk = models.CompositePrimaryKey("merchant_id", "cap_id", "counted", "period_start")
    merchant_id = models.UUIDField()
    cap_id = models.UUIDField()
    counted = models.CharField(max_length=36)  # A destination's or enrollment's id, a country.
    period_start = models.DateTimeField()  # 1970-01-01 for all time.
    used = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["period_start"], name="cap_use_by_period")]
