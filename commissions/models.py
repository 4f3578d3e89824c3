"""Rules and their versions, and commissions: amounts that are promised once and never edited."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from common.money import WHOLE_BPS
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, Program
from tracking.models import Conversion


class Reward(models.TextChoices):
    """How a rule computes what it pays."""

    FIXED = "FIXED", _("Fixed amount")
    PERCENT = "PERCENT", _("Percentage of the net amount")


class Rule(TenantRecord):
    """What a program pays for a goal. Its content lives in versions; this row is its identity."""

    program = TenantForeignKey(Program, related_name="rules")
    goal = TenantForeignKey(Goal, related_name="rules")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rule_one_per_goal",
                fields=["merchant", "program", "goal"],
                condition=Q(archived_at=None),
            ),
        ]


class RuleVersion(TenantRecord):
    """One wording of a rule, in force from `valid_from` until the next version's."""

    rule = TenantForeignKey(Rule, related_name="versions")
    version = models.PositiveIntegerField()
    reward = models.CharField(_("reward"), max_length=10, choices=Reward)
    fixed_minor = models.PositiveBigIntegerField(default=0)
    rate_bps = models.PositiveIntegerField(default=0)  # 750 is 7.5 %.
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "rule", "version"], name="rule_version_unique"
            ),
            models.CheckConstraint(name="rule_reward_known", condition=Q(reward__in=Reward.values)),
            models.CheckConstraint(
                name="rule_pays_one_way",
                condition=Q(reward=Reward.FIXED, fixed_minor__gt=0, rate_bps=0)
                | Q(reward=Reward.PERCENT, rate_bps__range=(1, WHOLE_BPS), fixed_minor=0),
            ),
        ]


class Status(models.TextChoices):
    """Where a commission stands."""

    PENDING = "PENDING", _("Pending")
    HELD = "HELD", _("Held")
    APPROVED = "APPROVED", _("Approved")
    RESERVED = "RESERVED", _("In payout")
    PAID = "PAID", _("Paid")
    DECLINED = "DECLINED", _("Declined")


MAY_COME_FROM = {  # The whole lifecycle; PAID and DECLINED are final.
    Status.PENDING: [Status.HELD],
    Status.HELD: [Status.PENDING],
    Status.APPROVED: [Status.PENDING, Status.RESERVED],
    Status.RESERVED: [Status.APPROVED],
    Status.PAID: [Status.RESERVED],
    Status.DECLINED: [Status.PENDING, Status.HELD],
}


class Kind(models.TextChoices):
    """What sort of line it is."""

    EARNING = "EARNING", _("Earned")
    REVERSAL = "REVERSAL", _("Taken back")


class CommissionQuerySet(models.QuerySet["Commission"]):
    """Commissions, with the one way to change their status."""

    def move(self, *, to: Status, at: datetime, reason: str = "") -> int:
        """Move to `to` every line allowed to go there; return how many moved.

        One UPDATE, so of two workers racing for a line the second counts 0.
        """
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, status_reason=reason)


EARNING_REF = "earning"  # The `event_ref` of the line a conversion earned.


class Commission(TenantRecord):
    """One line: what a credit earned (> 0) or a refund took back (< 0).

    Amounts are never edited: a wrong line is answered by another, of the opposite sign.
    `event_ref` is EARNING_REF or `refund:<id>`; with conversion and enrollment it is unique, so
    whatever computes the line twice writes it once.
    """

    program = TenantForeignKey(Program, related_name="commissions")
    enrollment = TenantForeignKey(Enrollment, related_name="commissions")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    conversion = TenantForeignKey(Conversion, related_name="commissions")
    rule_version = TenantForeignKey(RuleVersion, related_name="commissions")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EARNING)
    event_ref = models.CharField(max_length=64)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)  # The program's.
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
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
            ),
            models.CheckConstraint(
                name="commission_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="commission_earns_or_takes_back",
                condition=Q(kind=Kind.EARNING, event_ref=EARNING_REF, amount_minor__gt=0)
                | Q(kind=Kind.REVERSAL, amount_minor__lt=0),
            ),
            models.CheckConstraint(name="commission_currency_known", condition=CURRENCY_KNOWN),
        ]
        indexes = [
            models.Index(
                fields=["hold_until"], name="commission_due", condition=Q(status=Status.PENDING)
            ),
            models.Index(fields=["merchant", "status", "enrollment"], name="commission_by_status"),
            models.Index(fields=["merchant", "-earned_at"], name="commission_by_time"),
            models.Index(fields=["affiliate", "-earned_at"], name="commission_by_affiliate"),
        ]
