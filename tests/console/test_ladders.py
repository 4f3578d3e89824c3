"""Ladders in the console: ready-made ones, targets, who would move, and switching it on."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Metric, Tier
from programs.selectors import ladder_of, targets_by_tier
from programs.services import create_tier
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.conftest import words

SETTINGS = {"period": "DAYS_30", "demotes": "on", "grace_days": "14", "lock_days": "30"}


def url(name: str, company: Company, *ids: UUID) -> str:
    return reverse(f"console:{name}", args=[company.program.id, *ids])


@pytest.fixture
def bronze(acme: Company, bob: Promoter) -> Tier:
    """Let Bronze ask for 50.00 of revenue, of which Bob has brought 100.00."""
    sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        targets = {Metric.REVENUE: 5_000}
        return create_tier(program=acme.program, name="Bronze", targets=targets, by=SYSTEM, at=NOON)


def test_a_ready_made_ladder_is_made_in_one_click(acme: Company, alice: Client) -> None:
    assert "Co-selling" in words(alice.get(url("program-tiers", acme)).content)

    answer = alice.post(url("ladder-preset", acme), {"preset": "AFFILIATE"})

    assert answer.headers["Location"] == url("program-ladder", acme)
    page = words(alice.get(url("program-tiers", acme)).content)
    assert "Asks for: Revenue €2,500.00." in page
    assert "Off: you move affiliates by hand." in page
    again = alice.post(url("ladder-preset", acme), {"preset": "AFFILIATE"}, follow=True)
    assert "The program has a tier Bronze already." in words(again.content)
    with merchant_context(acme.id):
        assert Tier.objects.count() == 3


def test_a_tier_gets_targets_and_loses_them(acme: Company, alice: Client, bronze: Tier) -> None:
    facts = {"name": "Bronze", "position": "10", "benefits": "A badge."}

    alice.post(
        url("tier-edit", acme, bronze.id),
        facts | {"target_conversions": "3", "target_revenue": "12,50"},
    )
    with merchant_context(acme.id):
        assert targets_by_tier(acme.program) == {bronze.id: {"CONVERSIONS": 3, "REVENUE": 1_250}}
    assert "12.50" in alice.get(url("tier-edit", acme, bronze.id)).content.decode()
    alice.post(url("tier-edit", acme, bronze.id), facts)

    with merchant_context(acme.id):
        assert targets_by_tier(acme.program) == {}


def test_who_would_move_is_shown_before_it_is_switched_on(
    acme: Company, alice: Client, bronze: Tier
) -> None:
    page = words(alice.get(url("program-ladder", acme)).content)
    assert "1 up, 0 down, 0 warned, of 1." in page
    assert "Bob No tier Bronze Reached the targets: Revenue €100.00" in page

    shown = alice.post(url("program-ladder", acme), SETTINGS | {"do": "preview"})
    assert shown.status_code == 200
    with merchant_context(acme.id):
        assert ladder_of(acme.program) is None
    saved = alice.post(url("program-ladder", acme), SETTINGS | {"is_automatic": "on"})

    assert saved.status_code == 302
    with merchant_context(acme.id):
        ladder = ladder_of(acme.program)
        assert ladder is not None
        assert ladder.is_automatic
    assert "On: figures of the last 30 days" in words(alice.get(url("program-tiers", acme)).content)


def test_a_ladder_that_cannot_be_is_refused_at_its_field(acme: Company, alice: Client) -> None:
    answer = alice.post(url("program-ladder", acme), SETTINGS | {"grace_days": "366"})

    assert answer.status_code == 422
    assert "less than or equal to 365" in words(answer.content)
