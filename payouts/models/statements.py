"""Statements of the bank: the proof that files were paid."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.secrets import decrypt_bytes
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.batches import Payout


class StatementFormat(models.TextChoices):
    """What a statement is written in."""

    CAMT053 = "CAMT053", _("camt.053")
    CSV = "CSV", _("CSV")


class Statement(TenantRecord):
    """A file of a bank; the same bytes are taken once.

    Until it is applied its bytes are kept, encrypted, for somebody to look at what they would do.
    """

    format = models.CharField(max_length=8, choices=StatementFormat)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_by = TenantForeignKey(Member, related_name="+")
    imported_at = models.DateTimeField()
    content = models.BinaryField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    repeated = models.PositiveIntegerField(default=0)  # Lines that another file had before.

    class Meta:
        constraints = [
            models.UniqueConstraint(name="statement_once", fields=["merchant", "sha256"]),
            models.CheckConstraint(
                name="statement_kept_until_applied",
                condition=Q(applied_at=None, content__isnull=False)
                | Q(applied_at__isnull=False, content=None),
            ),
        ]

    def reveal(self) -> bytes:
        """Return the exact bytes in clear. Only while it is not applied."""
        assert self.content is not None, "what was applied is not kept"
        return decrypt_bytes(bytes(self.content))


class LineOutcome(models.TextChoices):
    """What became of a line."""

    PAID = "PAID", _("A payout was marked paid")
    RETURNED = "RETURNED", _("A payout came back")
    KNOWN = "KNOWN", _("Said before")
    NOT_OURS = "NOT_OURS", _("Nothing of ours")
    DIFFERS = "DIFFERS", _("The amount or the status differs")


class StatementLine(TenantRecord):
    """One booking of the bank's. `bank_ref` is the bank's own name for it."""

    statement = TenantForeignKey(Statement, related_name="lines")
    bank_ref = models.CharField(max_length=140)
    reference = models.CharField(max_length=140, blank=True)  # End-to-end id: ours, if it is ours.
    amount_minor = models.BigIntegerField()  # < 0: money left.
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    text = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=8, choices=LineOutcome)
    detail = models.CharField(max_length=200, blank=True)  # Why it differs.
    payout = TenantForeignKey(Payout, related_name="statement_lines", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="statement_line_once", fields=["merchant", "bank_ref", "amount_minor"]
            ),
            models.CheckConstraint(
                name="statement_line_outcome_known", condition=Q(outcome__in=LineOutcome.values)
            ),
        ]
