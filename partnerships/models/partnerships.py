"""A partnership, who works in it, what both know of their customers, and what they say."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from messaging.models import Side
from users.models import User


class Partnership(TenantRecord):
    """An enrollment with which the merchant works more closely than with others."""

    enrollment = TenantForeignKey(Enrollment, related_name="partnerships", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    review_months = models.PositiveSmallIntegerField(_("months between reviews"), default=3)
    agenda = models.TextField(_("agenda of reviews"), max_length=5000, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "enrollment"], name="partnership_once_per_enrollment"
            ),
            models.CheckConstraint(
                name="partnership_review_months_sane", condition=Q(review_months__range=(1, 12))
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="partnership_by_affiliate")]

    def __str__(self) -> str:
        return str(self.enrollment)


class OfPartnership(TenantRecord):
    """What belongs to a partnership: both sides read it."""

    partnership = TenantForeignKey(Partnership, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Person(OfPartnership):
    """Somebody who works in it. The name is kept: either side reads it."""

    side = models.CharField(max_length=9, choices=Side)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=150)
    duty = models.CharField(_("what they do"), max_length=80, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "partnership", "side", "user"], name="partner_person_once"
            ),
            models.CheckConstraint(
                name="partner_person_side_known", condition=Q(side__in=Side.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SheetKind(models.TextChoices):
    """What a sheet is about."""

    CUSTOMER = "CUSTOMER", _("Ideal customer")
    DISCOVERY = "DISCOVERY", _("Discovery")


class Sheet(OfPartnership):
    """The answers to a sheet's questions (partnerships.questions) as they stood after a change.

    A change is a new row; the last one of a quarter is what that quarter knew.
    """

    kind = models.CharField(max_length=9, choices=SheetKind)
    quarter = models.DateField()  # Its first day.
    answers = models.JSONField()  # By the question's name; what was not answered is not in it.
    side = models.CharField(max_length=9, choices=Side)
    writer = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="sheet_kind_known", condition=Q(kind__in=SheetKind.values)),
            models.CheckConstraint(name="sheet_side_known", condition=Q(side__in=Side.values)),
        ]


class Comment(OfPartnership):
    """What somebody says about an item of the plan, a review or a sheet: one of them."""

    item = TenantForeignKey("partnerships.Item", related_name="comments", null=True, blank=True)
    review = TenantForeignKey("partnerships.Review", related_name="comments", null=True, blank=True)
    sheet = models.CharField(max_length=9, choices=SheetKind, blank=True)
    side = models.CharField(max_length=9, choices=Side)
    writer = models.CharField(max_length=150)
    body = models.TextField(_("comment"), max_length=2000)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="comment_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="comment_about_one_thing",
                condition=Q(item__isnull=False, review=None, sheet="")
                | Q(item=None, review__isnull=False, sheet="")
                | Q(item=None, review=None, sheet__in=SheetKind.values),
            ),
        ]
