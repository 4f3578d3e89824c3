"""Reports in another currency than the program's: converted by a known rate, or refused."""

from collections.abc import Sequence
from dataclasses import replace

from merchants.fx import RateTable, rates_of_pairs
from programs.models import ForeignCurrency, Program
from tracking.services.reports import ConversionReport, CurrencyMismatch, NoFxRate


def in_programs_currency(
    reports: Sequence[tuple[Program, ConversionReport]],
) -> list[ConversionReport | CurrencyMismatch]:
    """Return each report in its program's currency, or what refuses it, in order.

    The rate is the newest that is not later than the conversion; what was reported is kept beside
    it. One query, and none where nothing is foreign.
    """
    foreign = [row for row in reports if _is_convertible(*row)]
    if not foreign:
        return [_checked(*row) for row in reports]
    merchant_id = foreign[0][0].merchant_id
    pairs = {(report.currency, program.currency) for program, report in foreign}
    table = rates_of_pairs(
        merchant_id, pairs, until=max(report.occurred_at for _program, report in foreign)
    )
    return [
        _converted(program, report, table)
        if _is_convertible(program, report)
        else _checked(program, report)
        for program, report in reports
    ]


def _is_convertible(program: Program, report: ConversionReport) -> bool:
    return (
        report.currency != program.currency and program.foreign_currency == ForeignCurrency.CONVERT
    )


def _checked(program: Program, report: ConversionReport) -> ConversionReport | CurrencyMismatch:
    if report.currency != program.currency:
        return CurrencyMismatch(f"{report.currency} conversion, {program.currency} program")
    return report


def _converted(
    program: Program, report: ConversionReport, table: RateTable
) -> ConversionReport | CurrencyMismatch:
    source, target = report.currency, program.currency
    rate = table.rate_at(source, target, report.occurred_at)
    if rate is None:
        return NoFxRate(f"{source} to {target} at {report.occurred_at.isoformat()}")

    def convert(amount_minor: int) -> int:
        return rate.convert(amount_minor, source=source, target=target)

    items = [
        {**item, "amount_minor": convert(item["amount_minor"])} if "amount_minor" in item else item
        for item in report.items
    ]
    return replace(
        report,
        amount_minor=convert(report.amount_minor),
        tax_minor=convert(report.tax_minor),
        shipping_minor=convert(report.shipping_minor),
        discount_minor=convert(report.discount_minor),
        items=items,
        currency=target,
        original_minor=report.amount_minor,
        original_currency=source,
        fx_rate=rate.row,
    )
