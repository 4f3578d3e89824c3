"""Withdrawals: affiliates ask for their money."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from merchants.models import CURRENCY_KNOWN, Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.batches import Payout


class Destination(models.TextChoices):
    """Where a withdrawal goes."""

    MONEY = "MONEY", _("To the payout method")
    BALANCE = "BALANCE", _("To the balance in the product")


class WithdrawalStatus(models.TextChoices):
    """Where a request stands. What became of an approved one is said by its payout."""

    REQUESTED = "REQUESTED", _("Waits for review")
    APPROVED = "APPROVED", _("Approved")
    DECLINED = "DECLINED", _("Declined")
    CANCELLED = "CANCELLED", _("Taken back")
    IN_PAYOUT = "IN_PAYOUT", _("In a payout")
    PAID = "PAID", _("Paid")


WITHDRAWAL_MAY_COME_FROM = {  # DECLINED, CANCELLED and PAID are final.
    # Again APPROVED: its payout failed or was cancelled, and it goes into the next batch.
    WithdrawalStatus.APPROVED: [WithdrawalStatus.REQUESTED, WithdrawalStatus.IN_PAYOUT],
    WithdrawalStatus.DECLINED: [WithdrawalStatus.REQUESTED, WithdrawalStatus.APPROVED],
    WithdrawalStatus.CANCELLED: [WithdrawalStatus.REQUESTED],
    WithdrawalStatus.IN_PAYOUT: [WithdrawalStatus.APPROVED],
    WithdrawalStatus.PAID: [WithdrawalStatus.IN_PAYOUT],
}
LIVE_WITHDRAWALS = (
    WithdrawalStatus.REQUESTED,
    WithdrawalStatus.APPROVED,
    WithdrawalStatus.IN_PAYOUT,
)


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    """Withdrawals, with the one way to change their status."""

    def move(self, *, to: WithdrawalStatus, at: datetime, **facts: Any) -> int:
        """Move to `to` every request allowed to go there, with facts of the move; count them."""
        movable = self.filter(status__in=WITHDRAWAL_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, **facts)


class Withdrawal(TenantRecord):
    """A request for everything that is payable to an affiliate in one currency.

    It asks for what is due when the batch is made; `expected_minor` is what stood there when it was
    asked for.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="withdrawals")
    currency = models.CharField(max_length=3)
    destination = models.CharField(max_length=8, choices=Destination, default=Destination.MONEY)
    expected_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField(default=0)
    status = models.CharField(
        max_length=10, choices=WithdrawalStatus, default=WithdrawalStatus.REQUESTED
    )
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    decided_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)  # None: by rule.
    payout = TenantForeignKey(Payout, related_name="withdrawals", null=True, blank=True)
    # Until those were told who are to review it, or who asked.
    mail_due_at = models.DateTimeField(null=True, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="withdrawal_one_open",
                fields=["merchant", "affiliate", "currency"],
                condition=Q(status__in=LIVE_WITHDRAWALS),
            ),
            models.CheckConstraint(
                name="withdrawal_status_known", condition=Q(status__in=WithdrawalStatus.values)
            ),
            models.CheckConstraint(
                name="withdrawal_destination_known", condition=Q(destination__in=Destination.values)
            ),
            models.CheckConstraint(name="withdrawal_positive", condition=Q(expected_minor__gt=0)),
            models.CheckConstraint(name="withdrawal_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="withdrawal_in_payout_has_it",
                condition=~Q(status__in=[WithdrawalStatus.IN_PAYOUT, WithdrawalStatus.PAID])
                | Q(payout__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="withdrawal_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
            ),
        ]
