"""Where a program's links may lead, and for whom."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program

PRIORITY_MAX = 1_000
WEIGHT_MAX = 10_000


def _values(length: int, **options: Any) -> "ArrayField[Any, Any]":
    return ArrayField(
        models.CharField(max_length=length), default=list, blank=True, size=100, **options
    )


class Targeted(models.Model):
    """For whom something is, and how often: the columns of `programs.targeting.Targeting`.

    An empty list or hour means "any". Of those that match a visitor, the ones with the smallest
    priority share the visitors by their weights.
    """

    countries = _values(2, verbose_name=_("countries"))  # ISO 3166-1 alpha-2, upper case.
    devices = _values(20, verbose_name=_("devices"))  # phone, tablet, desktop, tv.
    systems = _values(40, verbose_name=_("operating systems"))  # As ua-parser names families.
    languages = _values(8, verbose_name=_("languages"))  # ISO 639, lower case: "en", "zh".
    weekdays = ArrayField(  # 1 is Monday, 7 is Sunday.
        models.PositiveSmallIntegerField(), default=list, blank=True, size=7
    )
    hour_from = models.PositiveSmallIntegerField(_("from hour"), null=True, blank=True)
    hour_until = models.PositiveSmallIntegerField(_("until hour"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, validators=[MinValueValidator(1), MaxValueValidator(1_000)]
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=100, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )

    class Meta:
        abstract = True


TARGETING_SANE = (
    Q(priority__range=(1, PRIORITY_MAX))
    & Q(weight__range=(1, WEIGHT_MAX))
    & (
        Q(hour_from=None, hour_until=None)
        | Q(hour_from__range=(0, 23), hour_until__range=(1, 24))  # 22 to 6 goes over midnight.
    )
    & (Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")))
)


class Destination(Targeted, TenantRecord):
    """One of a program's pages that links lead to. Without a match: the program's landing page."""

    program = TenantForeignKey(Program, related_name="destinations")
    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=2000)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="destination_targeting_sane", condition=TARGETING_SANE),
            models.UniqueConstraint(
                name="destination_name_unique",
                fields=["merchant", "program", "name"],
                condition=Q(archived_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name
