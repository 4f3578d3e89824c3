"""Signed tax forms: who gave what when, and what a tax office says against one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from affiliates.models import Affiliate, Enrollment
from common.secrets import encrypt, fingerprint
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import affiliate_context
from payouts.models import US_FORMS, TaxFault, TaxFormKind, TaxProfile, VatStatus
from payouts.tax.places import EU
from payouts.tax.questions import CORPORATIONS, INSIDE_US
from users.models import User

W8_YEARS = 3  # A W-8 counts until the end of the third year after the one it was signed in.
UNTREATED_BPS: Final = 3_000  # What is kept of work done in the United States without a treaty.
STATEMENT_VERSION: Final = "2026-11"  # Of the words that are signed.


class AlreadyFaulty(Exception):
    """The merchant has noted a fault of this form already."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, in which name, when and from where."""

    user: User
    name: str
    at: datetime
    ip: str | None


def sign_form(
    *,
    affiliate: Affiliate,
    kind: TaxFormKind,
    country: str,
    details: dict[str, Any],
    signature: Signature,
) -> TaxProfile:
    """Store a form with `details` of `clean_answers`, in place of the one before; return it.

    A VAT id waits for its register. Signing the same twice keeps both: each was signed.
    """
    group = Q(kind__in=US_FORMS) if kind in US_FORMS else ~Q(kind__in=US_FORMS)
    number = str(details.get("tax_id") or details.get("vat_id") or "")
    has_vat_id = "vat_id" in details
    with affiliate_context(affiliate.id), transaction.atomic():
        Affiliate.objects.select_for_update(of=("self",), no_key=True).get(id=affiliate.id)
        before = TaxProfile.objects.filter(group, affiliate=affiliate, replaced_at=None)
        before.update(replaced_at=signature.at, vat_next_check_at=None)
        return TaxProfile.objects.create(
            affiliate=affiliate,
            kind=kind,
            country=country,
            details=encrypt({**details, "statement": STATEMENT_VERSION}),
            tax_id_last_four=number[-4:] if len(number) > 4 else "",
            fingerprint=fingerprint("tax_id", f"{country}:{number}") if number else "",
            vat_status=VatStatus.UNCHECKED if has_vat_id else VatStatus.NONE,
            vat_next_check_at=signature.at if has_vat_id and _can_be_asked(details) else None,
            is_small_business="small_business" in details,
            is_corporation=details.get("classification") in CORPORATIONS,
            withholding_bps=withheld_abroad(kind, details),
            signed_name=signature.name,
            signed_by=signature.user,
            signed_at=signature.at,
            signed_ip=signature.ip,
            expires_on=expiry_of(kind, signature.at.date()),
        )


def _can_be_asked(details: dict[str, Any]) -> bool:
    return details["address"]["country"] in EU or str(details["vat_id"]).startswith("XI")


def expiry_of(kind: TaxFormKind, signed_on: date) -> date | None:
    """Return the last day on which a form counts: those of foreigners age, the others do not."""
    if kind not in (TaxFormKind.W8BEN, TaxFormKind.W8BENE):
        return None
    return date(signed_on.year + W8_YEARS, 12, 31)


def withheld_abroad(kind: TaxFormKind, details: dict[str, Any]) -> int:
    """Return what a payer in the United States keeps of this affiliate's money, by the form."""
    if kind == TaxFormKind.W9 or details.get("place_of_work") != INSIDE_US:
        return 0
    return int(details.get("treaty_rate_bps", UNTREATED_BPS))


def forms_in_force(affiliate_id: UUID) -> QuerySet[TaxProfile]:
    """Return the forms of an affiliate that were not replaced: one at the most of each group."""
    return TaxProfile.objects.filter(affiliate_id=affiliate_id, replaced_at=None).order_by("id")


def forms_of_merchant(merchant_id: UUID) -> QuerySet[TaxProfile]:
    """Return the forms in force of the merchant's affiliates, with the `doubt` noted by it."""
    enrolled = Enrollment.objects.filter(
        merchant_id=merchant_id, affiliate_id=OuterRef("affiliate_id")
    )
    faults = TaxFault.objects.filter(
        merchant_id=merchant_id, profile_id=OuterRef("id"), cleared_at=None
    )
    doubt = Coalesce(Subquery(faults.values("reason")[:1]), Value(""))
    return TaxProfile.objects.filter(Exists(enrolled), replaced_at=None).annotate(doubt=doubt)


# What a tax office says against a form -----------------------------------------------------------


def open_fault(merchant_id: UUID, profile: TaxProfile) -> TaxFault | None:
    """Return what was noted against a form and not taken back."""
    faults = TaxFault.objects.filter(merchant_id=merchant_id, profile=profile, cleared_at=None)
    return faults.first()


def note_fault(*, member: Member, profile: TaxProfile, reason: str, at: datetime) -> TaxFault:
    """Note that a tax office told the merchant that name and number differ; return the fault.

    The form counts for nothing with this merchant until the fault is cleared or a new form signed.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises AlreadyFaulty: if that was noted before.
    """
    require(member, Right.PREPARE_PAYOUTS)
    try:
        with transaction.atomic():
            fault = TaxFault.objects.create(
                merchant_id=member.merchant_id,
                affiliate_id=profile.affiliate_id,
                profile=profile,
                reason=reason,
                noted_by=member,
                noted_at=at,
            )
            _record(fault, "tax_form.doubted", member, at)
    except IntegrityError as error:
        raise AlreadyFaulty(str(profile.id)) from error
    return fault


def clear_fault(*, member: Member, fault: TaxFault, at: datetime) -> None:
    """Take a fault back: the form counts again. Done twice it is done once.

    :raises NotAllowed: if the member may not prepare payouts.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        open_one = TaxFault.objects.filter(
            merchant_id=member.merchant_id, id=fault.id, cleared_at=None
        )
        if open_one.update(cleared_at=at):
            _record(fault, "tax_form.cleared", member, at)


def _record(fault: TaxFault, type: str, member: Member, at: datetime) -> None:
    record_event(
        merchant_id=fault.merchant_id,
        type=type,
        subject_id=fault.profile_id,
        by=acting_user(member.user),
        at=at,
        data={"affiliate": str(fault.affiliate_id), "reason": fault.reason},
    )
