"""Refunds of orders in another currency: counted at the order's own rate (docs/commissions.md)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from merchants.fx import set_rate_of_currency
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import ForeignCurrency
from programs.services import update_program
from tests.api.conftest import Caller, key_for
from tests.cast import NOON, Company, Promoter, click_of
from tests.facts import SALE_AT, lines, settled, work
from tracking.models import Conversion, Refund
from tracking.services import (
    ConversionReport,
    CurrencyMismatch,
    NoFxRate,
    TooMuchRefunded,
    left_to_refund,
    record_refund,
    record_refund_of_order,
)

AFTERWARDS = SALE_AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def rates(acme: Company) -> None:
    """Convert dollars at 1.10 at the time of the sale, and at 1.25 afterwards."""
    with merchant_context(acme.id):
        update_program(
            program=acme.program,
            changes={"foreign_currency": ForeignCurrency.CONVERT},
            by=SYSTEM,
            at=NOON,
        )
        for rate, since in (("1.10", NOON), ("1.25", AFTERWARDS)):
            set_rate_of_currency(
                merchant=acme.merchant,
                base="EUR",
                quote="USD",
                rate=Decimal(rate),
                source="ECB",
                valid_from=since,
                by=SYSTEM,
                at=NOON,
            )


def dollars(bob: Promoter, amount_minor: int = 10_000) -> ConversionReport:
    """Return a report of a sale of Bob's in dollars."""
    return ConversionReport(
        goal="sale",
        external_id="o-1",
        amount_minor=amount_minor,
        currency="USD",
        occurred_at=SALE_AT,
        click_token=click_of(bob),
    )


def give_back(company: Company, id: str, amount_minor: int, currency: str = "USD") -> Refund:
    """Refund the order by its id."""
    with merchant_context(company.id):
        refund, _is_new = record_refund_of_order(
            program=company.program,
            goal="sale",
            order_id="o-1",
            external_id=id,
            amount_minor=amount_minor,
            currency=currency,
            reason="",
            occurred_at=AFTERWARDS,
            by=SYSTEM,
            at=AFTERWARDS,
        )
    return refund


def counted(company: Company) -> list[tuple[int, int | None, str]]:
    """Return what refunds count for, and as what they were reported."""
    with merchant_context(company.id):
        rows = Refund.objects.order_by("external_id")
        return list(rows.values_list("amount_minor", "original_minor", "original_currency"))


def test_pieces_of_the_whole_order_come_to_exactly_the_order(acme: Company, bob: Promoter) -> None:
    order = settled(acme, dollars(bob))
    assert (order.amount_minor, lines(acme)) == (9_091, [909])

    for id, amount_minor in (("r-1", 3_333), ("r-2", 3_333), ("r-3", 3_334)):
        give_back(acme, id, amount_minor)
        work(acme, at=AFTERWARDS)

    assert counted(acme) == [(3_030, 3_333, "USD"), (3_030, 3_333, "USD"), (3_031, 3_334, "USD")]
    assert lines(acme) == [909, -303, -303, -303]


def test_one_that_came_first_is_counted_anew_by_its_orders_rate(
    acme: Company, bob: Promoter
) -> None:
    give_back(acme, "r-1", 3_333)
    give_back(acme, "r-2", 6_667)
    assert [row[0] for row in counted(acme)] == [2_666, 5_334]  # At 1.25.

    settled(acme, dollars(bob))

    assert [row[0] for row in counted(acme)] == [3_030, 6_061]
    assert sum(lines(acme)) == 0


def test_the_programs_currency_is_counted_as_it_is(acme: Company, bob: Promoter) -> None:
    order = settled(acme, dollars(bob))

    give_back(acme, "r-1", 4_000, "EUR")
    give_back(acme, "r-2", 1_000, "")

    assert counted(acme) == [(4_000, None, ""), (1_000, None, "")]
    with merchant_context(acme.id):
        assert left_to_refund(order) == 10_000 - 5_500


def test_a_third_currency_is_refused(acme: Company, bob: Promoter) -> None:
    with pytest.raises(NoFxRate):
        give_back(acme, "r-1", 1, "GBP")  # Nobody knows the order yet.
    settled(acme, dollars(bob))

    with pytest.raises(CurrencyMismatch, match="GBP refund, USD order"):
        give_back(acme, "r-1", 1, "GBP")

    assert counted(acme) == []


def test_no_more_than_the_order_and_less_than_a_cent(acme: Company, bob: Promoter) -> None:
    order = settled(acme, dollars(bob))

    def refund(id: str, amount_minor: int) -> int:
        with merchant_context(acme.id):
            row, _is_new = record_refund(
                conversion=Conversion.objects.get(id=order.id),
                external_id=id,
                amount_minor=amount_minor,
                currency="USD",
                reason="",
                occurred_at=AFTERWARDS,
                by=SYSTEM,
                at=AFTERWARDS,
            )
        return row.amount_minor

    assert [refund(f"r-{number}", 1) for number in range(6)] == [1, 1, 1, 1, 1, 0]
    with pytest.raises(TooMuchRefunded):
        refund("r-9", 9_996)
    assert refund("r-9", 9_994) == 9_086
    work(acme, at=AFTERWARDS)
    assert sum(lines(acme)) == 0


def test_the_api_says_both_amounts(acme: Company, bob: Promoter) -> None:
    order = settled(acme, dollars(bob))
    api = Caller(key_for(acme.owner))
    body = {"external_id": "r-1", "amount_minor": 5_500, "currency": "USD"}

    answered = api.post(f"conversions/{order.id}/refunds", body)

    assert answered.status == 201
    names = ("amount_minor", "original_minor", "original_currency")
    assert [answered.json[name] for name in names] == [5_000, 5_500, "USD"]
    shown = api.get(f"conversions/{order.id}").json
    assert [shown[name] for name in names] == [9_091, 10_000, "USD"]
    other = api.post(f"conversions/{order.id}/refunds", body | {"currency": "GBP"})
    assert other.status == 200  # The same refund again.
    new = {"external_id": "r-2", "amount_minor": 1, "currency": "GBP"}
    refused = api.post(f"conversions/{order.id}/refunds", new)
    assert (refused.refusal, list(refused.fields)) == ((422, "currency_mismatch"), ["currency"])
