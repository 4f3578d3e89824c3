"""Conversions, who is credited for them, and what is reported of them later."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import CURRENCY_KNOWN, FxRate, TenantPart, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, GoalStep, Program
from tracking.models.customers import Customer
from tracking.models.links import Coupon


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
    UNVERIFIED = "unverified", _("Reported by a browser; waits for the shop's own report")
    TEST = "test", _("A test: never reaches money")
    CAP_REACHED = "cap_reached", _("A hard cap was reached")
    DISPUTED = "disputed", _("The payment is disputed")
    DECLINED_BY_SOURCE = "declined_by_source", _("Declined by the system that reported it")
    HELD_BY_SOURCE = "held_by_source", _("Held by the system that reported it")
    DECLINED_BY_MERCHANT = "declined_by_merchant", _("Declined by the merchant")
    HELD_BY_MERCHANT = "held_by_merchant", _("Held by the merchant for review")


class Source(models.TextChoices):
    """Where a conversion was reported."""

    API = "API", _("API")
    POSTBACK = "POSTBACK", _("Postback")
    PIXEL = "PIXEL", _("Pixel")
    FILE = "FILE", _("File")
    STEPS = "STEPS", _("Completed steps")
    CLAIM = "CLAIM", _("Claim of an affiliate")


class ConversionQuerySet(models.QuerySet["Conversion"]):
    """Conversions, with the one way to change their status."""

    def move(
        self, *, to: ConversionStatus, at: datetime, reason: str = "", detail: str = ""
    ) -> int:
        """Move to `to` every conversion allowed to go there; return how many moved."""
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, reason=reason, reason_detail=detail)


class Conversion(TenantPart):
    """A goal reached, reported once per (program, goal, external id)."""

    # Indexes for both begin with the merchant.
    program = TenantForeignKey(Program, related_name="conversions", db_index=False)
    goal = TenantForeignKey(Goal, related_name="conversions", db_index=False)
    external_id = models.CharField(max_length=200)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    tax_minor = models.PositiveBigIntegerField(default=0)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    discount_minor = models.PositiveBigIntegerField(default=0)
    items = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    customer = TenantForeignKey(
        Customer, related_name="conversions", null=True, blank=True, db_index=False
    )
    customer_is_new = models.BooleanField(null=True, blank=True)
    click_token = models.CharField(max_length=64, blank=True)  # As presented, verified or not.
    # Earlier clicks of the same buyer, as presented; models of several touches share among all.
    earlier_tokens = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    coupon_code = models.CharField(max_length=40, blank=True)  # Upper case, as presented.
    referral_code = models.CharField(max_length=40, blank=True)  # `via`, as presented.
    source = models.CharField(max_length=8, choices=Source, default=Source.API)
    is_test = models.BooleanField(default=False)  # By a test key or in a test program.
    # Who could have sent it? Null until a source that proves itself has reported it, too.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    # What was reported, when it was converted into the program's currency, and by which rate.
    original_minor = models.PositiveBigIntegerField(null=True, blank=True)
    original_currency = models.CharField(max_length=3, blank=True)
    fx_rate = TenantForeignKey(FxRate, related_name="+", null=True, blank=True, db_index=False)
    # Given to an enrollment by a person, who said why; attribution leaves it alone from then on.
    assigned_enrollment = TenantForeignKey(
        Enrollment, related_name="+", null=True, blank=True, db_index=False
    )
    assigned_reason = models.CharField(max_length=500, blank=True)
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
                fields=["merchant", "program", "goal", "external_id", "is_test"],
                name="conversion_once",
            ),
            models.CheckConstraint(
                name="conversion_status_known", condition=Q(status__in=ConversionStatus.values)
            ),
            models.CheckConstraint(
                name="conversion_reason_known", condition=Q(reason__in=Reason.values)
            ),
            models.CheckConstraint(
                name="conversion_source_known", condition=Q(source__in=Source.values)
            ),
            models.CheckConstraint(name="conversion_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="conversion_converted_by_a_rate",
                condition=Q(fx_rate=None, original_minor=None, original_currency="")
                | (
                    Q(fx_rate__isnull=False, original_minor__isnull=False)
                    & ~Q(original_currency="")
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="conversion_due", condition=Q(attributed_at=None)
            ),
            models.Index(fields=["merchant", "-occurred_at"], name="conversion_by_time"),
            models.Index(
                fields=["merchant", "customer", "occurred_at"], name="conversion_by_customer"
            ),
        ]

    @property
    def is_unverified(self) -> bool:
        """Whether only a browser has reported it: it pays nobody until somebody confirms it."""
        return self.source == Source.PIXEL and self.confirmed_at is None


class Credit(TenantPart):
    """The share of a conversion that attribution gives to one enrollment."""

    conversion = TenantForeignKey(Conversion, related_name="credits", db_index=False)
    enrollment = TenantForeignKey(Enrollment, related_name="credits")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+", db_index=False)
    link_id = models.UUIDField(null=True, blank=True)  # The link of the winning touch, if any.
    destination_id = models.UUIDField(null=True, blank=True)  # Where its click led, if known.
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
    """A fact that takes part of a conversion back; what counts is their sum.

    It may arrive before its order: then it names the order and waits, without a conversion.
    """

    conversion = TenantForeignKey(Conversion, related_name="refunds", null=True, blank=True)
    # Of a refund that came before its order, until the order comes:
    program = TenantForeignKey(Program, related_name="+", null=True, blank=True)
    goal = TenantForeignKey(Goal, related_name="+", null=True, blank=True)
    order_id = models.CharField(max_length=200, blank=True)  # The conversion's external id.
    external_id = models.CharField(max_length=200)
    amount_minor = models.PositiveBigIntegerField()  # In the program's currency.
    # What was reported, of an order in another currency: counted at the order's own rate.
    original_minor = models.PositiveBigIntegerField(null=True, blank=True)
    original_currency = models.CharField(max_length=3, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    is_test = models.BooleanField(default=False)  # As its order is.
    occurred_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)  # Commissions were taken back.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "conversion", "external_id"], name="refund_once"
            ),
            models.UniqueConstraint(
                name="waiting_refund_once",
                fields=["merchant", "program", "goal", "order_id", "external_id", "is_test"],
                condition=Q(conversion=None),
            ),
            models.CheckConstraint(
                name="refund_of_an_order",
                condition=Q(conversion__isnull=False)
                | Q(program__isnull=False, goal__isnull=False, order_id__gt=""),
            ),
            models.CheckConstraint(  # Of a converted one less than a cent may be left.
                name="refund_positive",
                condition=Q(amount_minor__gt=0)
                | Q(original_minor__isnull=False, original_minor__gt=0),
            ),
            models.CheckConstraint(
                name="refund_original_has_a_currency",
                condition=Q(original_minor=None, original_currency="")
                | (Q(original_minor__isnull=False) & ~Q(original_currency="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="refund_due",
                condition=Q(applied_at=None, conversion__isnull=False),
            ),
            models.Index(
                fields=["merchant", "program", "order_id"],
                name="refund_waiting",
                condition=Q(conversion=None),
            ),
        ]


class ReportedStatus(models.TextChoices):
    """What the merchant's systems may say of an order later."""

    APPROVED = "APPROVED", _("Approved")
    HELD = "HELD", _("Held")
    DECLINED = "DECLINED", _("Declined")
    DISPUTED = "DISPUTED", _("Dispute opened")
    DISPUTE_WON = "DISPUTE_WON", _("Dispute won")
    DISPUTE_LOST = "DISPUTE_LOST", _("Dispute lost")


class StatusReport(TenantRecord):
    """A fact about an order's status, in any order of arrival, before the order too.

    What counts is what all of an order's reports say together: DECLINED and DISPUTE_LOST are
    final, whenever they come; APPROVED stands against all but these, because money that was
    approved is not put on hold again; of the others the latest counts.
    """

    program = TenantForeignKey(Program, related_name="+")
    goal = TenantForeignKey(Goal, related_name="+")
    conversion = TenantForeignKey(  # None until the order is there.
        Conversion, related_name="status_reports", null=True, blank=True
    )
    order_id = models.CharField(max_length=200)  # The conversion's external id.
    external_id = models.CharField(max_length=200, blank=True)  # Tells two of a kind apart.
    status = models.CharField(max_length=12, choices=ReportedStatus)
    reason = models.CharField(max_length=200, blank=True)
    is_test = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="status_report_once",
                fields=[
                    *("merchant", "program", "goal", "order_id", "is_test"),
                    *("status", "external_id"),
                ],
            ),
            models.CheckConstraint(
                name="status_report_known", condition=Q(status__in=ReportedStatus.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="status_report_due",
                condition=Q(applied_at=None, conversion__isnull=False),
            ),
            models.Index(
                fields=["merchant", "program", "order_id"],
                name="status_report_waiting",
                condition=Q(conversion=None),
            ),
        ]


class CouponUse(TenantRecord):
    """A coupon's use by a conversion, so that a usage limit holds exactly."""

    coupon = TenantForeignKey(Coupon, related_name="uses")
    conversion = TenantForeignKey(Conversion, related_name="coupon_uses")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "coupon", "conversion"], name="coupon_use_once"
            ),
        ]


class StepReport(TenantRecord):
    """A step of a goal, done once more by somebody: a fact."""

    program = TenantForeignKey(Program, related_name="+")
    goal = TenantForeignKey(Goal, related_name="+")
    step = TenantForeignKey(GoalStep, related_name="reports")
    # Who: "customer:<external id>" or "click:<token>".
    subject = models.CharField(max_length=220)
    external_id = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField(default=1)
    facts = models.JSONField(default=dict)  # What the conversion will be made of.
    is_test = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "step", "external_id", "is_test"], name="step_report_once"
            ),
            models.CheckConstraint(
                name="step_report_quantity_positive", condition=Q(quantity__gte=1)
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "goal", "subject"], name="step_report_by_subject"),
        ]
