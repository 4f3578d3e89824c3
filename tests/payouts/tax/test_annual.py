"""Annual totals: what counts for whom, from which amount on, and what leaves the house."""

import csv
import io
from datetime import timedelta

import pytest

from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.models import Batch, Provider, TaxFormKind
from payouts.tax.annual import (
    Verdict,
    nec_threshold,
    rails_of,
    totals_of,
    verdict_on,
    year_rows,
    years_paid,
)
from payouts.tax.exports import export_for_filing, export_totals
from tests.cast import NOON, Company, add_member, click_of, make_company, make_promoter, sell
from tests.payouts.documents.paying import LATER, finance, pay
from tests.payouts.tax.signing import BOSTON, asks, sign

NEXT_YEAR = LATER + timedelta(days=365)


@pytest.mark.parametrize(
    ("year", "cents"),
    [(2019, 60_000), (2024, 60_000), (2025, 60_000), (2026, 200_000), (2027, 200_000)],
)
def test_the_threshold_rose_in_2026(year: int, cents: int) -> None:
    assert nec_threshold(year) == cents


@pytest.mark.parametrize(
    ("_case", "changed", "verdict"),
    [
        ("at the threshold", {}, Verdict.DUE),
        ("a cent below it", {"reportable_minor": 199_999}, Verdict.BELOW),
        ("600.00 were enough in 2025", {"year": 2025, "reportable_minor": 60_000}, Verdict.DUE),
        ("nobody knows who", {"kind": None}, Verdict.NO_FORM),
        ("a corporation", {"is_corporation": True}, Verdict.CORPORATION),
        ("abroad", {"kind": TaxFormKind.W8BEN}, Verdict.FOREIGN),
        (
            "abroad, with work in the US",
            {"kind": TaxFormKind.W8BEN, "withheld_minor": 1},
            Verdict.FOREIGN_WITHHELD,
        ),
        ("little, but withheld from", {"reportable_minor": 1, "withheld_minor": 1}, Verdict.DUE),
        ("in euros", {"currency": "EUR"}, Verdict.CURRENCY),
        ("a payer in Germany", {"payer_country": "DE"}, Verdict.NONE),
    ],
)
def test_what_follows_of_a_year(_case: str, changed: dict[str, object], verdict: Verdict) -> None:
    usual: dict[str, object] = {
        "payer_country": "US",
        "kind": TaxFormKind.W9,
        "is_corporation": False,
        "currency": "USD",
        "reportable_minor": 200_000,
        "withheld_minor": 0,
        "year": 2026,
    }

    assert verdict_on(**usual | changed) == verdict  # type: ignore[arg-type]


@pytest.fixture
def acme() -> Company:
    """Return Acme of Boston, which pays in dollars."""
    company = make_company("Acme", "Alice", currency="USD")
    asks(company, BOSTON)
    return company


def test_totals_by_rail_and_what_processors_report_themselves(acme: Company) -> None:
    bob = make_promoter(acme, "Bob")
    sign(bob, TaxFormKind.W9)
    finn = finance(acme)
    for number, (amount_minor, provider) in enumerate(
        [(2_000_000, Provider.CSV), (500_000, Provider.PAYPAL)]
    ):
        at = NOON + timedelta(hours=number + 1)
        sell(acme, click=click_of(bob), amount_minor=amount_minor, at=at)
        pay(acme, finn, at=LATER + timedelta(hours=number), ref=f"B{number}")
        with merchant_context(acme.id):  # As if the second had gone over PayPal.
            Batch.objects.filter(number=number + 1).update(provider=provider)

    with merchant_context(acme.id):
        (row,) = year_rows(acme.id, 2026, totals_of(acme.id, 2026))
        rails = {rail["batch__provider"]: rail["total_earned"] for rail in rails_of(acme.id, 2026)}
        years = years_paid(acme.id)

        assert (row.earned_minor, row.excluded_minor) == (250_000, 50_000)
        assert (row.reportable_minor, row.verdict) == (200_000, Verdict.DUE)
        assert rails == {"CSV": 200_000, "PAYPAL": 50_000}
        assert years == [2026]
        assert list(totals_of(acme.id, 2025)) == []


def test_the_export_is_safe_in_spreadsheets_and_has_no_numbers(acme: Company) -> None:
    mallory = make_promoter(acme, "=HYPERLINK(1)")
    sign(mallory, TaxFormKind.W9)
    sell(acme, click=click_of(mallory), amount_minor=2_000_000)
    pay(acme, finance(acme))

    with merchant_context(acme.id):
        content = export_totals(acme.id, 2026).decode()

    (row,) = csv.DictReader(io.StringIO(content))
    assert row["name"] == "'=HYPERLINK(1)"
    assert (row["reportable"], row["result"]) == ("2000.00", "due")
    assert (row["form"], row["tax_id_last_four"]) == ("W9", "4399")
    assert "536904399" not in content


def test_the_filing_has_numbers_in_full_and_is_an_event(acme: Company) -> None:
    rita, eve = make_promoter(acme, "Rita"), make_promoter(acme, "Eve")
    sign(rita, TaxFormKind.W9)
    sign(eve, TaxFormKind.W9)
    sell(acme, click=click_of(rita), amount_minor=2_000_000)
    sell(acme, click=click_of(eve), amount_minor=10_000)  # Far below.
    finn = finance(acme)
    pay(acme, finn)

    with merchant_context(acme.id):
        content = export_for_filing(member=finn, year=2026, at=LATER).decode()
        event = Event.objects.get(type="tax_numbers.exported")

    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["tin"], row["legal_name"]) == ("536904399", "Rita Rigger")
    assert (row["state"], row["zip"]) == ("MA", "02108")
    assert row["nonemployee_compensation"] == "2000.00"
    assert (event.actor_id, event.data) == (finn.user_id, {"year": 2026, "rows": 1})


def test_whoever_may_not_pay_gets_no_numbers(acme: Company) -> None:
    ann = add_member(acme, "Ann", Role.VIEWER)

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        export_for_filing(member=ann, year=2026, at=LATER)
