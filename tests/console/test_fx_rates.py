"""Currency rates: stated once, never edited, refused when they cannot be."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from merchants.models import FxRate
from merchants.tenancy import merchant_context
from tests.cast import Company
from tests.console.conftest import words

RATE = {"base": "USD", "rate": "0,9215", "quote": "EUR", "source": "ECB", "at": "2026-03-01T00:00"}


def test_a_rate_is_stated_from_a_moment_on(acme: Company, alice: Client) -> None:
    answer = alice.post(reverse("console:fx-rate-create"), RATE)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        row = FxRate.objects.get()
    assert (row.base, row.quote, row.rate) == ("USD", "EUR", Decimal("0.9215"))
    page = words(alice.get(reverse("console:fx-rates")).content)
    assert "USD 0.9215 EUR ECB" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate": "much"}, "Write a rate, as in 1.0842."),
        ({"rate": "0"}, "A rate is more than zero."),
        ({"rate": "99999999999"}, "This rate is out of range."),
        ({"quote": "USD"}, "Choose another currency than the first."),
        ({"base": "XXX"}, "not one of the available choices"),
        ({"source": ""}, "This field is required."),
    ],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(
    acme: Company, alice: Client, change: dict[str, str], said: str
) -> None:
    answer = alice.post(reverse("console:fx-rate-create"), RATE | change)

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert not FxRate.objects.exists()


def test_another_rate_of_the_same_moment_is_refused(acme: Company, alice: Client) -> None:
    alice.post(reverse("console:fx-rate-create"), RATE)

    answer = alice.post(reverse("console:fx-rate-create"), RATE | {"rate": "0.93"})

    assert answer.status_code == 422
    with merchant_context(acme.id):
        assert FxRate.objects.get().rate == Decimal("0.9215")


def test_rates_are_each_merchants_own(acme: Company, globex: Company, alice: Client) -> None:
    with merchant_context(globex.id):
        FxRate.objects.create(
            merchant=globex.merchant,
            base="USD",
            quote="EUR",
            rate="2",
            source="x",
            at="2026-01-01T00:00Z",
        )

    assert "No rate yet" in words(alice.get(reverse("console:fx-rates")).content)
