"""Amounts are whole minor units in JSON integers; all else is refused and stores nothing."""

import pytest

from merchants.tenancy import merchant_context
from tests.api.conftest import Caller, key_for
from tests.cast import Company, make_company
from tracking.models import Conversion

TEMPLATE = (
    '{"program": "%s", "goal": "sale", "external_id": "o-1", "currency": "%s", "amount_minor": %s}'
)

REFUSED = [
    ("negative", "-1", "min_value"),
    ("negative zero as float", "-0.0", "not_an_integer"),
    ("12.345 of anything", "12.345", "not_an_integer"),
    ("ten and a half", "10.5", "not_an_integer"),
    ("a whole float", "10.0", "not_an_integer"),
    ("a whole float in other words", "1e3", "not_an_integer"),
    ("beyond a double", "1e309", "not_finite"),
    ("NaN in quotes", '"NaN"', "not_an_integer"),
    ("NaN", "NaN", "not_finite"),
    ("Infinity", "Infinity", "not_finite"),
    ("-Infinity", "-Infinity", "not_finite"),
    ("digits in quotes", '"1000"', "not_an_integer"),
    ("decimals in quotes", '"12.34"', "not_an_integer"),
    ("true", "true", "not_an_integer"),
    ("null", "null", "null"),
    ("a list", "[1000]", "not_an_integer"),
    ("an object", '{"value": 1000}', "not_an_integer"),
    ("one too many", "1000000000000001", "max_value"),
    ("beyond a bigint", "9223372036854775808", "max_value"),
    ("fifty digits", "1" + "0" * 50, "not_finite"),
    ("five thousand digits", "1" * 5_000, "not_finite"),
]


@pytest.mark.parametrize(
    ("amount", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_no_amount_is_refused(acme: Company, api: Caller, amount: str, code: str) -> None:
    raw = TEMPLATE % (acme.program.id, "EUR", amount)

    answer = api.post("conversions", raw=raw.encode())

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {"amount_minor": code}
    with merchant_context(acme.id):
        assert not Conversion.objects.exists()


@pytest.mark.parametrize(
    ("currency", "amount_minor"),
    [("EUR", 0), ("EUR", 1), ("EUR", 10**15), ("JPY", 10), ("KWD", 1_234), ("KWD", 1)],
)
def test_every_whole_minor_unit_is_accepted_exactly(currency: str, amount_minor: int) -> None:
    company = make_company("Kiosk", "Kay", currency=currency)

    answer = Caller(key_for(company.owner)).post(
        "conversions", raw=(TEMPLATE % (company.program.id, currency, amount_minor)).encode()
    )

    assert answer.status == 201
    assert (answer.json["amount_minor"], answer.json["currency"]) == (amount_minor, currency)
    with merchant_context(company.id):
        assert Conversion.objects.get().amount_minor == amount_minor
