"""Commissions: amounts that are promised once and never edited; and rewards that are no money."""

from datetime import datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from commissions.models.rules import RuleVersion
from merchants.models import CURRENCY_KNOWN, TenantPart, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program
from tracking.models import Conversion, Customer


class Status(models.TextChoices):
    """Where a commission stands."""

    PENDING = "PENDING", _("Pending")
    HELD = "HELD", _("Held")
    APPROVED = "APPROVED", _("Approved")
    RESERVED = "RESERVED", _("In payout")
    PAID = "PAID", _("Paid")
    DECLINED = "DECLINED", _("Declined")


MAY_COME_FROM = {  # The whole lifecycle; DECLINED is final.
    Status.PENDING: [Status.HELD],
    Status.HELD: [Status.PENDING],
    Status.APPROVED: [Status.PENDING, Status.RESERVED, Status.PAID],  # PAID: it came back.
    Status.RESERVED: [Status.APPROVED],
    Status.PAID: [Status.RESERVED],
    Status.DECLINED: [Status.PENDING, Status.HELD],
}


# What indexes know of a status: nothing of reserving, which a batch does to a million rows at once.
# As no index has a column that this changes, PostgreSQL writes the row alone, on the page it is on.
PAYABLE = "PAYABLE"
PHASES = {
    status: PAYABLE if status in (Status.APPROVED, Status.RESERVED) else str(status)
    for status in Status
}


class Kind(models.TextChoices):
    """What sort of line it is."""

    EARNING = "EARNING", _("Earned")
    REVERSAL = "REVERSAL", _("Taken back")
    ADJUSTMENT = "ADJUSTMENT", _("Corrected")  # What a conversion earns was decided anew.
    OVERRIDE = "OVERRIDE", _("From a recruited affiliate")
    BONUS = "BONUS", _("Bonus")
    FLAT = "FLAT", _("Flat fee")
    TRAFFIC = "TRAFFIC", _("Clicks or impressions")
    MANUAL = "MANUAL", _("By hand")
    WRITE_OFF = "WRITE_OFF", _("Debt written off")


OF_A_CONVERSION = (Kind.EARNING, Kind.REVERSAL, Kind.ADJUSTMENT, Kind.OVERRIDE)


class CommissionQuerySet(models.QuerySet["Commission"]):
    """Commissions, with the one way to change their status."""

    def in_status(self, *statuses: Status) -> "CommissionQuerySet":
        """Return those in one of the statuses, as the index finds them."""
        return self.filter(status__in=statuses, phase__in={PHASES[status] for status in statuses})

    def move(self, *, to: Status, at: datetime, reason: str = "") -> int:
        """Move to `to` every line allowed to go there; return how many moved.

        One UPDATE, so of two workers racing for a line the second counts 0.
        """
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, status_reason=reason)


EARNING_REF = "earning"  # The `event_ref` of the line a conversion earned.


class Commission(TenantPart):
    """One line: what was earned (> 0) or taken back (< 0).

    Amounts are never edited, and rows never deleted (migration 0016): a wrong line is answered by
    another, of the opposite sign.
    `event_ref` names the cause: EARNING_REF, `refund:<id>`, `status:<id>`, `decision:<n>` (decided
    anew), `override:<depth>`, `bonus:<rule>:<period>:<n>`, `flat:<rule>:<period>`,
    `traffic:<rule>:<day>`, `manual:<id>`, `write_off:<id>`, `bounty:<recruit>`. What answers an
    override ends with it: `refund:<id>:override:<depth>`, and so with `status` and `decision`. With
    conversion and enrollment it is unique, so whatever computes the line twice writes it once.
    Lines of no conversion have none.
    """

    program = TenantForeignKey(Program, related_name="commissions", db_index=False)
    enrollment = TenantForeignKey(Enrollment, related_name="commissions")
    affiliate = models.ForeignKey(  # Its index is `commission_by_affiliate`.
        Affiliate, models.PROTECT, related_name="+", db_index=False
    )
    conversion = TenantForeignKey(
        Conversion, related_name="commissions", null=True, blank=True, db_index=False
    )
    # None: by hand, written off, or a correction to nothing.
    rule_version = TenantForeignKey(
        RuleVersion, related_name="commissions", null=True, blank=True, db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EARNING)
    event_ref = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)  # The program's.
    facts = models.JSONField(default=dict)  # What it was computed from, where that is not plain.
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    phase = models.GeneratedField(  # For indexes: see PHASES.
        expression=Case(
            When(status__in=[Status.APPROVED, Status.RESERVED], then=Value(PAYABLE)),
            default=F("status"),
        ),
        output_field=models.CharField(max_length=10),
        db_persist=True,
    )
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)
    hold_until = models.DateTimeField()
    earned_at = models.DateTimeField()  # When the conversion, or the refund, happened.

    objects = CommissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="commission_once_per_event",
                fields=["merchant", "conversion", "enrollment", "event_ref"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="commission_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="commission_earns_or_takes_back",
                condition=Q(kind=Kind.EARNING, event_ref=EARNING_REF, amount_minor__gt=0)
                | Q(kind=Kind.REVERSAL, amount_minor__lt=0)
                | Q(kind__in=[Kind.BONUS, Kind.FLAT, Kind.OVERRIDE], amount_minor__gt=0)
                | Q(kind=Kind.WRITE_OFF, amount_minor__gt=0)
                # Traffic takes back only where a day's figures went down afterwards.
                | (Q(kind__in=[Kind.ADJUSTMENT, Kind.MANUAL, Kind.TRAFFIC]) & ~Q(amount_minor=0)),
            ),
            models.CheckConstraint(
                name="commission_of_a_conversion_or_not",
                condition=Q(kind__in=OF_A_CONVERSION, conversion__isnull=False)
                | ~Q(kind__in=OF_A_CONVERSION),
            ),
            models.CheckConstraint(name="commission_currency_known", condition=CURRENCY_KNOWN),
        ]
        indexes = [
            models.Index(
                fields=["hold_until"], name="commission_due", condition=Q(phase=Status.PENDING)
            ),
            models.Index(fields=["merchant", "phase", "enrollment"], name="commission_by_phase"),
            models.Index(fields=["merchant", "-earned_at"], name="commission_by_time"),
            models.Index(fields=["affiliate", "-earned_at"], name="commission_by_affiliate"),
        ]


class GrantKind(models.TextChoices):
    """What is given that is no money."""

    CREDIT = "CREDIT", _("Credit in the product")
    FREE_MONTHS = "FREE_MONTHS", _("Free months")
    DISCOUNT = "DISCOUNT", _("Discount")
    GIFT = "GIFT", _("Gift")


class GrantStatus(models.TextChoices):
    """Where a grant stands."""

    PENDING = "PENDING", _("On hold")
    DUE = "DUE", _("To be given")
    GIVEN = "GIVEN", _("Given")
    FAILED = "FAILED", _("Failed")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


GRANT_MAY_COME_FROM = {  # The whole lifecycle.
    GrantStatus.DUE: [GrantStatus.PENDING, GrantStatus.FAILED],
    GrantStatus.GIVEN: [GrantStatus.DUE, GrantStatus.FAILED],
    GrantStatus.FAILED: [GrantStatus.DUE],
    GrantStatus.TAKEN_BACK: [
        GrantStatus.PENDING,
        GrantStatus.DUE,
        GrantStatus.GIVEN,
        GrantStatus.FAILED,
    ],
}


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants, with the one way to change their status."""

    def move(self, *, to: GrantStatus, at: datetime, reason: str = "") -> int:
        """Move to `to` every grant allowed to go there; return how many moved."""
        movable = self.filter(status__in=GRANT_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, status_reason=reason)


class Grant(TenantRecord):
    """A reward that is no money: for an enrollment, or for the customer it brought."""

    program = TenantForeignKey(Program, related_name="grants")
    conversion = TenantForeignKey(Conversion, related_name="grants")
    rule_version = TenantForeignKey(RuleVersion, related_name="grants")
    enrollment = TenantForeignKey(Enrollment, related_name="grants")  # Who earned it.
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    # Set: it is the friend's, not the affiliate's.
    customer = TenantForeignKey(Customer, related_name="grants", null=True, blank=True)
    kind = models.CharField(max_length=12, choices=GrantKind)
    # CREDIT: minor units of the program's currency; FREE_MONTHS: months; DISCOUNT: basis points.
    quantity = models.PositiveBigIntegerField()
    description = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=GrantStatus, default=GrantStatus.PENDING)
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)
    hold_until = models.DateTimeField()

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="grant_once_per_conversion",
                fields=["merchant", "conversion", "enrollment", "customer"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="grant_kind_known", condition=Q(kind__in=GrantKind.values)),
            models.CheckConstraint(
                name="grant_status_known", condition=Q(status__in=GrantStatus.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["hold_until"],
                name="grant_due",
                condition=Q(status=GrantStatus.PENDING),
            ),
            models.Index(fields=["affiliate"], name="grant_by_affiliate"),
        ]
