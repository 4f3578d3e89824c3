"""Who is credited by a program: the settings, the sample journey, a goal's own."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from merchants.tenancy import merchant_context
from programs.models import AttributionModel, Goal, Program
from tests.cast import Company
from tests.console.conftest import words

SETTINGS: dict[str, Any] = {
    "attribution_model": "POSITION",
    "half_life_days": "7",
    "window_days": "45",
    "code_priority": "COUPON_FIRST",
    "lock_in_months": "12",
    "new_customers_only": "on",
    "reactivation_days": "365",
    "yields_to": "REFERRAL",
    "after_hold": "REVIEW",
    "excludes_tax": "on",
    "adds_discount": "on",
    "foreign_currency": "CONVERT",
    "commission_bps_max": "40 %",
    "claim_days": "21",
}


def url(name: str, company: Company) -> str:
    return reverse(f"console:{name}", args=[company.program.id])


def test_every_setting_is_saved(acme: Company, alice: Client) -> None:
    answer = alice.post(url("program-attribution", acme), SETTINGS)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        program = Program.objects.get()
    assert program.attribution_model == AttributionModel.POSITION
    assert (program.window_days, program.lock_in_months, program.reactivation_days) == (45, 12, 365)
    assert (program.new_customers_only, program.yields_to) == (True, "REFERRAL")
    assert (program.excludes_tax, program.excludes_shipping, program.adds_discount) == (
        True,
        False,
        True,
    )
    assert (program.commission_bps_max, program.claim_days) == (4_000, 21)


def test_left_empty_means_for_life_and_without_a_limit(acme: Company, alice: Client) -> None:
    empty = {"lock_in_months": "", "reactivation_days": "", "commission_bps_max": ""}

    alice.post(url("program-attribution", acme), SETTINGS | empty)

    with merchant_context(acme.id):
        program = Program.objects.get()
    assert (program.lock_in_months, program.reactivation_days) == (None, None)
    assert program.commission_bps_max is None


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("window_days", "0", "greater than or equal to 1"),
        ("half_life_days", "0", "greater than or equal to 1"),
        ("commission_bps_max", "lots", "Write a percentage, as in 12.5%."),
        ("commission_bps_max", "140%", "A percentage lies between 0.01% and 100%."),
        ("claim_days", "91", "less than or equal to 90"),
        ("attribution_model", "MIDDLE", "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_saved(
    acme: Company, alice: Client, field: str, typed: str, said: str
) -> None:
    answer = alice.post(url("program-attribution", acme), SETTINGS | {field: typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert Program.objects.get().window_days == 30


def test_the_sample_journey_is_shared_under_each_model(acme: Company, alice: Client) -> None:
    page = words(alice.get(url("program-attribution", acme)).content)

    assert "The last touch chosen – – 100%" in page
    assert "The first touch 100% – –" in page
    assert "Every touch alike 33.33% 33.33% 33.33%" in page
    assert "40 % first, 40 % last, 20 % between 40% 20% 40%" in page
    assert "The later, the more 8.65% 34.59% 56.76%" in page


def test_the_journey_follows_what_is_typed(acme: Company, alice: Client) -> None:
    typed = {"window_days": "10", "half_life_days": "5", "attribution_model": "TIME_DECAY"}

    page = words(alice.get(url("attribution-example", acme), typed).content)

    assert "Older than the attribution window" in page
    assert "The first touch – 100% –" in page
    assert "The later, the more chosen – 33.33% 66.67%" in page


def test_a_goal_may_have_a_window_and_a_model_of_its_own(acme: Company, alice: Client) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="lead")
    facts = {
        "name": "Lead",
        "definition": "Reachable.",
        "attribution_model": "FIRST",
        "window_days": "90",
    }
    address = reverse("console:goal-edit", args=[acme.program.id, goal.id])

    alice.post(address, facts)

    with merchant_context(acme.id):
        goal.refresh_from_db()
    assert (goal.attribution_model, goal.window_days) == ("FIRST", 90)
    assert "The first touch within 90 days" in words(alice.get(url("program-goals", acme)).content)

    refused = alice.post(address, facts | {"window_days": "9999"})

    assert refused.status_code == 422
    assert "less than or equal to 730" in words(refused.content)
