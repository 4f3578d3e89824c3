"""Batches of payouts; a commission is in at most one that lives, and the database says so."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from commissions.models import Commission
from common.models import Record
from common.secrets import decrypt
from merchants.models import CURRENCY_KNOWN, Member, TenantRecord
from merchants.tenancy import TenantForeignKey


class MethodKind(models.TextChoices):
    """How an affiliate is paid."""

    BANK = "BANK", _("Bank transfer")
    PAYPAL = "PAYPAL", _("PayPal")


class PayoutMethod(Record):
    """Where an affiliate's money goes. Details are encrypted; a change is a new row.

    Policies: its affiliate reads and writes it; merchants read it while the affiliate is enrolled.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="payout_methods")
    kind = models.CharField(_("kind"), max_length=10, choices=MethodKind)
    details = models.BinaryField()  # Fernet over {"holder", "iban"} or {"holder", "email"}.
    masked = models.CharField(max_length=80)  # What people recognise it by.
    usable_from = models.DateTimeField()  # A changed method cools off before the first payout.
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payout_method_one_in_force",
                fields=["affiliate"],
                condition=Q(replaced_at=None),
            ),
            models.CheckConstraint(
                name="payout_method_kind_known", condition=Q(kind__in=MethodKind.values)
            ),
        ]

    def reveal(self) -> dict[str, Any]:
        """Return the details in clear. Only for the file or call that pays."""
        return decrypt(bytes(self.details))


class BatchStatus(models.TextChoices):
    """Where a batch stands."""

    DRAFT = "DRAFT", _("Waiting for approval")
    APPROVED = "APPROVED", _("Approved")
    SENT = "SENT", _("Handed over")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


BATCH_MAY_COME_FROM = {  # The whole lifecycle; DONE and CANCELLED are final.
    BatchStatus.APPROVED: [BatchStatus.DRAFT],
    BatchStatus.SENT: [BatchStatus.APPROVED],
    BatchStatus.DONE: [BatchStatus.SENT],
    BatchStatus.CANCELLED: [BatchStatus.DRAFT, BatchStatus.APPROVED],
}


class Provider(models.TextChoices):
    """The rail a batch goes over; payouts/providers has a module for each."""

    CSV = "CSV", _("CSV file, paid by hand")


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, with the one way to change their status."""

    def move(self, *, to: BatchStatus, at: datetime, **facts: Any) -> int:
        """Move to `to` every batch allowed to go there, with facts of the move; return how many."""
        movable = self.filter(status__in=BATCH_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, **facts)


class Batch(TenantRecord):
    """Payouts of one currency over one rail, prepared by one member and approved by another."""

    number = models.PositiveIntegerField()  # Counts within the merchant, for people to say.
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=10, choices=Provider, default=Provider.CSV)
    status = models.CharField(max_length=10, choices=BatchStatus, default=BatchStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    cutoff_at = models.DateTimeField()  # Commissions approved up to here.
    prepared_by = TenantForeignKey(Member, related_name="+")
    approved_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    left_out = models.JSONField(
        default=list
    )  # [{"enrollment"?, "affiliate", "amount_minor", "reason"}]

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="batch_number_unique"),
            models.CheckConstraint(
                name="batch_status_known", condition=Q(status__in=BatchStatus.values)
            ),
            models.CheckConstraint(
                name="batch_approved_by_a_second_member",
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="batch_approval_is_signed",
                condition=Q(status__in=[BatchStatus.DRAFT, BatchStatus.CANCELLED])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(name="batch_currency_known", condition=CURRENCY_KNOWN),
        ]


class PayoutStatus(models.TextChoices):
    """Where a payout stands. UNKNOWN is left only by the provider's own answer."""

    DRAFT = "DRAFT", _("Waiting for approval")
    RESERVED = "RESERVED", _("Reserved")
    SUBMITTING = "SUBMITTING", _("Being sent")
    SUBMITTED = "SUBMITTED", _("On its way")
    UNKNOWN = "UNKNOWN", _("Unknown, being looked into")
    PAID = "PAID", _("Paid")
    FAILED = "FAILED", _("Failed")
    RETURNED = "RETURNED", _("Returned")
    CANCELLED = "CANCELLED", _("Cancelled")


PAYOUT_MAY_COME_FROM = {  # The whole lifecycle. Those of a file skip SUBMITTING.
    PayoutStatus.RESERVED: [PayoutStatus.DRAFT],
    PayoutStatus.SUBMITTING: [PayoutStatus.RESERVED],
    PayoutStatus.SUBMITTED: [
        PayoutStatus.RESERVED,
        PayoutStatus.SUBMITTING,
        PayoutStatus.UNKNOWN,
    ],
    PayoutStatus.UNKNOWN: [PayoutStatus.SUBMITTING],
    PayoutStatus.PAID: [PayoutStatus.SUBMITTED, PayoutStatus.UNKNOWN],
    PayoutStatus.FAILED: [PayoutStatus.SUBMITTED, PayoutStatus.SUBMITTING, PayoutStatus.UNKNOWN],
    PayoutStatus.RETURNED: [PayoutStatus.PAID],
    PayoutStatus.CANCELLED: [PayoutStatus.DRAFT, PayoutStatus.RESERVED],
}


class PayoutQuerySet(models.QuerySet["Payout"]):
    """Payouts, with the one way to change their status."""

    def move(self, *, to: PayoutStatus, at: datetime, **facts: Any) -> int:
        """Move to `to` every payout allowed to go there, with facts of the move; count them."""
        movable = self.filter(status__in=PAYOUT_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, **facts)


class Payout(TenantRecord):
    """Money for one affiliate: one item of a batch."""

    batch = TenantForeignKey(Batch, related_name="payouts")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="payouts")
    method = models.ForeignKey(PayoutMethod, models.PROTECT, related_name="+")
    method_masked = models.CharField(max_length=80)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=PayoutStatus, default=PayoutStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=35)  # Ours, on the affiliate's bank statement.
    provider_ref = models.CharField(max_length=140, blank=True)  # Theirs: the proof of payment.
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "batch", "affiliate"], name="payout_once_per_batch"
            ),
            models.UniqueConstraint(
                fields=["merchant", "reference"], name="payout_reference_unique"
            ),
            models.UniqueConstraint(
                name="payout_provider_ref_unique",
                fields=["merchant", "provider_ref"],
                condition=~Q(provider_ref=""),
            ),
            models.CheckConstraint(
                name="payout_status_known", condition=Q(status__in=PayoutStatus.values)
            ),
            models.CheckConstraint(name="payout_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="payout_paid_has_proof",
                condition=~Q(status=PayoutStatus.PAID)
                | (Q(paid_at__isnull=False) & ~Q(provider_ref="")),
            ),
        ]
        indexes = [models.Index(fields=["affiliate", "created_at"], name="payout_by_affiliate")]


class PayoutLine(TenantRecord):
    """A commission inside a payout. Released when the payout fails or is cancelled."""

    payout = TenantForeignKey(Payout, related_name="lines")
    commission = TenantForeignKey(Commission, related_name="payout_lines")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="commission_in_one_live_payout",
                fields=["merchant", "commission"],
                condition=Q(released_at=None),
            ),
        ]


class BatchFile(TenantRecord):
    """The exact bytes handed to the bank: made once, stored with their hash, never made again."""

    batch = TenantForeignKey(Batch, related_name="files")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "batch"], name="batch_file_once"),
        ]
