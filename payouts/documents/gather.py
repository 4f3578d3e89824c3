"""From a payout to what its paper says. Callers stand in the merchant's context."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from babel import Locale
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from merchants.models import Merchant
from payouts.documents import vat
from payouts.documents.facts import Paper, PaperLine, Party
from payouts.models import (
    Document,
    DocumentKind,
    MerchantTax,
    Payout,
    SelfBillingAgreement,
    TaxProfile,
    VatStatus,
)
from payouts.tax.standing import US, Payer, VatFacts, is_invoiced, is_own, payer_of, vat_rate

CORRECTED_MAX = 12  # Papers that one paper names as corrected.


@dataclass(frozen=True, slots=True)
class Sides:
    """Who pays and who is paid, as tax saw them when the payout was approved."""

    payer: Payer
    merchant: Merchant
    own: MerchantTax | None
    profile: TaxProfile | None
    has_agreed: bool

    @property
    def is_invoice(self) -> bool:
        """Whether the paper is an invoice that the merchant writes for the affiliate."""
        if self.profile is None or self.own is None or not self.has_agreed:
            return False
        return is_invoiced(self.payer, self.profile.kind)


def sides_of(payout: Payout) -> Sides:
    """Return the two sides of a payout: forms and agreement as they were when it was approved."""
    then = payout.batch.approved_at
    assert then is not None
    merchant_id = payout.merchant_id
    payer = payer_of(merchant_id)
    signed = TaxProfile.objects.filter(
        Q(replaced_at=None) | Q(replaced_at__gt=then), affiliate_id=payout.affiliate_id
    )
    profiles = [row for row in signed.order_by("signed_at") if row.signed_at <= then]
    own_first = sorted(profiles, key=lambda row: not is_own(row.kind, payer.country))
    fitting = [row for row in own_first if payer.country != US or is_own(row.kind, US)]
    agreed = SelfBillingAgreement.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=then),
        merchant_id=merchant_id,
        affiliate_id=payout.affiliate_id,
        accepted_at__lte=then,
    )
    return Sides(
        payer=payer,
        merchant=payout.merchant,
        own=MerchantTax.objects.filter(merchant_id=merchant_id).first(),
        profile=fitting[0] if fitting else None,
        has_agreed=agreed.exists(),
    )


def gather(payout: Payout, sides: Sides, *, number: str, issued_on: date) -> Paper:
    """Return what the paper about a paid payout says: an invoice, or a statement."""
    lines = _lines(payout)
    profile, notes = sides.profile, []
    if sides.is_invoice and profile is not None:
        lines = _with_vat(payout, sides, profile, lines)
        notes = [vat.SELF_BILLING + ". " + _("Issued by the recipient in the supplier's name.")]
        notes.append(_note(sides, profile, sum(line.vat_minor for line in lines)))
    corrected = _corrected(payout)
    if corrected:
        notes.append(_("Corrections refer to %s.") % ", ".join(corrected))
    return Paper(
        kind=DocumentKind.INVOICE if sides.is_invoice else DocumentKind.STATEMENT,
        number=number,
        title=_("Invoice (self-billing)") if sides.is_invoice else _("Commission statement"),
        issued_on=issued_on.isoformat(),
        currency=payout.currency,
        payer=payer_party(sides),
        payee=payee_party(payout, profile),
        lines=lines,
        withheld_minor=payout.withheld_minor,
        fee_minor=payout.fee_minor,
        has_vat=sides.is_invoice,
        notes=[note for note in notes if note],
        particulars=_particulars(payout),
    )


def opposite(
    paper: Paper, payout: Payout, *, kind: DocumentKind, number: str, issued_on: date
) -> Paper:
    """Return the paper that takes another back, because its money came back."""
    returned = payout.returned_at.date() if payout.returned_at else issued_on
    is_note = kind == DocumentKind.CREDIT_NOTE
    reason = _("It corrects %(number)s of %(day)s in full: the payment was returned.") % {
        "number": paper.number,
        "day": paper.issued_on,
    }
    return replace(
        paper,
        kind=kind,
        number=number,
        title=_("Credit note (self-billing)") if is_note else _("Reversal of a statement"),
        issued_on=issued_on.isoformat(),
        lines=[
            replace(line, net_minor=-line.net_minor, vat_minor=-line.vat_minor)
            for line in paper.lines
        ],
        withheld_minor=-paper.withheld_minor,
        fee_minor=-paper.fee_minor,
        notes=[*paper.notes, reason],
        particulars=[*paper.particulars, [_("Returned"), returned.isoformat()]],
    )


# The two sides -----------------------------------------------------------------------------------


def payer_party(sides: Sides) -> Party:
    """Return the merchant as papers name it; without a legal name, as everybody knows it."""
    own = sides.own
    if own is None:
        return Party(sides.merchant.name)
    town = " ".join(part for part in (own.postcode, own.town) if part)
    return Party(
        own.legal_name, [own.street, town, country_name(own.country)], own.vat_id, own.tax_id
    )


def payee_party(payout: Payout, profile: TaxProfile | None) -> Party:
    """Return the affiliate as papers name it. Numbers of persons are not printed."""
    if profile is None:
        return Party(payout.affiliate.name)
    said = profile.reveal()
    place: dict[str, str] = said["address"]
    town = " ".join(place[part] for part in ("postcode", "town", "region") if place.get(part))
    is_business = is_business_form(profile)
    return Party(
        name=said["legal_name"],
        address=[place["street"], town, country_name(place["country"])],
        vat_id=said.get("vat_id", ""),
        tax_id=said.get("tax_id", "") if is_business and "vat_id" not in said else "",
    )


def is_business_form(profile: TaxProfile) -> bool:
    """Return whether the form names a business whose numbers belong on its invoices."""
    return profile.kind == "BUSINESS"


def country_name(code: str) -> str:
    """Return a country as addresses abroad name it."""
    return str(Locale("en").territories.get(code, code))


# Lines -------------------------------------------------------------------------------------------

GROUPS = """
    SELECT program.name, date_trunc('month', commission.earned_at AT TIME ZONE 'UTC')::date,
           line.amount_minor < 0, count(*), sum(line.amount_minor)::bigint
    FROM payouts_payoutline AS line
    JOIN commissions_commission AS commission
      ON commission.merchant_id = line.merchant_id AND commission.id = line.commission_id
    JOIN programs_program AS program
      ON program.merchant_id = commission.merchant_id AND program.id = commission.program_id
    WHERE line.merchant_id = %s AND line.payout_id = %s
    GROUP BY program.id, program.name, 2, 3
    ORDER BY program.name, program.id, 2, 3
"""
CORRECTED = """
    SELECT DISTINCT document.number
    FROM payouts_payoutline AS line
    JOIN commissions_commission AS taken
      ON taken.merchant_id = line.merchant_id AND taken.id = line.commission_id
    JOIN commissions_commission AS given
      ON given.merchant_id = taken.merchant_id AND given.conversion_id = taken.conversion_id
     AND given.enrollment_id = taken.enrollment_id AND given.amount_minor > 0
    JOIN payouts_payoutline AS earlier
      ON earlier.merchant_id = given.merchant_id AND earlier.commission_id = given.id
     AND earlier.released_at IS NULL AND earlier.payout_id <> line.payout_id
    JOIN payouts_document AS document
      ON document.merchant_id = earlier.merchant_id AND document.payout_id = earlier.payout_id
     AND document.kind IN ('INVOICE', 'STATEMENT')
    WHERE line.merchant_id = %s AND line.payout_id = %s AND taken.amount_minor < 0
    ORDER BY 1 LIMIT %s
"""


def _lines(payout: Payout) -> list[PaperLine]:
    """Return a line per program, month and direction: the page of the payout has each of them."""
    rows = _rows(GROUPS, payout.merchant_id, payout.id)
    return [PaperLine(_text(*row), amount_minor) for *row, amount_minor in rows]


def _rows(sql: str, *values: UUID | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _text(program: str, month: date, is_correction: bool, count: int) -> str:
    if is_correction:
        said = ngettext("%(count)s correction", "%(count)s corrections", count)
    else:
        said = ngettext("%(count)s commission", "%(count)s commissions", count)
    return f"{said % {'count': count}}, {program}, {month:%B %Y}"


def _corrected(payout: Payout) -> list[str]:
    rows = _rows(CORRECTED, payout.merchant_id, payout.id, CORRECTED_MAX)
    return [number for (number,) in rows]


def _with_vat(
    payout: Payout, sides: Sides, profile: TaxProfile, lines: list[PaperLine]
) -> list[PaperLine]:
    """Return the lines with their VAT: on top as the payout added it, or out of what was earned."""
    rate = vat_rate(sides.payer, facts_of(profile))
    grosses = [line.net_minor for line in lines]
    if payout.vat_minor or sides.payer.policy.adds_vat or not rate:
        rate = rate if payout.vat_minor else 0
        vats, nets = vat.spread(payout.vat_minor, grosses, rate_bps=rate), grosses
    else:
        whole = vat.contained(payout.earned_minor, rate_bps=rate)
        inside = [vat.contained(gross, rate_bps=rate) for gross in grosses]
        vats = vat.settle(whole, inside, grosses)
        nets = [gross - part for gross, part in zip(grosses, vats, strict=True)]
    return [
        replace(line, net_minor=net, vat_bps=rate, vat_minor=part)
        for line, net, part in zip(lines, nets, vats, strict=True)
    ]


def facts_of(profile: TaxProfile) -> VatFacts:
    """Return what of a form decides on VAT."""
    return VatFacts(profile.country, VatStatus(profile.vat_status), profile.is_small_business)


def _note(sides: Sides, profile: TaxProfile, vat_minor: int) -> str:
    if vat_minor:
        return ""
    return vat.note_on_vat(
        payer_country=sides.payer.country,
        payee_country=profile.country,
        has_vat_id=profile.vat_status in (VatStatus.VALID, VatStatus.UNCHECKED),
        is_small=profile.is_small_business,
    )


def _particulars(payout: Payout) -> list[list[str]]:
    """Return how the money went: what makes the paper a remittance advice."""
    rows = [[_("Reference"), payout.reference], [_("Paid to"), payout.method_masked]]
    if payout.paid_at:
        rows.append([_("Paid on"), payout.paid_at.date().isoformat()])
    if payout.provider_ref:
        rows.append([_("Proof"), payout.provider_ref])
    return rows


def original_of(payout: Payout) -> Document | None:
    """Return the paper that was issued when the payout was paid."""
    first = (DocumentKind.INVOICE, DocumentKind.STATEMENT)
    papers = Document.objects.filter(merchant_id=payout.merchant_id, payout=payout)
    return papers.filter(kind__in=first).first()
