"""Whether tax lets affiliates be paid, and what it adds to or keeps back from their money.

A payer in the United States needs one of the American forms; every other payer is content with any
form, and prefers its own. A form counts while it has not expired and no tax office has told the
merchant that name and number differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from payouts.left_out import LeftOut
from payouts.models import (
    US_FORMS,
    MerchantTax,
    PayoutPolicy,
    TaxFormKind,
    VatStatus,
)
from payouts.tax.places import US, VIES_COUNTRIES


@dataclass(frozen=True, slots=True)
class TaxStanding:
    """What tax says of paying one affiliate: `missing` keeps them out of a batch.

    `vat_bps` is the rate that the affiliate charges the merchant, on top of what was earned or
    contained in it, as the merchant's policy says; `withholding_bps` is kept for the tax office.
    """

    missing: LeftOut | None = None
    vat_bps: int = 0
    withholding_bps: int = 0


NOTHING_TO_SAY = TaxStanding()


@dataclass(frozen=True, slots=True)
class VatFacts:
    """What of a form decides on VAT."""

    country: str
    vat_status: VatStatus
    is_small_business: bool


@dataclass(frozen=True, slots=True)
class FormFacts(VatFacts):
    """What of a form decides, without its secrets."""

    kind: TaxFormKind
    expires_on: date | None
    withholding_bps: int
    is_faulty: bool
    has_agreed: bool


@dataclass(frozen=True, slots=True)
class Payer:
    """What of a merchant decides."""

    policy: PayoutPolicy
    country: str = ""
    vat_bps: int = 0


def standings(
    merchant_id: UUID, affiliate_ids: Iterable[UUID], at: datetime
) -> dict[UUID, TaxStanding]:
    """Return what tax says of each affiliate, in three queries however many there are.

    Callers stand in the merchant's context.
    """
    ids = list(affiliate_ids)
    payer = payer_of(merchant_id)
    if not _asks_anything(payer.policy):
        return dict.fromkeys(ids, NOTHING_TO_SAY)
    known: dict[FormFacts | None, TaxStanding] = {}  # Many affiliates, few different facts.
    forms = _forms_of(merchant_id, ids, payer.country)
    found = {}
    for affiliate_id in ids:
        form = forms.get(affiliate_id)
        if form not in known:
            known[form] = standing_of(payer, form, on=at.date())
        found[affiliate_id] = known[form]
    return found


def own_of(merchant_id: UUID) -> MerchantTax | None:
    """Return what the merchant says of itself, if it has."""
    return MerchantTax.objects.filter(merchant_id=merchant_id).first()


def policy_of(merchant_id: UUID) -> PayoutPolicy:
    """Return what the merchant asks for; what it has not said is as if it asked for nothing."""
    stored = PayoutPolicy.objects.filter(merchant_id=merchant_id).first()
    return stored or PayoutPolicy(merchant_id=merchant_id)


def payer_of(merchant_id: UUID) -> Payer:
    """Return how the merchant pays."""
    policy, own = policy_of(merchant_id), own_of(merchant_id)
    return Payer(policy, own.country, own.vat_bps) if own else Payer(policy)


def _asks_anything(policy: PayoutPolicy) -> bool:
    return policy.requires_tax_form or policy.issues_invoices or policy.withholding_bps > 0


def standing_of(payer: Payer, form: FormFacts | None, *, on: date) -> TaxStanding:
    """Return what tax says of paying whoever gave this form, or none, on a day."""
    lacking = _lacking(form, on)
    if lacking is not None or form is None:
        if payer.policy.requires_tax_form:
            return TaxStanding(missing=lacking)
        return TaxStanding(withholding_bps=payer.policy.withholding_bps)
    if payer.country == US:
        return TaxStanding(withholding_bps=form.withholding_bps)
    if not is_invoiced(payer, form.kind):
        return NOTHING_TO_SAY
    if not form.has_agreed:
        return TaxStanding(missing=LeftOut.NO_AGREEMENT)
    if _vat_is_open(payer, form):
        return TaxStanding(missing=LeftOut.VAT_ID_UNCHECKED)
    return TaxStanding(vat_bps=vat_rate(payer, form))


def _lacking(form: FormFacts | None, on: date) -> LeftOut | None:
    if form is None or form.is_faulty:
        return LeftOut.NO_TAX_FORM
    if form.expires_on is not None and form.expires_on < on:
        return LeftOut.TAX_FORM_EXPIRED
    return None


def is_invoiced(payer: Payer, kind: str) -> bool:
    """Return whether the merchant writes invoices in the name of whoever gave such a form."""
    return payer.policy.issues_invoices and payer.country != "" and kind == TaxFormKind.BUSINESS


def vat_rate(payer: Payer, form: VatFacts) -> int:
    """Return the VAT that a business charges the merchant: at home only, and no small business.

    Across a border the merchant owes the tax itself ("Reverse charge"). An id that no register
    can be asked about counts by its form alone.
    """
    at_home = form.country == payer.country
    has_vat_id = form.vat_status in (VatStatus.VALID, VatStatus.UNCHECKED)
    return payer.vat_bps if at_home and has_vat_id and not form.is_small_business else 0


def _vat_is_open(payer: Payer, form: FormFacts) -> bool:
    would_count = vat_rate(payer, form) > 0
    can_be_asked = form.country in VIES_COUNTRIES
    return would_count and can_be_asked and form.vat_status == VatStatus.UNCHECKED


FORMS = """
    SELECT profile.affiliate_id, profile.country, profile.vat_status,
           profile.is_small_business, profile.kind, profile.expires_on, profile.withholding_bps,
           fault.id IS NOT NULL, agreement.id IS NOT NULL
    FROM payouts_taxprofile AS profile
    LEFT JOIN payouts_taxfault AS fault
      ON fault.merchant_id = %(merchant)s AND fault.profile_id = profile.id
     AND fault.cleared_at IS NULL
    LEFT JOIN payouts_selfbillingagreement AS agreement
      ON agreement.merchant_id = %(merchant)s AND agreement.affiliate_id = profile.affiliate_id
     AND agreement.ended_at IS NULL
    WHERE profile.affiliate_id = ANY(%(affiliates)s) AND profile.replaced_at IS NULL
"""


def _forms_of(merchant_id: UUID, ids: list[UUID], country: str) -> dict[UUID, FormFacts]:
    """Return the form of each affiliate that a payer of the country would take, if there is one."""
    forms: dict[UUID, FormFacts] = {}
    with connection.cursor() as cursor:
        cursor.execute(FORMS, {"merchant": merchant_id, "affiliates": ids})
        for affiliate_id, *facts in cursor:
            form = FormFacts(*facts)
            kind = form.kind
            if suits(kind, country) and (affiliate_id not in forms or is_own(kind, country)):
                forms[affiliate_id] = form
    return forms


def suits(kind: str, payer_country: str) -> bool:
    """Return whether a payer of the country can do with such a form at all."""
    return kind in US_FORMS or payer_country != US


def is_own(kind: str, payer_country: str) -> bool:
    """Return whether it is the form that a payer of the country asks for."""
    return (kind in US_FORMS) == (payer_country == US)
