"""What tax offices want to know of affiliates and merchants."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate
from common.models import Record
from common.secrets import decrypt
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from users.models import User


class TaxFormKind(models.TextChoices):
    """Which data an affiliate gives; it follows from where and what they are."""

    W9 = "W9", _("W-9 (United States)")
    W8BEN = "W8BEN", _("W-8BEN (person outside the United States)")
    W8BENE = "W8BENE", _("W-8BEN-E (company outside the United States)")
    BUSINESS = "BUSINESS", _("Business outside the United States")
    PRIVATE = "PRIVATE", _("Private person outside the United States")


# What payers in the United States ask for; everybody else asks for the other two.
US_FORMS = (TaxFormKind.W9, TaxFormKind.W8BEN, TaxFormKind.W8BENE)


class VatStatus(models.TextChoices):
    """What is known of a VAT id."""

    NONE = "NONE", _("No VAT id")
    UNCHECKED = "UNCHECKED", _("Not checked yet")
    VALID = "VALID", _("Valid")
    INVALID = "INVALID", _("Not valid")


class TaxProfile(Record):
    """A signed tax form of an affiliate. Details are encrypted; a change is a new row.

    One form for payers in the United States and one for all others may be in force at a time.

    Details: what payouts/tax/forms.py declares by kind, with the address as one: {street, town,
    postcode?, region?, country}.

    Policies: its affiliate reads and writes it; merchants read it while the affiliate is enrolled.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="tax_profiles")
    kind = models.CharField(_("form"), max_length=10, choices=TaxFormKind)
    country = models.CharField(_("tax residence"), max_length=2)
    details = models.BinaryField()  # Fernet over the details.
    tax_id_last_four = models.CharField(max_length=4, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)  # Keyed hash of the tax id.
    vat_status = models.CharField(max_length=10, choices=VatStatus, default=VatStatus.NONE)
    vat_checked_at = models.DateTimeField(null=True, blank=True)
    vat_consultation = models.CharField(max_length=80, blank=True)  # The office's own number.
    vat_name = models.CharField(max_length=200, blank=True)  # Whom the office knows by that id.
    vat_next_check_at = models.DateTimeField(null=True, blank=True)  # Null: nothing to ask.
    # Charges no VAT: its country lets it off, as a small business. In clear, for batches of many.
    is_small_business = models.BooleanField(default=False)
    is_corporation = models.BooleanField(default=False)  # On a W-9: gets no 1099-NEC.
    # What a payer in the United States keeps: of work that was done there.
    withholding_bps = models.PositiveSmallIntegerField(default=0)
    signed_name = models.CharField(max_length=120)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    signed_ip = models.GenericIPAddressField(null=True)
    expires_on = models.DateField(null=True, blank=True)
    expiry_told_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tax_profile_one_us_form_in_force",
                fields=["affiliate"],
                condition=Q(replaced_at=None, kind__in=US_FORMS),
            ),
            models.UniqueConstraint(
                name="tax_profile_one_other_form_in_force",
                fields=["affiliate"],
                condition=Q(replaced_at=None) & ~Q(kind__in=US_FORMS),
            ),
            models.CheckConstraint(
                name="tax_profile_kind_known", condition=Q(kind__in=TaxFormKind.values)
            ),
            models.CheckConstraint(
                name="tax_profile_vat_known", condition=Q(vat_status__in=VatStatus.values)
            ),
            models.CheckConstraint(
                name="tax_profile_country_is_iso_3166", condition=Q(country__regex=r"^[A-Z]{2}$")
            ),
        ]
        indexes = [
            models.Index(
                name="tax_profile_vat_to_check",
                fields=["vat_next_check_at"],
                condition=Q(vat_next_check_at__isnull=False),
            ),
            models.Index(
                name="tax_profile_expiry_to_tell",
                fields=["expires_on"],
                condition=Q(replaced_at=None, expiry_told_at=None),
            ),
        ]

    def reveal(self) -> dict[str, Any]:
        """Return the details in clear. Only for documents and their own pages."""
        return decrypt(bytes(self.details))


class TaxFault(TenantRecord):
    """The tax office told a merchant that name and number of a form do not belong together.

    It is told to the payer alone, so it is the merchant's row; a new form leaves it behind.
    """

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    profile = models.ForeignKey(TaxProfile, models.PROTECT, related_name="faults")
    reason = models.CharField(_("what the office said"), max_length=500)
    noted_by = TenantForeignKey(Member, related_name="+")
    noted_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tax_fault_one_open",
                fields=["merchant", "profile"],
                condition=Q(cleared_at=None),
            ),
        ]


class MerchantTax(TenantRecord):
    """In whose name a merchant's documents are issued."""

    legal_name = models.CharField(_("legal name"), max_length=120)
    street = models.CharField(_("street"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    town = models.CharField(_("town"), max_length=80)
    country = models.CharField(_("country"), max_length=2)
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    tax_id = models.CharField(_("tax number"), max_length=30, blank=True)
    # What VAT is charged on services at home, e.g. 1900 in Germany.
    vat_bps = models.PositiveSmallIntegerField(_("VAT rate"), default=0)
    invoice_prefix = models.CharField(_("prefix of invoice numbers"), max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="merchant_tax_once", fields=["merchant"]),
            models.CheckConstraint(
                name="merchant_tax_country_is_iso_3166", condition=Q(country__regex=r"^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="merchant_tax_vat_sane", condition=Q(vat_bps__lte=10_000)),
        ]


class SelfBillingAgreement(TenantRecord):
    """Evidence: an affiliate agreed that the merchant writes invoices in its name."""

    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    version = models.CharField(max_length=20)  # Of the text.
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="self_billing_one_in_force",
                fields=["merchant", "affiliate"],
                condition=Q(ended_at=None),
            ),
        ]
