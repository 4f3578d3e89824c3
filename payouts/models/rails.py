"""Rails: a merchant's account with whoever moves the money, and what is said over it."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.secrets import decrypt
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey


class Provider(models.TextChoices):
    """Who or what moves the money; payouts/providers has a folder for each."""

    CSV = "CSV", _("CSV file, paid by hand")
    SEPA = "SEPA", _("SEPA credit transfers (pain.001 file)")
    NACHA = "NACHA", _("ACH credits in the United States (NACHA file)")
    PAYPAL = "PAYPAL", _("PayPal Payouts")
    WISE = "WISE", _("Wise")
    STRIPE = "STRIPE", _("Stripe Connect")
    BALANCE = "BALANCE", _("Balance in your product")


class Mode(models.TextChoices):
    """Whether money is real."""

    SANDBOX = "SANDBOX", _("Sandbox")
    LIVE = "LIVE", _("Live")


class Rail(TenantRecord):
    """A merchant's account with a provider. Credentials are encrypted; one is in force each."""

    provider = models.CharField(max_length=10, choices=Provider)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.SANDBOX)
    credentials = models.BinaryField()  # Fernet over what the provider's folder declares.
    masked = models.CharField(max_length=120)  # What people recognise it by.
    notice_token = models.CharField(max_length=64, unique=True)  # In the address of its notices.
    archived_at = models.DateTimeField(null=True, blank=True)
    # A worker asks the provider something harmless; then the account's name is known, or a problem.
    check_due_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    account = models.CharField(max_length=140, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rail_one_in_force",
                fields=["merchant", "provider"],
                condition=Q(archived_at=None),
            ),
            models.CheckConstraint(
                name="rail_provider_known", condition=Q(provider__in=Provider.values)
            ),
            models.CheckConstraint(name="rail_mode_known", condition=Q(mode__in=Mode.values)),
        ]
        indexes = [
            models.Index(
                name="rail_to_check",
                fields=["check_due_at"],
                condition=Q(check_due_at__isnull=False),
            ),
        ]

    def reveal(self) -> dict[str, Any]:
        """Return the credentials in clear. Only for the call that pays or asks."""
        return decrypt(bytes(self.credentials))


class Notice(TenantRecord):
    """What a provider told us, as it came: verified on arrival, worked through once by a worker."""

    rail = TenantForeignKey(Rail, related_name="notices")
    external_id = models.CharField(max_length=140)  # Theirs: what arrives twice is kept once.
    body = models.BinaryField()  # Fernet over {"body": text}: it may name payees.
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()  # Looked at from here on; later again, if it came too early.
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["merchant", "rail", "external_id"]),
        ]
        indexes = [
            models.Index(name="notice_due", fields=["due_at"], condition=Q(processed_at=None)),
        ]


class Reconciliation(TenantRecord):
    """One day's comparison of what a provider lists and what we know, in both directions."""

    rail = TenantForeignKey(Rail, related_name="reconciliations")
    day = models.DateField()
    checked_at = models.DateTimeField()
    totals = models.JSONField(default=list)  # [{currency, ours_minor, theirs_minor, items}]
    error = models.CharField(max_length=500, blank=True)  # Why it could not be compared.

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reconciliation_once_a_day", fields=["rail", "day"]),
        ]


class FindingKind(models.TextChoices):
    """What does not agree."""

    UNKNOWN_TO_US = "UNKNOWN_TO_US", _("They paid what we do not know")
    UNKNOWN_TO_THEM = "UNKNOWN_TO_THEM", _("They do not know what we hold for paid")
    AMOUNT = "AMOUNT", _("The amounts differ")
    STATUS = "STATUS", _("They say otherwise")
    TWICE = "TWICE", _("They paid it more than once")


class Finding(TenantRecord):
    """One difference with a provider. While one is open, no batch goes over the rail."""

    rail = TenantForeignKey(Rail, related_name="findings")
    reconciliation = TenantForeignKey(Reconciliation, related_name="findings")
    kind = models.CharField(max_length=16, choices=FindingKind)
    reference = models.CharField(max_length=140)  # Ours or theirs: what it is about.
    payout_id = models.UUIDField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    ours_minor = models.BigIntegerField(null=True, blank=True)
    theirs_minor = models.BigIntegerField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = TenantForeignKey("merchants.Member", related_name="+", null=True, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(  # Seen again while it is open, it is the same finding.
                name="finding_one_open",
                fields=["merchant", "rail", "kind", "reference"],
                condition=Q(resolved_at=None),
            ),
            models.CheckConstraint(
                name="finding_kind_known", condition=Q(kind__in=FindingKind.values)
            ),
            models.CheckConstraint(
                name="finding_differs",
                condition=Q(ours_minor=None)
                | Q(theirs_minor=None)
                | ~Q(ours_minor=F("theirs_minor"))
                | Q(kind__in=[FindingKind.STATUS, FindingKind.TWICE]),
            ),
            models.CheckConstraint(
                name="finding_resolved_with_a_reason",
                condition=Q(resolved_at=None) | ~Q(resolution=""),
            ),
        ]
