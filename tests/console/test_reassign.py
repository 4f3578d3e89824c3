"""Reassigning by hand: the money before and after is shown first, and then moves exactly so."""

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Commission
from merchants.models import Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import Company, Promoter, click_of, make_promoter, sell
from tests.console.conftest import words
from tests.facts import sale, settled
from tracking.models import Conversion

WHY = "He showed us the mail."


@pytest.fixture
def dora(acme: Company) -> Promoter:
    """Return another affiliate of Acme."""
    return make_promoter(acme, "Dora")


def earned(company: Company) -> dict[str, int]:
    """Return what each affiliate earns, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        sums: dict[str, int] = {}
        for line in Commission.objects.select_related("affiliate"):
            sums[line.affiliate.name] = sums.get(line.affiliate.name, 0) + line.amount_minor
        return sums


def test_a_conversion_is_previewed_and_reassigned(
    acme: Company, bob: Promoter, dora: Promoter, alice: Client
) -> None:
    found = sell(acme, click=click_of(bob), external_id="S-1")
    page = reverse("console:conversion-reassign", args=[found.id])
    said = {"affiliate": dora.enrollment.code, "reason": WHY}
    with merchant_context(acme.id):
        events = Event.objects.count()

    preview = words(alice.post(page, said).content)

    assert "Bob €10.00 €0.00" in preview
    assert "Dora €0.00 €10.00" in preview
    assert earned(acme) == {"Bob": 1_000}
    with merchant_context(acme.id):
        assert Event.objects.count() == events
        assert Conversion.objects.get().assigned_enrollment_id is None
    answer = alice.post(page, {**said, "confirmed": "1"}, follow=True)
    assert earned(acme) == {"Bob": 0, "Dora": 1_000}
    story = words(answer.content)
    assert f"Given to Dora by hand, whatever the touches say: {WHY}" in story


def test_a_reason_is_needed(acme: Company, bob: Promoter, dora: Promoter, alice: Client) -> None:
    found = sell(acme, click=click_of(bob))
    page = reverse("console:conversion-reassign", args=[found.id])

    answer = alice.post(page, {"affiliate": dora.enrollment.code, "confirmed": "1"})

    assert answer.status_code == 422
    assert earned(acme) == {"Bob": 1_000}


def test_a_customer_is_bound_to_another(
    acme: Company, bob: Promoter, dora: Promoter, alice: Client
) -> None:
    first = settled(acme, sale("o-1", customer="c-1", click_token=click_of(bob)))
    page = reverse("console:customer-reassign", args=[first.customer_id])
    said = {"affiliate": dora.enrollment.code, "reason": WHY}

    preview = words(alice.post(page, said).content)
    answer = alice.post(page, {**said, "confirmed": "1"}, follow=True)

    assert "Dora €0.00 €10.00" in preview
    assert "Bound. 1 conversion went with them." in words(answer.content)
    assert earned(acme) == {"Bob": 0, "Dora": 1_000}
