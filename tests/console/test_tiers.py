"""Tiers and promotions: made, changed, ended; an affiliate moved into a tier."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.models import Enrollment
from commissions.models import Promotion
from merchants.tenancy import merchant_context
from programs.models import Tier
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import words
from tests.console.rates import store_rates

SPRING = {"name": "Spring", "starts_at": "2026-03-01T00:00", "ends_at": "2026-04-01T00:00"}


def url(name: str, company: Company, *ids: UUID) -> str:
    return reverse(f"console:{name}", args=[company.program.id, *ids])


def test_a_tier_is_made_with_a_hold_of_its_own(acme: Company, alice: Client) -> None:
    facts = {"name": "Gold", "position": "10", "hold_days": "7"}

    answer = alice.post(url("tier-create", acme), facts)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        tier = Tier.objects.get()
    assert (tier.name, tier.position, tier.hold_days) == ("Gold", 10, 7)
    page = words(alice.get(url("program-tiers", acme)).content)
    assert "Gold 0 affiliates Commissions wait 7 days." in page
    assert "No rule of its own" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Gold"}, "Another tier of the program has this name."),
        ({"hold_days": "366"}, "less than or equal to 365"),
        ({"position": "x"}, "Enter a whole number."),
    ],
)
def test_a_tier_that_cannot_be_is_refused_at_its_field(
    acme: Company, alice: Client, change: dict[str, str], said: str
) -> None:
    store_rates(acme)

    answer = alice.post(
        url("tier-create", acme), {"name": "Silver", "position": "20", "hold_days": ""} | change
    )

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert Tier.objects.count() == 1


def test_an_affiliate_is_moved_into_a_tier_and_out_again(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    tier_id = store_rates(acme)["tier_id"]
    address = reverse("console:affiliate-tier", args=[bob.enrollment.id])

    alice.post(address, {"tier": str(tier_id)})

    with merchant_context(acme.id):
        assert Enrollment.objects.get(id=bob.enrollment.id).tier_id == tier_id
    assert "In the tier Gold" in words(
        alice.get(reverse("console:affiliate", args=[bob.enrollment.id])).content
    )
    assert "Gold 1 affiliate " in words(alice.get(url("program-tiers", acme)).content)
    assert "Who is in it 1 affiliate Bob" in words(
        alice.get(url("tier-edit", acme, tier_id)).content
    )
    listed = words(alice.get(reverse("console:affiliates"), {"tier": tier_id}).content)
    assert "bob@example.com" in listed

    alice.post(address, {"tier": ""})

    with merchant_context(acme.id):
        assert Enrollment.objects.get(id=bob.enrollment.id).tier_id is None
    listed = words(alice.get(reverse("console:affiliates"), {"tier": tier_id}).content)
    assert "bob@example.com" not in listed


def test_nobody_is_moved_into_another_merchants_tier(
    acme: Company, globex: Company, bob: Promoter, alice: Client
) -> None:
    foreign = store_rates(globex)["tier_id"]

    answer = alice.post(
        reverse("console:affiliate-tier", args=[bob.enrollment.id]), {"tier": str(foreign)}
    )

    assert answer.status_code == 404
    assert alice.get(url("tier-edit", acme, foreign)).status_code == 404


def test_an_ended_tier_takes_nobody_in(acme: Company, bob: Promoter, alice: Client) -> None:
    tier_id = store_rates(acme)["tier_id"]

    alice.post(url("tier-remove", acme, tier_id))

    answer = alice.post(
        reverse("console:affiliate-tier", args=[bob.enrollment.id]), {"tier": str(tier_id)}
    )
    assert answer.status_code == 404
    assert "No tier yet" in words(alice.get(url("program-tiers", acme)).content)


def test_a_promotion_is_made_and_then_asks_for_its_rule(acme: Company, alice: Client) -> None:
    answer = alice.post(url("promotion-create", acme), SPRING)

    with merchant_context(acme.id):
        promotion = Promotion.objects.get()
    assert answer.headers["Location"] == url("promotion-edit", acme, promotion.id)
    assert promotion.ends_at - promotion.starts_at == timedelta(days=31)
    page = words(alice.get(url("promotion-edit", acme, promotion.id)).content)
    assert "It has no rule, so it changes nothing yet." in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"ends_at": "2026-03-01T00:00"}, "It must end after it starts."),
        ({"starts_at": ""}, "This field is required."),
        ({"tier": "nobody"}, "not one of the available choices"),
    ],
)
def test_a_promotion_that_cannot_be_is_refused_at_its_field(
    acme: Company, alice: Client, change: dict[str, str], said: str
) -> None:
    answer = alice.post(url("promotion-create", acme), SPRING | change)

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert not Promotion.objects.exists()


def test_promotions_stand_under_running_coming_and_over(acme: Company, alice: Client) -> None:
    ids = store_rates(acme)
    alice.post(
        url("promotion-create", acme),
        SPRING | {"name": "Autumn", "starts_at": "2026-09-01T00:00", "ends_at": "2026-10-01T00:00"},
    )
    past = {"starts_at": "2025-03-01T00:00", "ends_at": "2025-04-01T00:00", "name": "Last year"}
    alice.post(url("promotion-create", acme), SPRING | past)

    page = words(alice.get(url("program-promotions", acme)).content)

    order = ["Running", "Spring weeks", "25% of each sale", "To come", "Autumn", "Over"]
    places = [page.index(text, page.index("A promotion is rates")) for text in order]
    assert places == sorted(places)

    alice.post(url("promotion-remove", acme, ids["promotion_id"]), follow=True)

    assert "Spring weeks" not in words(alice.get(url("program-promotions", acme)).content)
    with merchant_context(acme.id):
        assert Promotion.objects.get(id=ids["promotion_id"]).archived_at is not None


def test_a_promotion_is_changed(acme: Company, alice: Client) -> None:
    ids = store_rates(acme)
    facts = SPRING | {"name": "For Gold", "tier": str(ids["tier_id"])}

    alice.post(url("promotion-edit", acme, ids["promotion_id"]), facts)

    with merchant_context(acme.id):
        promotion = Promotion.objects.get()
    assert (promotion.name, promotion.tier_id) == ("For Gold", ids["tier_id"])
    assert promotion.starts_at < NOON
    page = words(alice.get(url("program-promotions", acme)).content)
    assert "for the tier Gold" in page
