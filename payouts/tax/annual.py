"""What affiliates were paid in a calendar year (UTC), by rail, and whom a 1099-NEC is due to.

Money over PayPal and Stripe is reported by these themselves, on a 1099-K, and so counts for no
1099-NEC. Thresholds are those of the United States' law; the years are data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, ExtractYear

from payouts.models import (
    MerchantTax,
    Payout,
    PayoutStatus,
    Provider,
    TaxFormKind,
    TaxProfile,
)
from payouts.tax.places import US

# Who moves money over these reports it itself (Form 1099-K).
PROCESSORS: Final = (Provider.PAYPAL, Provider.STRIPE)
# From this year on a 1099-NEC is due at or above so many cents. Indexed from 2027 on: add a line
# when the office has published the figure.
NEC_THRESHOLDS: Final = {2020: 60_000, 2026: 200_000}
PUBLISHED_UNTIL: Final = 2026
NEC_CURRENCY: Final = "USD"


class Verdict(StrEnum):
    """What follows of what somebody was paid in a year, for a payer in the United States."""

    DUE = "due"
    BELOW = "below"
    NO_FORM = "no_form"  # At or above, but nobody knows who they are.
    CORPORATION = "corporation"
    FOREIGN = "foreign"
    FOREIGN_WITHHELD = "foreign_withheld"  # Form 1042-S.
    CURRENCY = "currency"  # Paid in another one: convert it.
    NONE = "none"  # The payer is not in the United States.


@dataclass(frozen=True, slots=True)
class YearRow:
    """What one affiliate was paid in one currency in a year."""

    affiliate_id: UUID
    name: str
    currency: str
    payouts: int
    earned_minor: int
    vat_minor: int
    withheld_minor: int
    fee_minor: int
    paid_minor: int
    excluded_minor: int  # Of what was earned: paid over PayPal or Stripe.
    form: TaxProfile | None
    verdict: Verdict

    @property
    def reportable_minor(self) -> int:
        """What counts for a 1099-NEC."""
        return self.earned_minor - self.excluded_minor


def nec_threshold(year: int) -> int:
    """Return from how many cents a 1099-NEC is due for a year."""
    return NEC_THRESHOLDS[max(since for since in NEC_THRESHOLDS if since <= max(year, 2020))]


def years_paid(merchant_id: UUID) -> list[int]:
    """Return the years in which the merchant paid anybody, the newest first."""
    paid = Payout.objects.filter(merchant_id=merchant_id, status=PayoutStatus.PAID)
    years = paid.annotate(year=ExtractYear("paid_at", tzinfo=UTC)).order_by("-year")
    return list(years.values_list("year", flat=True).distinct())


def totals_of(
    merchant_id: UUID, year: int, *, affiliate_id: UUID | None = None
) -> QuerySet[Payout, Any]:
    """Return the sums per affiliate and currency, the largest first, to be cut into pages."""
    paid = Payout.objects.filter(
        merchant_id=merchant_id,
        status=PayoutStatus.PAID,
        paid_at__gte=datetime(year, 1, 1, tzinfo=UTC),
        paid_at__lt=datetime(year + 1, 1, 1, tzinfo=UTC),
    )
    if affiliate_id is not None:
        paid = paid.filter(affiliate_id=affiliate_id)
    by_processor = Q(batch__provider__in=PROCESSORS)
    sums = paid.values("affiliate_id", "affiliate__name", "currency").annotate(
        payouts=Count("id"),
        total_earned=Sum("earned_minor"),
        total_vat=Sum("vat_minor"),
        total_withheld=Sum("withheld_minor"),
        total_fee=Sum("fee_minor"),
        total_paid=Sum("amount_minor"),
        total_excluded=Coalesce(Sum("earned_minor", filter=by_processor), 0),
    )
    return sums.order_by("-total_earned", "affiliate_id", "currency")


def year_rows(merchant_id: UUID, year: int, sums: Iterable[dict[str, Any]]) -> list[YearRow]:
    """Return the sums of a page with each affiliate's form and what follows of it."""
    found = list(sums)
    country = _country_of(merchant_id)
    forms = _forms_of([row["affiliate_id"] for row in found], country)
    return [_row(row, forms.get(row["affiliate_id"]), country, year) for row in found]


def rails_of(merchant_id: UUID, year: int) -> list[dict[str, Any]]:
    """Return what was paid in a year by rail and currency: the totals are their sums."""
    paid = Payout.objects.filter(
        merchant_id=merchant_id, status=PayoutStatus.PAID, paid_at__year=year
    )
    rows = paid.values("batch__provider", "currency").annotate(
        payouts=Count("id"), total_earned=Sum("earned_minor"), total_paid=Sum("amount_minor")
    )
    return [dict(row) for row in rows.order_by("currency", "batch__provider")]


def _country_of(merchant_id: UUID) -> str:
    own = MerchantTax.objects.filter(merchant_id=merchant_id).first()
    return own.country if own else ""


def _forms_of(affiliate_ids: list[UUID], country: str) -> dict[UUID, TaxProfile]:
    """Return the form of each that tells a tax office most: the American one, for Americans."""
    forms = TaxProfile.objects.filter(affiliate_id__in=affiliate_ids, replaced_at=None)
    ordered = sorted(forms, key=lambda form: (form.kind in _AMERICAN) == (country == US))
    return {form.affiliate_id: form for form in ordered}


_AMERICAN: Final = (TaxFormKind.W9, TaxFormKind.W8BEN, TaxFormKind.W8BENE)


def _row(sums: dict[str, Any], form: TaxProfile | None, country: str, year: int) -> YearRow:
    reportable = sums["total_earned"] - sums["total_excluded"]
    return YearRow(
        affiliate_id=sums["affiliate_id"],
        name=sums["affiliate__name"],
        currency=sums["currency"],
        payouts=sums["payouts"],
        earned_minor=sums["total_earned"],
        vat_minor=sums["total_vat"],
        withheld_minor=sums["total_withheld"],
        fee_minor=sums["total_fee"],
        paid_minor=sums["total_paid"],
        excluded_minor=sums["total_excluded"],
        form=form,
        verdict=verdict_on(
            payer_country=country,
            kind=TaxFormKind(form.kind) if form else None,
            is_corporation=form.is_corporation if form else False,
            currency=sums["currency"],
            reportable_minor=reportable,
            withheld_minor=sums["total_withheld"],
            year=year,
        ),
    )


def verdict_on(
    *,
    payer_country: str,
    kind: TaxFormKind | None,
    is_corporation: bool,
    currency: str,
    reportable_minor: int,
    withheld_minor: int,
    year: int,
) -> Verdict:
    """Return what follows of a year's payments to somebody. Pure.

    Whoever tax was withheld from gets a form however little it was.
    """
    if payer_country != US:
        return Verdict.NONE
    if kind not in (None, TaxFormKind.W9):
        return Verdict.FOREIGN_WITHHELD if withheld_minor else Verdict.FOREIGN
    if currency != NEC_CURRENCY:
        return Verdict.CURRENCY
    if is_corporation and not withheld_minor:
        return Verdict.CORPORATION
    if reportable_minor < nec_threshold(year) and not withheld_minor:
        return Verdict.BELOW
    return Verdict.NO_FORM if kind is None else Verdict.DUE
