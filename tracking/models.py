"""Facts (clicks, conversions, refunds) are immutable; credits are derived and recomputable."""

from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from common.ids import time_of
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, Program

LINK_NUMBERS = "tracking_link_numbers"  # A sequence, made by the first migration.
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{1,38}[A-Za-z0-9]$"


class Link(TenantRecord):
    """A short code of an enrollment that leads to a destination.

    `number` is the link's name inside click tokens: 4 bytes, given by the database.
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
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="link_code_plain", condition=Q(code__regex=CODE_PATTERN)),
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


class Coupon(TenantRecord):
    """A discount code owned by an enrollment; its use is evidence like a click."""

    program = TenantForeignKey(Program, related_name="coupons")
    enrollment = TenantForeignKey(Enrollment, related_name="coupons")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=40)  # Upper case.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "code"], name="coupon_code_unique"
            ),
            models.CheckConstraint(
                name="coupon_code_upper_case", condition=Q(code__regex=r"^[A-Z0-9_-]{3,40}$")
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="coupon_by_affiliate")]


class ClickClass(models.TextChoices):
    """What made the request. Only a human's click may be credited."""

    HUMAN = "HUMAN", _("Human")
    BOT = "BOT", _("Bot")
    PREVIEW = "PREVIEW", _("Link preview")
    PREFETCH = "PREFETCH", _("Prefetch")
    STUFFING = "STUFFING", _("Loaded out of sight")
    HEAD = "HEAD", _("HEAD request")


class Click(models.Model):
    """One visit through a link. Partitioned by day of its id; made by migration 0002.

    No foreign key points here or away: the table is large, and partitions are dropped.
    """

    pk = models.CompositePrimaryKey("merchant_id", "id")
    merchant_id = models.UUIDField()
    id = models.UUIDField()
    program_id = models.UUIDField()
    enrollment_id = models.UUIDField()
    affiliate_id = models.UUIDField()
    link_id = models.UUIDField()
    kind = models.CharField(max_length=8, choices=ClickClass, db_column="class")
    refusal = models.CharField(max_length=40)  # Empty when credited, else the reason's code.
    destination_host = models.CharField(max_length=253)
    referrer_host = models.CharField(max_length=253)
    device = models.CharField(max_length=20)
    os = models.CharField(max_length=40)
    browser = models.CharField(max_length=40)
    ip_net = models.CharField(max_length=50)  # Truncated: /24 or /48.
    source = models.CharField(max_length=200)
    ext_click_id = models.CharField(max_length=200)
    subs = models.JSONField()  # {"sub1": "…", … "sub10": "…"}

    class Meta:
        managed = False
        db_table = "tracking_click"

    @property
    def at(self) -> datetime:
        """Return when it happened; the id says so."""
        return time_of(self.id)


class Customer(TenantRecord):
    """The merchant's customer, by the merchant's own id."""

    external_id = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="customer_once"),
        ]


class ConversionStatus(models.TextChoices):
    """Where a conversion stands. RECEIVED means that attribution has not looked yet."""

    RECEIVED = "RECEIVED", _("Received")
    PENDING = "PENDING", _("Pending")
    HELD = "HELD", _("Held")
    APPROVED = "APPROVED", _("Approved")
    DECLINED = "DECLINED", _("Declined")


MAY_COME_FROM = {  # The whole lifecycle; APPROVED is final, refunds are facts of their own.
    ConversionStatus.PENDING: [ConversionStatus.RECEIVED, ConversionStatus.HELD],
    ConversionStatus.HELD: [ConversionStatus.PENDING],
    ConversionStatus.APPROVED: [ConversionStatus.RECEIVED, ConversionStatus.PENDING],
    ConversionStatus.DECLINED: [
        ConversionStatus.RECEIVED,
        ConversionStatus.PENDING,
        ConversionStatus.HELD,
    ],
}


class Reason(models.TextChoices):
    """Why a conversion is not (yet) approved, or pays nobody: stable public codes."""

    NONE = "", _("—")
    ON_HOLD = "on_hold", _("Waiting for the hold to end")
    UNATTRIBUTED = "unattributed", _("Nobody is credited: no touch counts")
    NO_RULE = "no_rule", _("No rate pays for this goal")
    DECLINED_BY_MERCHANT = "declined_by_merchant", _("Declined by the merchant")
    HELD_BY_MERCHANT = "held_by_merchant", _("Held by the merchant for review")


class ConversionQuerySet(models.QuerySet["Conversion"]):
    """Conversions, with the one way to change their status."""

    def move(
        self, *, to: ConversionStatus, at: datetime, reason: str = "", detail: str = ""
    ) -> int:
        """Move to `to` every conversion allowed to go there; return how many moved."""
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, reason=reason, reason_detail=detail)


class Conversion(TenantRecord):
    """A goal reached, reported once per (program, goal, external id)."""

    program = TenantForeignKey(Program, related_name="conversions")
    goal = TenantForeignKey(Goal, related_name="conversions")
    external_id = models.CharField(max_length=200)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    tax_minor = models.PositiveBigIntegerField(default=0)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    discount_minor = models.PositiveBigIntegerField(default=0)
    items = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    customer = TenantForeignKey(Customer, related_name="conversions", null=True, blank=True)
    customer_is_new = models.BooleanField(null=True, blank=True)
    click_token = models.CharField(max_length=64, blank=True)  # As presented, verified or not.
    coupon_code = models.CharField(max_length=40, blank=True)  # Upper case, as presented.
    occurred_at = models.DateTimeField()
    status = models.CharField(
        max_length=10, choices=ConversionStatus, default=ConversionStatus.RECEIVED
    )
    status_changed_at = models.DateTimeField()
    reason = models.CharField(max_length=40, choices=Reason, blank=True)
    reason_detail = models.CharField(max_length=500, blank=True)  # The merchant's eyes only.
    attributed_at = models.DateTimeField(null=True, blank=True)
    trace = models.JSONField(default=dict)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "goal", "external_id"], name="conversion_once"
            ),
            models.CheckConstraint(
                name="conversion_status_known", condition=Q(status__in=ConversionStatus.values)
            ),
            models.CheckConstraint(
                name="conversion_reason_known", condition=Q(reason__in=Reason.values)
            ),
            models.CheckConstraint(name="conversion_currency_known", condition=CURRENCY_KNOWN),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="conversion_due", condition=Q(attributed_at=None)
            ),
            models.Index(fields=["merchant", "-occurred_at"], name="conversion_by_time"),
        ]


class Credit(TenantRecord):
    """The share of a conversion that attribution gives to one enrollment."""

    conversion = TenantForeignKey(Conversion, related_name="credits")
    enrollment = TenantForeignKey(Enrollment, related_name="credits")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    link_id = models.UUIDField(null=True, blank=True)  # The link of the winning touch, if any.
    share_ppm = models.PositiveIntegerField()
    amount_minor = models.PositiveBigIntegerField()  # This share of the conversion's amount.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "conversion", "enrollment"], name="credit_once"
            ),
            models.CheckConstraint(
                name="credit_share_sane", condition=Q(share_ppm__range=(1, 1_000_000))
            ),
        ]
        indexes = [models.Index(fields=["affiliate"], name="credit_by_affiliate")]


class Refund(TenantRecord):
    """A fact that takes part of a conversion back; what counts is their sum."""

    conversion = TenantForeignKey(Conversion, related_name="refunds")
    external_id = models.CharField(max_length=200)
    amount_minor = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)  # Commissions were taken back.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "conversion", "external_id"], name="refund_once"
            ),
            models.CheckConstraint(name="refund_positive", condition=Q(amount_minor__gt=0)),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="refund_due", condition=Q(applied_at=None)),
        ]
