"""Rates of currencies: stated once, asked by moment, converted half to even."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.refusals import BadValue
from merchants.fx import rate_at, rates_of_currencies, set_rate_of_currency
from merchants.models import SYSTEM, Event, FxRate
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company


def state(company: Company, **facts: Any) -> FxRate:
    known: dict[str, Any] = {
        "base": "EUR",
        "quote": "USD",
        "rate": Decimal("1.10"),
        "source": "ECB",
        "valid_from": NOON,
    }
    return set_rate_of_currency(merchant=company.merchant, **(known | facts), by=SYSTEM, at=NOON)


def test_the_newest_rate_that_is_not_later_counts_either_way(acme: Company) -> None:
    with merchant_context(acme.id):
        first = state(acme)
        second = state(
            acme, base="USD", quote="EUR", rate=Decimal("0.80"), valid_from=NOON + timedelta(days=1)
        )

        def at(moment: Any, base: str, quote: str) -> tuple[Any, bool] | None:
            known = rate_at(acme.id, base, quote, moment)
            return (known.row, known.is_inverse) if known else None

        assert at(NOON - timedelta(microseconds=1), "EUR", "USD") is None
        assert at(NOON, "EUR", "USD") == (first, False)
        assert at(NOON, "USD", "EUR") == (first, True)
        assert at(NOON + timedelta(days=1), "USD", "EUR") == (second, False)
        assert at(NOON + timedelta(days=9), "EUR", "USD") == (second, True)
        assert at(NOON, "EUR", "GBP") is None
        assert rates_of_currencies(acme.id) == [second, first]


@pytest.mark.parametrize(
    ("rate", "inverse", "amount", "source", "target", "converted"),
    [
        ("1.10", False, 10_000, "EUR", "USD", 11_000),
        ("1.10", True, 11_000, "USD", "EUR", 10_000),
        ("1.10", True, 10_000, "USD", "EUR", 9_091),  # 90.909…
        ("0.5", False, 25, "EUR", "USD", 12),  # 12.5, half to the even 12.
        ("0.5", False, 27, "EUR", "USD", 14),  # 13.5, half to the even 14.
        ("160.25", False, 1_000, "EUR", "JPY", 1_602),  # 1602.5: yen have no decimals.
        ("160.25", True, 1_602, "JPY", "EUR", 1_000),
        ("0.335", False, 1_000, "EUR", "KWD", 3_350),  # Dinars have three.
        ("9999999999", False, 10**15, "EUR", "USD", 10**15),  # Never more than a row can hold.
    ],
)
def test_converting(
    acme: Company,
    rate: str,
    inverse: bool,
    amount: int,
    source: str,
    target: str,
    converted: int,
) -> None:
    base, quote = (target, source) if inverse else (source, target)
    with merchant_context(acme.id):
        state(acme, base=base, quote=quote, rate=Decimal(rate))
        known = rate_at(acme.id, source, target, NOON)

    assert known is not None
    assert known.convert(amount, source=source, target=target) == converted


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"base": "XXX"}, "base"),
        ({"quote": "usd"}, "quote"),
        ({"quote": "EUR"}, "quote"),
        ({"rate": Decimal(0)}, "rate"),
        ({"rate": Decimal("-1")}, "rate"),
        ({"rate": Decimal("NaN")}, "rate"),
        ({"rate": Decimal("1e30")}, "rate"),
        ({"rate": Decimal("1.12345678901")}, "rate"),
        ({"source": ""}, "source"),
        ({"source": "x" * 81}, "source"),
    ],
)
def test_a_bad_rate_names_its_field(acme: Company, facts: dict[str, Any], field: str) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refusal:
            state(acme, **facts)

        assert refusal.value.field == field
        assert not FxRate.objects.exists()


def test_a_rate_is_stated_once_and_never_edited(acme: Company) -> None:
    with merchant_context(acme.id):
        first = state(acme)

        assert state(acme) == first
        with pytest.raises(BadValue) as refusal:
            state(acme, rate=Decimal("1.20"))

        assert (refusal.value.field, refusal.value.code) == ("at", "taken")
        assert Event.objects.filter(type="merchant.fx_rate_recorded").count() == 1


def test_rates_are_the_merchants_own(acme: Company, globex: Company) -> None:
    with merchant_context(acme.id):
        state(acme)
    with merchant_context(globex.id):
        assert rate_at(globex.id, "EUR", "USD", NOON) is None
        assert rates_of_currencies(acme.id) == []
