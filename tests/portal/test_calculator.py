"""The calculator of a program's page: real rates, numbers as people write them, no script."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from affiliates.models import FunnelCount, FunnelStep
from commissions.models import Reward
from commissions.selectors import estimate_earnings
from commissions.services import Rate, set_rate
from interfaces.portal.calculator import example_minor
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import NOON, Company, make_company
from tests.portal.people import text_of

PAGE = "/join/acme/partners/"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36"}


def pay(company: Company, code: str, rate: Rate) -> None:
    """Let a goal pay, for a year already."""
    with merchant_context(company.id):
        goal = Goal.objects.get(program=company.program, code=code)
        since = NOON - timedelta(days=365)
        set_rate(goal=goal, rate=rate, by=SYSTEM, at=NOON, valid_from=since)


def earnings(client: Client, **given: Any) -> str:
    """Return what the calculator says to these numbers."""
    answer: Any = client.get(PAGE, {name.replace("_", "-"): value for name, value in given.items()})
    assert answer.status_code == 200
    found = re.search(r"Calculate (.*) An example, not a promise", text_of(answer))
    assert found
    return found[1].replace(" :", ":")


def visits(company: Company) -> int:
    """Return how many visitors the funnel has counted."""
    with merchant_context(company.id):
        counts = FunnelCount.objects.filter(step=FunnelStep.VISITED)
        return sum(counts.values_list("count", flat=True))


def test_begins_with_an_example_at_the_real_rate(acme: Company, client: Client) -> None:
    said = earnings(client)

    # 2 % of 1,000 visitors are 20 sales; 10 % of 100.00 each.
    assert said == "20 × Sale €200.00 You would earn a month €200.00"


def test_adds_up_every_goal_that_pays(acme: Company, client: Client) -> None:
    pay(acme, "signup", Rate(Reward.FIXED, fixed_minor=250))

    said = earnings(client, visitors="4000", share_sale="1.5", value_sale="80", share_signup="3")

    # 60 sales at 8.00 and 120 sign-ups at 2.50.
    assert "60 × Sale €480.00" in said
    assert "120 × Sign-up €300.00" in said
    assert said.endswith("You would earn a month €780.00")


@pytest.mark.parametrize(
    ("visitors", "share", "value"),
    [
        ("2500", "2.5", "99.90"),
        ("2,500", "2,5 %", "99,90"),
        ("2 500", "2.50%", "99.90 EUR"),
        ("2.500", " 2.5", "€99.90"),
    ],
)
def test_reads_numbers_as_people_write_them(
    acme: Company, client: Client, visitors: str, share: str, value: str
) -> None:
    said = earnings(client, visitors=visitors, share_sale=share, value_sale=value)

    # 62.5 sales at 9.99 are 624.375, half to even 624.38.
    assert said.startswith("62.5 × Sale €624.38")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"visitors": "many"}, "Visitors a month: Write a whole number, as in 2,500."),
        ({"visitors": "-5"}, "Visitors a month: Write a whole number, as in 2,500."),
        ({"visitors": ""}, "Visitors a month: This field is required."),
        ({"visitors": "99000000"}, "Visitors a month: 10,000,000 at the most."),
        (
            {"share_sale": "101"},
            "Conversion rate in percent: Write a percentage from 0 to 100, as in 2.5.",
        ),
        (
            {"value_sale": "<b>12</b>"},
            "Average amount in EUR: Write an amount in EUR, as in 100.00.",
        ),
        ({"value_sale": "-1"}, "Average amount in EUR: Write an amount in EUR, as in 100.00."),
    ],
)
def test_says_what_cannot_be_read_and_computes_nothing(
    acme: Company, client: Client, given: dict[str, str], expected: str
) -> None:
    assert earnings(client, **given) == expected


def test_what_was_typed_stays_and_does_no_harm(acme: Company, client: Client) -> None:
    html = client.get(PAGE, {"visitors": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in html
    assert "&quot;&gt;&lt;script&gt;alert" in html


def test_a_visitor_who_calculates_is_counted_once(acme: Company) -> None:
    client = Client(headers=BROWSER)

    client.get(PAGE)
    client.get(PAGE, {"visitors": "10"})
    client.get(PAGE, {"visitors": "20"})

    assert visits(acme) == 1


def test_a_program_that_pays_nothing_has_no_calculator(acme: Company, client: Client) -> None:
    pay(acme, "sale", Rate(Reward.NOTHING))

    assert 'id="calculator"' not in client.get(PAGE).content.decode()


def test_examples_suit_currencies_without_cents(client: Client) -> None:
    make_company("Initech", "Ina", currency="JPY")

    html = client.get("/join/initech/partners/").content.decode()

    assert example_minor("JPY") == 10_000
    assert 'value="10,000"' in html
    assert "¥20,000" in html
    assert (
        "Write an amount in JPY, as in 10000."
        in client.get("/join/initech/partners/", {"value-sale": "10.5"}).content.decode()
    )


def test_half_an_order_counts_half(acme: Company) -> None:
    pay(acme, "signup", Rate(Reward.FIXED, fixed_minor=250))
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="signup")
        version = goal.rules.get().versions.get()

    earned = [
        estimate_earnings(version, visitors=visitors, share_bps=100, order_minor=0)
        for visitors in (0, 1, 50, 100)
    ]

    assert earned == [0, 2, 125, 250]
