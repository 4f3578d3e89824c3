"""Claims: an affiliate says that a conversion of theirs is missing."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, Program
from tracking.models import Conversion


class ClaimStatus(models.TextChoices):
    """Where a claim stands."""

    OPEN = "OPEN", _("Waits for an answer")
    CREDITED = "CREDITED", _("Credited")
    REFUSED = "REFUSED", _("Refused")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


CLAIM_MAY_COME_FROM = {  # The whole lifecycle; all but OPEN are final.
    ClaimStatus.CREDITED: [ClaimStatus.OPEN],
    ClaimStatus.REFUSED: [ClaimStatus.OPEN],
    ClaimStatus.WITHDRAWN: [ClaimStatus.OPEN],
}


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims, with the one way to change their status."""

    def move(self, *, to: ClaimStatus, at: datetime, answer: str = "") -> int:
        """Move to `to` every claim allowed to go there; return how many moved."""
        movable = self.filter(status__in=CLAIM_MAY_COME_FROM[to])
        return movable.update(status=to, answered_at=at, answer=answer)


class Claim(TenantRecord):
    """One claim of an affiliate for one order, which the merchant answers until `due_at`."""

    program = TenantForeignKey(Program, related_name="claims")
    enrollment = TenantForeignKey(Enrollment, related_name="claims")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    goal = TenantForeignKey(Goal, related_name="+")
    order_id = models.CharField(_("order"), max_length=200)
    happened_on = models.DateField(_("date"))
    amount_minor = models.PositiveBigIntegerField(null=True, blank=True)  # If the affiliate knows.
    currency = models.CharField(max_length=3)  # The program's.
    message = models.TextField(_("what happened"), max_length=2_000)
    status = models.CharField(max_length=10, choices=ClaimStatus, default=ClaimStatus.OPEN)
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Once each, by the task that mails: members were told of it, reminded that the deadline is
    # near, told that it has passed; and the affiliate was told the answer.
    told_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    answer_told_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=1_000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    conversion = TenantForeignKey(Conversion, related_name="claims", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="claim_status_known", condition=Q(status__in=ClaimStatus.values)
            ),
            models.CheckConstraint(name="claim_currency_known", condition=CURRENCY_KNOWN),
            models.UniqueConstraint(
                name="claim_one_open_per_order",
                fields=["merchant", "enrollment", "goal", "order_id"],
                condition=Q(status=ClaimStatus.OPEN),
            ),
            models.CheckConstraint(
                name="claim_credited_names_its_conversion",
                condition=~Q(status=ClaimStatus.CREDITED) | Q(conversion__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "due_at"], name="claim_by_status"),
            models.Index(fields=["affiliate", "-submitted_at"], name="claim_by_affiliate"),
            models.Index(
                fields=["due_at"], name="claim_to_tell_of", condition=Q(answer_told_at=None)
            ),
        ]
