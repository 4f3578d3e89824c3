"""Facts as they are reported: what tests of conversions, refunds, statuses and steps share."""

from datetime import datetime, timedelta
from typing import Any

from commissions.models import Commission
from commissions.services import (
    attach_waiting,
    process_conversions,
    process_customers,
    process_refunds,
    process_status_reports,
)
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company
from tracking.models import Conversion, Source
from tracking.services import ConversionReport, CustomerReport, record_conversion

SALE_AT = NOON + timedelta(hours=1)


def sale(
    order: str = "o-1",
    *,
    amount_minor: int = 10_000,
    customer: str = "",
    at: datetime = SALE_AT,
    goal: str = "sale",
    **facts: Any,
) -> ConversionReport:
    """Return a report of a sale for 100.00 EUR."""
    return ConversionReport(
        goal=goal,
        external_id=order,
        amount_minor=amount_minor,
        currency="EUR",
        occurred_at=at,
        customer=CustomerReport(customer) if customer else None,
        **facts,
    )


def tell(
    company: Company,
    report: ConversionReport,
    *,
    source: Source = Source.API,
    is_test: bool = False,
    at: datetime = SALE_AT,
) -> tuple[Conversion, bool]:
    """Record a report; return the conversion and whether it is new."""
    with merchant_context(company.id):
        return record_conversion(
            program=company.program, report=report, by=SYSTEM, at=at, source=source, is_test=is_test
        )


def work(company: Company, *, at: datetime = SALE_AT) -> None:
    """Do what the worker does until nothing is due, holds excepted."""
    for step in (
        process_conversions,
        process_customers,
        attach_waiting,
        process_status_reports,
        process_refunds,
    ):
        while step(merchant_id=company.id, at=at):
            pass


def settled(company: Company, report: ConversionReport, **how: Any) -> Conversion:
    """Record a report and let the worker look at it; return what became of it."""
    conversion, _new = tell(company, report, **how)
    work(company)
    return again(company, conversion)


def again(company: Company, conversion: Conversion) -> Conversion:
    """Return the conversion as it is now."""
    with merchant_context(company.id):
        return Conversion.objects.select_related("program", "goal").get(id=conversion.id)


def lines(company: Company) -> list[int]:
    """Return the amounts of the lines that were not declined, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        kept = Commission.objects.exclude(status="DECLINED").order_by("id")
        return list(kept.values_list("amount_minor", flat=True))


def credited(company: Company) -> list[tuple[str, str]]:
    """Return who is credited for which order."""
    with merchant_context(company.id):
        rows = Conversion.objects.filter(credits__isnull=False).order_by("external_id")
        return list(rows.values_list("external_id", "credits__affiliate__name"))
