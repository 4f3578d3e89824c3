"""The merchant's customers, and through whom they came."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import TenantPart, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program


class Customer(TenantRecord):
    """The merchant's customer, by the merchant's own id."""

    external_id = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    email_hash = models.CharField(max_length=64, blank=True)  # Keyed; of the normalised address.
    first_seen_at = models.DateTimeField()
    # Set: something about them was told late, so what they did from here on is to be decided anew.
    news_from = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="customer_once"),
        ]
        indexes = [
            models.Index(
                name="customer_with_news",
                fields=["merchant"],
                condition=Q(news_from__isnull=False),
            ),
        ]


class TouchKind(models.TextChoices):
    """By what a customer was bound to an enrollment."""

    CLICK = "CLICK", _("Click")
    COUPON = "COUPON", _("Coupon")
    REFERRAL = "REFERRAL", _("Referral code")
    ASSIGNED = "ASSIGNED", _("By hand")  # A person decided: stands against the others.


class Touch(TenantPart):
    """Evidence that a customer came through an enrollment: an immutable fact.

    Later conversions of the customer need no other; the earliest binding is the one that counts.
    """

    program = TenantForeignKey(Program, related_name="touches", db_index=False)
    customer = TenantForeignKey(Customer, related_name="touches")
    enrollment = TenantForeignKey(Enrollment, related_name="touches")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    link_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=8, choices=TouchKind)
    evidence = models.CharField(max_length=64)  # The click's id or the code.
    at = models.DateTimeField()  # When the visitor came, or used the code.
    bound_at = models.DateTimeField()  # When the customer became known by it.
    is_test = models.BooleanField(default=False)  # Counts for tests alone.

    class Meta:
        constraints = [
            models.CheckConstraint(name="touch_kind_known", condition=Q(kind__in=TouchKind.values)),
            models.UniqueConstraint(
                name="touch_once",
                fields=["merchant", "program", "customer", "kind", "evidence", "is_test"],
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="touch_by_affiliate")]
