"""Where affiliates are paid."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from common.models import Record
from common.secrets import decrypt
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey


class MethodKind(models.TextChoices):
    """How an affiliate is paid."""

    BANK = "BANK", _("Bank account (IBAN)")
    US_BANK = "US_BANK", _("Bank account in the United States")
    PAYPAL = "PAYPAL", _("PayPal")
    WISE = "WISE", _("Wise")
    STRIPE = "STRIPE", _("Stripe")
    MANUAL = "MANUAL", _("Another way, by agreement")


class AccountType(models.TextChoices):
    """Which account of a bank in the United States it is."""

    CHECKING = "CHECKING", _("Checking")
    SAVINGS = "SAVINGS", _("Savings")


class AccountOwner(models.TextChoices):
    """Whose account it is: banks in the United States treat them apart."""

    PERSON = "PERSON", _("A person's")
    COMPANY = "COMPANY", _("A company's")


class PayoutMethod(Record):
    """Where an affiliate's money goes. Details are encrypted; a change is a new row.

    Details by kind, all with `holder`: BANK {iban, bic?, town?, country?}, US_BANK {routing,
    account, account_type, owner}, PAYPAL {email}, WISE {email}, STRIPE {account}, MANUAL
    {instructions}. Accounts that were said before towns were asked for have none.

    Policies: its affiliate reads and writes it; merchants read it while the affiliate is enrolled.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="payout_methods")
    kind = models.CharField(_("kind"), max_length=10, choices=MethodKind)
    details = models.BinaryField()  # Fernet over the details.
    masked = models.CharField(max_length=80)  # What people recognise it by.
    # Keyed hash of what names the account: tells that two affiliates share one, and nothing else.
    fingerprint = models.CharField(max_length=64, blank=True)
    usable_from = models.DateTimeField()  # A changed method cools off before the first payout.
    replaced_at = models.DateTimeField(null=True, blank=True)
    # Payouts to it that came back; people are warned of such a method.
    returns = models.PositiveSmallIntegerField(default=0)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Until its people were told of it.

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
        indexes = [
            models.Index(
                name="payout_method_by_fingerprint",
                fields=["fingerprint"],
                condition=Q(replaced_at=None),
            ),
            models.Index(
                name="payout_method_mail_due",
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
            ),
        ]

    def reveal(self) -> dict[str, Any]:
        """Return the details in clear. Only for the file or call that pays."""
        return decrypt(bytes(self.details))


class MethodClearance(TenantRecord):
    """A member's word that an affiliate may be paid to an account that another one has, too."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)  # Of that account, and no other.
    reason = models.CharField(max_length=500)
    cleared_by = TenantForeignKey(Member, related_name="+")
    cleared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="method_clearance_once", fields=["merchant", "affiliate", "fingerprint"]
            ),
        ]
