"""What each merchant still needs of an affiliate before it may pay: what the portal asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from merchants.models import Merchant
from merchants.tenancy import merchant_context
from payouts.models import MerchantTax, SelfBillingAgreement, TaxFault, TaxFormKind
from payouts.tax.places import US
from payouts.tax.profiles import forms_in_force
from payouts.tax.standing import TaxStanding, payer_of, standings


@dataclass(frozen=True, slots=True)
class Need:
    """How one merchant stands to an affiliate, as to tax."""

    merchant: Merchant
    own: MerchantTax | None
    is_in_us: bool
    requires_form: bool
    withholding_bps: int  # Of those who give no form.
    issues_invoices: bool  # Of this affiliate: it gave a business's form.
    agreement: SelfBillingAgreement | None
    fault: TaxFault | None
    standing: TaxStanding


def needs_of(affiliate_id: UUID, merchants: Iterable[Merchant], at: datetime) -> list[Need]:
    """Return what the merchants need, by name. Each is asked in its own context."""
    return [
        _need(affiliate_id, merchant, at)
        for merchant in sorted(set(merchants), key=lambda merchant: merchant.name)
    ]


def _need(affiliate_id: UUID, merchant: Merchant, at: datetime) -> Need:
    mine = {"merchant_id": merchant.id, "affiliate_id": affiliate_id}
    with merchant_context(merchant.id):
        payer = payer_of(merchant.id)
        policy = payer.policy
        forms = forms_in_force(affiliate_id)
        is_business = any(form.kind == TaxFormKind.BUSINESS for form in forms)
        faults = TaxFault.objects.filter(
            **mine, profile__replaced_at=None, cleared_at=None
        ).order_by("noted_at")
        return Need(
            merchant=merchant,
            own=MerchantTax.objects.filter(merchant_id=merchant.id).first(),
            is_in_us=payer.country == US,
            requires_form=policy.requires_tax_form,
            withholding_bps=policy.withholding_bps,
            issues_invoices=policy.issues_invoices and is_business and payer.country != "",
            agreement=SelfBillingAgreement.objects.filter(**mine, ended_at=None).first(),
            fault=faults.last(),
            standing=standings(merchant.id, [affiliate_id], at)[affiliate_id],
        )
