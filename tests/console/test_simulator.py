"""“What would this pay?”: which rules are asked, what they say, and the sum."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.services import move_to_tier
from commissions.models import Commission
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Program, Tier
from programs.services import update_program
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import words
from tests.console.rates import new_customers, store_rates, store_rule


def ask(alice: Client, company: Company, bob: Promoter, **facts: str) -> str:
    """Return what the page says of a sale of Bob's."""
    sale = {"affiliate": bob.enrollment.code, "goal": "sale", "amount": "100"}
    address = reverse("console:program-simulator", args=[company.program.id])
    page = alice.get(address, sale | facts, headers={"HX-Request": "true"})
    return words(page.content)


def test_the_base_rate_pays_when_nothing_else_holds(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_rule(acme, **new_customers())

    said = ask(alice, acme, bob)

    assert "€10.00 10% of €100.00 = €10.00" in said
    assert "20% of each sale for new customers The program · New ones" in said
    assert "Does not hold: Customer" in said
    assert "It asks for nothing more, so it pays" in said


def test_the_first_rule_that_holds_pays_and_no_other_is_asked(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_rule(acme, **new_customers())

    said = ask(alice, acme, bob, customer="new", tax="19", shipping="1")

    assert "€16.00 20% of €80.00 = €16.00" in said
    assert "All its conditions hold, so it pays" in said
    assert "10% of each sale" not in said


def test_a_promotion_goes_before_a_tier(acme: Company, bob: Promoter, alice: Client) -> None:
    tier_id: UUID = store_rates(acme)["tier_id"]
    with merchant_context(acme.id):
        tier = Tier.objects.get(id=tier_id)
        by = acting_user(acme.owner.user)
        move_to_tier(enrollment=bob.enrollment, tier=tier, by=by, at=NOON)

    said = ask(alice, acme, bob)

    assert "tier Gold" in said
    assert "€25.00 25% of €100.00 = €25.00" in said


def test_volume_and_items_and_what_is_no_money(acme: Company, bob: Promoter, alice: Client) -> None:
    steps = [{"from": 1, "rate_bps": 500}, {"from": 3, "rate_bps": 4_000}]
    details = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": steps}
    friend = {"friend": {"kind": "FREE_MONTHS", "quantity": 2}}
    coupon = [{"field": "coupon", "op": "in", "value": ["BIG"]}]
    items = {"items": [{"sku": "ROPE", "fixed_minor": 150}]}
    category = [{"field": "item_sku", "op": "in", "value": ["ROPE"]}]
    store_rule(acme, reward="VOLUME", details=details | friend, conditions=coupon)
    store_rule(acme, reward="PER_ITEM", details=items, conditions=category)

    volume = ask(alice, acme, bob, coupon="big", count_before="2")
    item = ask(alice, acme, bob, items="ROPE; Ropes; 2; 40.00\nLAMP; Lamps; 1; 60.00")

    assert "€40.00" in volume
    assert "2 free months for the customer" in volume
    assert "€3.00" in item


def test_the_margin_guard_is_shown(acme: Company, bob: Promoter, alice: Client) -> None:
    with merchant_context(acme.id):
        update_program(
            program=Program.objects.get(id=acme.program.id),
            changes={"commission_bps_max": 400},
            by=acting_user(acme.owner.user),
            at=NOON,
        )

    said = ask(alice, acme, bob)

    assert "€4.00" in said
    assert "leaves €4.00 of it" in said


def test_without_a_rule_it_pays_nothing(acme: Company, bob: Promoter, alice: Client) -> None:
    said = ask(alice, acme, bob, goal="lead")

    assert "Nothing" in said
    assert "None: the program has no rule for this goal." in said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"affiliate": "nobody"}, "No affiliate has this code or address."),
        ({"amount": "lots"}, "Write an amount in EUR, as in 12.50."),
        ({"items": "ROPE; 2"}, "is not SKU; category; quantity; amount."),
        ({"payment_number": "0"}, "greater than or equal to 1"),
        ({"goal": "renewal"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_read_is_said(
    acme: Company, bob: Promoter, alice: Client, facts: dict[str, str], said: str
) -> None:
    assert said in ask(alice, acme, bob, **facts)


def test_the_page_begins_with_a_usual_sale_and_stores_nothing(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    page = alice.get(reverse("console:program-simulator", args=[acme.program.id]))

    assert "10% of €100.00 = €10.00" in words(page.content)
    with merchant_context(acme.id):
        assert not Commission.objects.exists()
