"""Annual totals as files: one that everybody may read, and one with numbers in full for filing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from common.money import major_of
from common.spreadsheet import write_csv
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import TaxFormKind
from payouts.tax.annual import Verdict, YearRow, totals_of, year_rows

COLUMNS = (
    "affiliate",
    "name",
    "currency",
    "payouts",
    "earned",
    "vat",
    "withheld",
    "fees",
    "paid",
    "over_paypal_or_stripe",
    "reportable",
    "form",
    "tax_id_last_four",
    "result",
)
FILING_COLUMNS = (
    "form",
    "tax_year",
    "tin",
    "tin_type",
    "legal_name",
    "business_name",
    "street",
    "town",
    "state",
    "zip",
    "account",
    "nonemployee_compensation",
    "federal_tax_withheld",
)


def export_totals(merchant_id: UUID, year: int) -> bytes:
    """Return all of a year's totals as CSV, without tax numbers."""
    rows = year_rows(merchant_id, year, totals_of(merchant_id, year))
    return write_csv(COLUMNS, map(_cells, rows))


def _cells(row: YearRow) -> tuple[Any, ...]:
    amounts = (
        row.earned_minor,
        row.vat_minor,
        row.withheld_minor,
        row.fee_minor,
        row.paid_minor,
        row.excluded_minor,
        row.reportable_minor,
    )
    return (
        str(row.affiliate_id),
        row.name,
        row.currency,
        row.payouts,
        *(major_of(amount, currency=row.currency) for amount in amounts),
        row.form.kind if row.form else "",
        row.form.tax_id_last_four if row.form else "",
        row.verdict.value,
    )


def export_for_filing(*, member: Member, year: int, at: datetime) -> bytes:
    """Return who gets a 1099-NEC, with tax numbers in full, as CSV; the export is an event.

    :raises NotAllowed: if the member may not prepare payouts.
    """
    require(member, Right.PREPARE_PAYOUTS)
    merchant_id = member.merchant_id
    rows = year_rows(merchant_id, year, totals_of(merchant_id, year))
    due = [row for row in rows if row.verdict == Verdict.DUE]
    record_event(
        merchant_id=merchant_id,
        type="tax_numbers.exported",
        subject_id=merchant_id,
        by=acting_user(member.user),
        at=at,
        data={"year": year, "rows": len(due)},
    )
    return write_csv(FILING_COLUMNS, (_filing_cells(row, year) for row in due))


def _filing_cells(row: YearRow, year: int) -> tuple[Any, ...]:
    assert row.form is not None
    assert row.form.kind == TaxFormKind.W9
    said = row.form.reveal()
    place = said["address"]
    is_person = said["classification"] == "INDIVIDUAL"
    return (
        "1099-NEC",
        year,
        said["tax_id"],
        "SSN or EIN" if is_person else "EIN",
        said["legal_name"],
        said.get("business_name", ""),
        place["street"],
        place["town"],
        place["region"],
        place["postcode"],
        str(row.affiliate_id),
        major_of(row.reportable_minor, currency=row.currency),
        major_of(row.withheld_minor, currency=row.currency),
    )
