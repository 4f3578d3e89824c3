"""What a merchant says of itself to tax offices, and what it asks of affiliates."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.countries import country_codes
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import MerchantTax, PayoutPolicy
from payouts.tax import answers

PREFIX = re.compile(r"[A-Z0-9][A-Z0-9-]{0,11}")


@dataclass(frozen=True, slots=True)
class PayerFacts:
    """In whose name papers are issued."""

    legal_name: str
    street: str
    town: str
    country: str
    postcode: str = ""
    vat_id: str = ""
    tax_id: str = ""
    vat_bps: int = 0
    invoice_prefix: str = ""


@dataclass(frozen=True, slots=True)
class TaxPolicy:
    """What the merchant asks of affiliates before they are paid."""

    requires_tax_form: bool
    withholding_bps: int
    issues_invoices: bool
    adds_vat: bool


def set_payer(*, member: Member, facts: PayerFacts, at: datetime) -> MerchantTax:
    """Store in whose name papers are issued from now on; return it. Papers issued stay as they are.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadValue: naming the field that cannot be.
    """
    require(member, Right.PREPARE_PAYOUTS)
    kept = _clean(facts)
    with transaction.atomic():
        row, _created = MerchantTax.objects.update_or_create(
            merchant_id=member.merchant_id, defaults=kept
        )
        _record(member, row, "tax_details.changed", at, {"country": row.country})
    return row


def _clean(facts: PayerFacts) -> dict[str, object]:
    country = facts.country.upper()
    if country not in country_codes():
        raise BadValue("country", "invalid", _("Choose a country."))
    vat_id, prefix = facts.vat_id, facts.invoice_prefix.upper()
    if vat_id:
        try:
            vat_id = answers.vat_id(vat_id, country=country)
        except ValueError as error:
            raise BadValue("vat_id", "invalid", str(error)) from error
    if prefix and not PREFIX.fullmatch(prefix):
        raise BadValue("invoice_prefix", "invalid", _("Write letters, digits and hyphens."))
    kept: dict[str, object] = {"country": country, "vat_id": vat_id, "invoice_prefix": prefix}
    for name in ("legal_name", "street", "town", "postcode", "tax_id", "vat_bps"):
        value = getattr(facts, name)
        kept[name] = cleaned(MerchantTax, name, value.strip() if isinstance(value, str) else value)
    if facts.vat_bps > 10_000:
        raise BadValue("vat_bps", "max_value", _("At most 100 %."))
    return kept


def set_tax_policy(*, member: Member, policy: TaxPolicy, at: datetime) -> PayoutPolicy:
    """Store what is asked of affiliates from the next batch on; return the policy.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadValue: if invoices were to be issued in nobody's name.
    """
    require(member, Right.PREPARE_PAYOUTS)
    named = MerchantTax.objects.filter(merchant_id=member.merchant_id).exists()
    if policy.issues_invoices and not named:
        message = _("First say in whose name: legal name, address and VAT id.")
        raise BadValue("issues_invoices", "no_tax_details", message)
    if not 0 <= policy.withholding_bps <= 10_000:
        raise BadValue("withholding_bps", "out_of_range", _("Write 0 to 100 %."))
    with transaction.atomic():
        row, _created = PayoutPolicy.objects.update_or_create(
            merchant_id=member.merchant_id,
            defaults={
                "requires_tax_form": policy.requires_tax_form,
                "withholding_bps": policy.withholding_bps,
                "issues_invoices": policy.issues_invoices,
                "adds_vat": policy.adds_vat,
            },
        )
        asked = {"requires_tax_form": row.requires_tax_form, "issues_invoices": row.issues_invoices}
        _record(member, row, "tax_policy.changed", at, asked)
    return row


def _record(
    member: Member,
    row: MerchantTax | PayoutPolicy,
    type: str,
    at: datetime,
    data: dict[str, Any],
) -> None:
    record_event(
        merchant_id=member.merchant_id,
        type=type,
        subject_id=row.id,
        by=acting_user(member.user),
        at=at,
        data=data,
    )
