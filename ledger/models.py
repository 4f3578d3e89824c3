"""Accounts, journals and postings. PostgreSQL refuses what would falsify them (migration 0004)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import CURRENCY_KNOWN, TenantPart, TenantRecord
from merchants.tenancy import TenantForeignKey


class AccountKind(models.TextChoices):
    """What an account holds. Balances are positive for what is owed to or held for affiliates."""

    COMMISSION_EXPENSE = "COMMISSION_EXPENSE", _("Commission expense")
    PENDING = "PENDING", _("Pending")
    PAYABLE = "PAYABLE", _("Payable")
    PAYOUT_CLEARING = "PAYOUT_CLEARING", _("In payout")
    PAID = "PAID", _("Paid")
    WITHHELD_TAX = "WITHHELD_TAX", _("Withheld tax")
    VAT = "VAT", _("VAT on top")
    PAYOUT_FEE = "PAYOUT_FEE", _("Payout fees")
    CREDIT_BALANCE = "CREDIT_BALANCE", _("Merchant credit")
    WRITE_OFF = "WRITE_OFF", _("Written off")


class Account(TenantRecord):
    """Where amounts stand: of one enrollment, or (without one) of the merchant."""

    enrollment_id = models.UUIDField(null=True, blank=True)  # Of a higher app; a key by migration.
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=20, choices=AccountKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="account_once_per_owner",
                fields=["merchant", "enrollment_id", "currency", "kind"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="account_kind_known", condition=Q(kind__in=AccountKind.values)
            ),
            models.CheckConstraint(name="account_currency_known", condition=CURRENCY_KNOWN),
        ]


class Journal(TenantRecord):
    """One money event. `source` names its cause once: `commission:<id>:approved`."""

    source = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "source"], name="journal_once_per_source"),
        ]


class Posting(TenantPart):
    """One amount put on one account by a journal; the postings of a journal sum to zero.

    A trigger compares it with both, once for each statement, instead of keys (migration 0016).
    """

    journal = TenantForeignKey(Journal, related_name="postings", db_index=False)
    account = TenantForeignKey(Account, related_name="postings", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)  # The account's; a trigger compares.

    class Meta:
        constraints = [
            models.CheckConstraint(name="posting_not_zero", condition=~Q(amount_minor=0)),
        ]
        indexes = [
            models.Index(fields=["merchant", "account"], name="posting_by_account"),
            models.Index(fields=["merchant", "journal"], name="posting_by_journal"),
        ]
