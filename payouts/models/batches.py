"""Batches of payouts; a commission is in at most one that lives, and the database says so."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from commissions.models import Commission
from common.secrets import decrypt_bytes
from merchants.models import CURRENCY_KNOWN, Member, TenantPart, TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.methods import PayoutMethod
from payouts.models.rails import Provider, Rail


class BatchStatus(models.TextChoices):
    """Where a batch stands."""

    PREPARING = "PREPARING", _("Being prepared")  # A large one, by a worker.
    DRAFT = "DRAFT", _("Waiting for approval")
    APPROVING = "APPROVING", _("Being reserved")  # A large one, by a worker.
    APPROVED = "APPROVED", _("Approved")
    SENT = "SENT", _("Handed over")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


BATCH_MAY_COME_FROM = {  # The whole lifecycle; CANCELLED is final.
    # Back from APPROVING: what it would reserve had changed.
    BatchStatus.DRAFT: [BatchStatus.PREPARING, BatchStatus.APPROVING],
    BatchStatus.APPROVING: [BatchStatus.DRAFT],
    BatchStatus.APPROVED: [BatchStatus.DRAFT, BatchStatus.APPROVING],
    # Back from DONE: a payout that failed is tried once more.
    BatchStatus.SENT: [BatchStatus.APPROVED, BatchStatus.DONE],
    BatchStatus.DONE: [BatchStatus.SENT],
    BatchStatus.CANCELLED: [
        BatchStatus.PREPARING,
        BatchStatus.DRAFT,
        BatchStatus.APPROVING,
        BatchStatus.APPROVED,
    ],
}


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, with the one way to change their status."""

    def move(self, *, to: BatchStatus, at: datetime, **facts: Any) -> int:
        """Move to `to` every batch allowed to go there, with facts of the move; return how many."""
        movable = self.filter(status__in=BATCH_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, step_size=None, **facts)


class Batch(TenantRecord):
    """Payouts of one currency over one rail, prepared by one member and approved by another.

    Up to the merchant's limit for the currency, as it was at the approval, one member may do both.
    """

    number = models.PositiveIntegerField()  # Counts within the merchant, for people to say.
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=10, choices=Provider, default=Provider.CSV)
    status = models.CharField(max_length=10, choices=BatchStatus, default=BatchStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    cutoff_at = models.DateTimeField()  # Commissions approved up to here.
    # None: prepared by itself, on a pay day.
    prepared_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    approved_by = TenantForeignKey(Member, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    self_approval_minor_max = models.PositiveBigIntegerField(null=True, blank=True)
    rail = TenantForeignKey(Rail, related_name="batches", null=True, blank=True)  # None: a file's.
    items = models.PositiveIntegerField(default=0)  # Payouts, and what they come to.
    amount_minor = models.PositiveBigIntegerField(default=0)
    is_large = models.BooleanField(default=False)  # Workers prepare and reserve it, in parts.
    # Affiliates in their present step; None: it was not cut into parts yet.
    step_size = models.PositiveIntegerField(null=True, blank=True)
    # Why the last step failed.
    problem = models.CharField(max_length=500, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Until approvers were told of it.

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="batch_number_unique"),
            models.CheckConstraint(
                name="batch_status_known", condition=Q(status__in=BatchStatus.values)
            ),
            models.CheckConstraint(
                name="batch_approved_by_a_second_member",
                condition=Q(approved_by=None)
                | Q(prepared_by=None)
                | ~Q(approved_by=F("prepared_by"))
                | Q(self_approval_minor_max__gte=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="batch_approval_is_signed",
                condition=Q(
                    status__in=[BatchStatus.PREPARING, BatchStatus.DRAFT, BatchStatus.CANCELLED]
                )
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(name="batch_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="batch_provider_known", condition=Q(provider__in=Provider.values)
            ),
        ]
        indexes = [
            models.Index(
                name="batch_at_work",
                fields=["status_changed_at"],
                condition=Q(status__in=[BatchStatus.PREPARING, BatchStatus.APPROVING]),
            ),
            models.Index(
                name="batch_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
            ),
        ]

    @property
    def progress(self) -> dict[str, int]:
        """Return how far the present step of a large batch is, in affiliates."""
        if self.step_size is None:
            return {}
        left = self.parts.aggregate(left=Sum("affiliates"))["left"] or 0
        return {"done": self.step_size - left, "total": self.step_size}


class Exclusion(TenantRecord):
    """An affiliate with approved commissions who is not in a batch, and why."""

    batch = TenantForeignKey(Batch, related_name="exclusions", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=40)  # A LeftOut, in lower case.
    detail = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # When they were asked for what lacks.
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Until that was mailed.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "batch", "affiliate"], name="exclusion_once_per_batch"
            ),
        ]
        indexes = [
            models.Index(
                name="exclusion_asked",
                fields=["merchant", "affiliate", "asked_at"],
                condition=Q(asked_at__isnull=False),
            ),
            models.Index(
                name="exclusion_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
            ),
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
    PayoutStatus.SUBMITTING: [PayoutStatus.RESERVED],  # Once: a repeat keeps its attempt.
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
    """Money for one affiliate: one item of a batch. A failed one is never paid: a retry is another.

    `amount_minor` is what is sent: earned + VAT - withheld - fee.
    """

    batch = TenantForeignKey(Batch, related_name="payouts", db_index=False)
    affiliate = models.ForeignKey(  # Its index is `payout_by_affiliate`.
        Affiliate, models.PROTECT, related_name="payouts", db_index=False
    )
    # None only where it goes to the balance in the merchant's product: providers may count on it.
    method: "models.ForeignKey[Any, Any]" = models.ForeignKey(
        PayoutMethod, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    method_masked = models.CharField(max_length=80)
    amount_minor = models.PositiveBigIntegerField()
    earned_minor = models.PositiveBigIntegerField()  # The sum of its lines.
    vat_minor = models.PositiveBigIntegerField(default=0)  # On top of what was earned.
    withheld_minor = models.PositiveBigIntegerField(default=0)  # For the tax office.
    fee_minor = models.PositiveBigIntegerField(default=0)  # Of a withdrawal.
    currency = models.CharField(max_length=3)
    retry_of = TenantForeignKey(
        "self", related_name="retries", null=True, blank=True, db_index=False
    )
    attempt = TenantForeignKey(
        "Attempt", related_name="payouts", null=True, blank=True, db_index=False
    )
    status = models.CharField(max_length=10, choices=PayoutStatus, default=PayoutStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=35)  # Ours, on the affiliate's bank statement.
    provider_ref = models.CharField(max_length=140, blank=True)  # Theirs: the proof of payment.
    paid_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Until its failure was told.
    # The status that papers were issued for last; none are due while it is PAID or RETURNED.
    papered_status = models.CharField(
        max_length=10, blank=True, choices=PayoutStatus, default="", db_default=""
    )

    objects = PayoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payout_once_per_batch",
                fields=["merchant", "batch", "affiliate"],
                condition=~Q(
                    status__in=[
                        PayoutStatus.FAILED,
                        PayoutStatus.RETURNED,
                        PayoutStatus.CANCELLED,
                    ]
                ),
            ),
            models.UniqueConstraint(
                name="payout_retried_once",
                fields=["merchant", "retry_of"],
                condition=Q(retry_of__isnull=False),
            ),
            models.CheckConstraint(
                name="payout_adds_up",
                condition=Q(
                    amount_minor=F("earned_minor")
                    + F("vat_minor")
                    - F("withheld_minor")
                    - F("fee_minor")
                ),
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
        indexes = [
            models.Index(fields=["affiliate", "created_at"], name="payout_by_affiliate"),
            models.Index(fields=["merchant", "batch"], name="payout_by_batch"),
            models.Index(
                name="payout_by_attempt",
                fields=["merchant", "attempt"],
                condition=Q(attempt__isnull=False),
            ),
            models.Index(
                name="payout_to_submit",
                fields=["merchant", "batch"],
                condition=Q(status=PayoutStatus.RESERVED),
            ),
            models.Index(
                name="payout_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
            ),
            models.Index(
                name="payout_papers_due",
                fields=["status_changed_at"],
                condition=Q(status__in=[PayoutStatus.PAID, PayoutStatus.RETURNED])
                & ~Q(papered_status=F("status")),
            ),
        ]


class PayoutLine(TenantPart):
    """A commission inside a payout. Released when the payout fails or is cancelled.

    They come by the million: triggers compare a line with its payout and its commission, once for
    each statement, instead of foreign keys (migration 0015).
    """

    payout = TenantForeignKey(Payout, related_name="lines", db_index=False)
    commission = TenantForeignKey(Commission, related_name="payout_lines", db_index=False)
    affiliate = models.ForeignKey(  # The payout's, as is the merchant.
        Affiliate, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount_minor = models.BigIntegerField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(  # And the index by which a commission's lines are found.
                F("merchant"),
                F("commission"),
                Case(When(released_at__isnull=False, then=F("id"))),
                name="commission_in_one_live_payout",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["merchant", "payout"], name="payoutline_by_payout")]


class BatchFile(TenantRecord):
    """The exact bytes handed to the bank: made once, stored with their hash, never made again.

    They name accounts, so they are encrypted; `sha256` is of the clear bytes.
    """

    batch = TenantForeignKey(Batch, related_name="files")
    provider = models.CharField(max_length=10, choices=Provider, default=Provider.CSV)
    # Which of the provider's files of that day it is, from 1; older ones were not counted.
    made_on = models.DateField(null=True, blank=True)
    of_day = models.PositiveIntegerField(null=True, blank=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60, default="text/csv")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "batch"], name="batch_file_once"),
            models.UniqueConstraint(
                fields=["merchant", "provider", "made_on", "of_day"],
                name="batch_file_number_of_the_day",
            ),
        ]

    def reveal(self) -> bytes:
        """Return the exact bytes in clear. Only for their download."""
        return decrypt_bytes(bytes(self.content))
