"""Papers that were issued: made once, numbered without gaps, never made again."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from common.secrets import decrypt, decrypt_bytes
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from payouts.models.batches import Payout


class DocumentKind(models.TextChoices):
    """What a paper is."""

    INVOICE = "INVOICE", _("Self-billing invoice")
    CREDIT_NOTE = "CREDIT_NOTE", _("Credit note")
    STATEMENT = "STATEMENT", _("Commission statement")
    REVERSAL = "REVERSAL", _("Reversal of a statement")


class DocumentSeries(TenantRecord):
    """The next number of a supplier's own series; its row is locked while a paper is made.

    Invoices and credit notes count in it. Statements go by their payout's reference instead.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="document_series_once", fields=["merchant", "affiliate"]),
        ]


class Document(TenantRecord):
    """A paper about one payout, in the merchant's name; `facts` is what it says, as data."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="documents")
    payout = TenantForeignKey(Payout, related_name="documents")
    kind = models.CharField(max_length=12, choices=DocumentKind)
    number = models.CharField(max_length=40)
    issued_on = models.DateField()
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField(default=0)
    facts = models.BinaryField()  # Fernet over the paper's data: parties, lines, words.
    content = models.BinaryField()  # Fernet over the PDF: it names people and where they live.
    sha256 = models.CharField(max_length=64)  # Of the clear bytes.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="document_number_unique", fields=["merchant", "affiliate", "number"]
            ),
            models.UniqueConstraint(name="document_once", fields=["merchant", "payout", "kind"]),
            models.CheckConstraint(
                name="document_kind_known", condition=Q(kind__in=DocumentKind.values)
            ),
            models.CheckConstraint(name="document_currency_known", condition=CURRENCY_KNOWN),
        ]
        indexes = [models.Index(fields=["affiliate", "issued_on"], name="document_by_affiliate")]

    def reveal(self) -> bytes:
        """Return the exact bytes in clear. Only for their download."""
        return decrypt_bytes(bytes(self.content))

    def reveal_facts(self) -> dict[str, Any]:
        """Return what the paper says, as data. Only for papers that correct it."""
        return decrypt(bytes(self.facts))

    @property
    def filename(self) -> str:
        """Return what the download is called."""
        return f"{self.number}.pdf"
