"""Where affiliates are paid."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from common.models import Record
from common.secrets import decrypt


class MethodKind(models.TextChoices):
    """How an affiliate is paid."""

    BANK = "BANK", _("Bank account (IBAN)")
    US_BANK = "US_BANK", _("Bank account in the United States")
    PAYPAL = "PAYPAL", _("PayPal")
    WISE = "WISE", _("Wise")
    STRIPE = "STRIPE", _("Stripe")
    MANUAL = "MANUAL", _("Another way, by agreement")


class PayoutMethod(Record):
    """Where an affiliate's money goes. Details are encrypted; a change is a new row.

    Details by kind, all with `holder`: BANK {iban, bic?, town, country}, US_BANK {routing, account,
    account_type: CHECKING|SAVINGS}, PAYPAL {email}, WISE {email}, STRIPE {account},
    MANUAL {instructions}.

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
        ]

    def reveal(self) -> dict[str, Any]:
        """Return the details in clear. Only for the file or call that pays."""
        return decrypt(bytes(self.details))
