"""Conversions in another currency: converted by a known rate and kept as reported, or refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from merchants.fx import set_rate_of_currency
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import ForeignCurrency
from programs.services import update_program
from tests.cast import NOON, Company
from tracking.models import Conversion, Source
from tracking.services import (
    ConversionReport,
    CurrencyMismatch,
    NoFxRate,
    record_conversion,
    record_conversions,
)

SALE_AT = NOON + timedelta(hours=1)


def report(**facts: Any) -> ConversionReport:
    known: dict[str, Any] = {
        "goal": "sale",
        "external_id": "O-1",
        "amount_minor": 11_000,
        "currency": "USD",
        "occurred_at": SALE_AT,
    }
    return ConversionReport(**(known | facts))


def converting(company: Company, rate: str = "1.10", **facts: Any) -> None:
    update_program(
        program=company.program,
        changes={"foreign_currency": ForeignCurrency.CONVERT},
        by=SYSTEM,
        at=NOON,
    )
    known: dict[str, Any] = {"base": "EUR", "quote": "USD", "valid_from": NOON}
    set_rate_of_currency(
        merchant=company.merchant,
        **(known | facts),
        rate=Decimal(rate),
        source="ECB",
        by=SYSTEM,
        at=NOON,
    )


def record(company: Company, reported: ConversionReport, **facts: Any) -> tuple[Conversion, bool]:
    return record_conversion(
        program=company.program, report=reported, by=SYSTEM, at=SALE_AT, **facts
    )


def test_without_converting_it_is_refused_as_ever(acme: Company) -> None:
    with merchant_context(acme.id):
        with pytest.raises(CurrencyMismatch) as refusal:
            record(acme, report())

        assert not isinstance(refusal.value, NoFxRate)
        assert not Conversion.objects.exists()


def test_without_a_rate_it_is_refused_by_name(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme, valid_from=SALE_AT + timedelta(microseconds=1))

        with pytest.raises(NoFxRate):
            record(acme, report())

        assert not Conversion.objects.exists()


def test_all_its_money_is_converted_and_what_was_reported_stays(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme)
        lines = [{"sku": "mug", "quantity": 2, "amount_minor": 2_200}]

        stored, is_new = record(
            acme,
            report(tax_minor=1_100, shipping_minor=550, discount_minor=220, items=lines),
        )

        assert is_new
        assert (stored.amount_minor, stored.currency) == (10_000, "EUR")
        assert (stored.tax_minor, stored.shipping_minor, stored.discount_minor) == (1_000, 500, 200)
        assert stored.items == [{"sku": "mug", "quantity": 2, "amount_minor": 2_000}]
        assert (stored.original_minor, stored.original_currency) == (11_000, "USD")
        assert stored.fx_rate is not None
        assert stored.fx_rate.rate == Decimal("1.10")


def test_yen_have_no_cents(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme, "160.25", base="EUR", quote="JPY")

        stored, _is_new = record(acme, report(currency="JPY", amount_minor=1_602))

        assert stored.amount_minor == 1_000  # 1602 ÷ 160.25 = 9.99688 EUR, in cents.


def test_a_repeat_is_no_difference_even_when_a_better_rate_came_later(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme)
        first, _is_new = record(acme, report())
        set_rate_of_currency(
            merchant=acme.merchant,
            base="EUR",
            quote="USD",
            rate=Decimal("1.25"),
            source="ECB",
            valid_from=NOON + timedelta(minutes=1),
            by=SYSTEM,
            at=NOON,
        )

        again, is_new = record(acme, report())
        other, _is_new = record(acme, report(amount_minor=12_000))

        assert (again, is_new, other) == (first, False, first)
        assert again.amount_minor == 10_000
        assert Event.objects.filter(type="conversion.amount_differs").count() == 1


def test_what_confirms_a_browsers_word_is_converted_too(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme)
        record(acme, report(amount_minor=1), source=Source.PIXEL)

        stored, _is_new = record(acme, report())

        assert (stored.amount_minor, stored.original_minor) == (10_000, 11_000)


def test_in_a_batch_each_is_taken_by_itself(acme: Company) -> None:
    with merchant_context(acme.id):
        converting(acme)
        reports = [
            (acme.program, report(external_id="O-1")),
            (acme.program, report(external_id="O-2", currency="EUR")),
            (acme.program, report(external_id="O-3", currency="GBP")),
        ]

        one, two, three = record_conversions(
            merchant_id=acme.id, reports=reports, by=SYSTEM, at=SALE_AT
        )

        assert not isinstance(one, Exception)
        assert one.conversion.amount_minor == 10_000
        assert not isinstance(two, Exception)
        assert (two.conversion.amount_minor, two.conversion.fx_rate) == (11_000, None)
        assert isinstance(three, NoFxRate)
