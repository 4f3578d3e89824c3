"""How a merchant pays: terms in words, with dates, and what one member may sign alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import ApprovalLimit, PayoutTerms, Schedule
from payouts.services import policy_of
from programs.models import Tier
from tests.cast import Company, Promoter, add_member
from tests.console.conftest import SignIn, words

PAGE = reverse("console:payout-terms")
MONTHLY = {"scope": "PROGRAM", "schedule": "MONTHLY", "net_days": "0", "month_day": "15"}


def create(client: Client, company: Company, **facts: Any) -> Any:
    url = reverse("console:payout-terms-create", args=[company.program.id])
    return client.post(url, {**MONTHLY, **facts}, follow=True)


def stored(company: Company) -> list[PayoutTerms]:
    with merchant_context(company.id):
        return list(PayoutTerms.objects.order_by("id"))


def test_without_terms_the_page_says_what_holds(alice: Client) -> None:
    page = words(alice.get(PAGE).content)

    assert "No terms were set, so this holds:" in page
    assert "Payable as soon as it is approved." in page
    assert "EUR two members, always" in page


@pytest.mark.parametrize(
    ("facts", "said", "example"),
    [
        # Acme holds for 30 days: 3 Mar is approved on 2 Apr.
        (
            {},
            "Monthly: what is approved in a month is payable when it has ended, on day 15 of a",
            "Earned on 3 Mar, approved on 2 Apr after 30 days of hold: payable on 15 May.",
        ),
        (
            {"net_days": "30", "month_day": ""},
            "Monthly: what is approved in a month is payable 30 days after its end.",
            "payable on 31 May.",
        ),
        (
            {"schedule": "WEEKLY", "weekday": "5"},
            "Weekly: what is approved in a week is payable when it has ended, on the next Friday.",
            "payable on 10 Apr.",
        ),
        (
            {"schedule": "AT_ONCE", "net_days": "1"},
            "Payable 1 day after it is approved.",
            "payable on 3 Apr.",
        ),
        (
            {"schedule": "ON_REQUEST", "automatic_minor_max": "50", "request_fee_minor": "1,50"},
            "Requests up to €50.00 go into the next batch without review. "
            "Each request costs them €1.50.",
            "they may ask for it from 2 Apr on.",
        ),
    ],
)
def test_terms_are_told_in_words_with_the_days_of_an_example(
    acme: Company, alice: Client, facts: dict[str, str], said: str, example: str
) -> None:
    page = words(create(alice, acme, **facts).content)

    assert said in page
    assert example in page


def test_the_form_says_the_same_while_it_is_typed(acme: Company, alice: Client) -> None:
    url = reverse("console:payout-terms-example", args=[acme.program.id])

    said = words(alice.get(url, {**MONTHLY, "minor_min": "25"}).content)
    nothing = words(alice.get(url, {"net_days": "x"}).content)

    assert "payable on 15 May." in said
    assert "Less than €25.00 is not paid yet: it carries over." in said
    assert "Fill in the rest, and it is said here in words." in nothing


def test_a_tier_and_an_affiliate_may_have_terms_of_their_own(
    acme: Company, alice: Client, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        tier = Tier.objects.create(merchant_id=acme.id, program=acme.program, name="Gold")

    create(alice, acme, scope="TIER", tier=str(tier.id))
    create(alice, acme, scope="ENROLLMENT", affiliate=bob.enrollment.code, net_days="7")

    assert [(row.tier_id, row.enrollment_id) for row in stored(acme)] == [
        (tier.id, None),
        (None, bob.enrollment.id),
    ]
    page = words(alice.get(PAGE).content)
    assert "Gold Tier Monthly: what is approved" in page
    assert "Bob Affiliate Monthly: what is approved in a month is payable 7 days after" in page


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"scope": "TIER"}, "Say which one."),
        ({"scope": "ENROLLMENT", "affiliate": "nobody"}, "No affiliate has this code"),
        ({"month_day": "29"}, "less than or equal to 28"),
        ({"net_days": "181"}, "less than or equal to 180"),
        ({"minor_min": "lots"}, "Write an amount in EUR"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    acme: Company, alice: Client, facts: dict[str, str], said: str
) -> None:
    answer = create(alice, acme, **facts)

    assert answer.status_code == 422
    assert said in words(answer.content)
    assert stored(acme) == []


def test_terms_that_are_there_are_changed_not_added(acme: Company, alice: Client) -> None:
    create(alice, acme)
    again = create(alice, acme)
    assert "There are terms for these already: change those." in words(again.content)

    url = reverse("console:payout-terms-edit", args=[stored(acme)[0].id])
    changed = {"schedule": "WEEKLY", "net_days": "3", "weekday": "1", "month_day": "15"}
    alice.post(url, changed)

    (terms,) = stored(acme)
    assert (terms.schedule, terms.net_days, terms.pay_day) == (Schedule.WEEKLY, 3, 1)


def test_removed_terms_let_the_wider_ones_hold(acme: Company, alice: Client) -> None:
    create(alice, acme)

    url = reverse("console:payout-terms-remove", args=[stored(acme)[0].id])
    page = words(alice.post(url, follow=True).content)

    assert "No terms were set, so this holds:" in page
    assert stored(acme) == []


def test_batches_can_prepare_themselves(acme: Company, alice: Client) -> None:
    url = reverse("console:payout-policy")

    alice.post(url, {"prepares_itself": "on"})

    with merchant_context(acme.id):
        assert policy_of(acme.id).prepares_itself
    alice.post(url)
    with merchant_context(acme.id):
        assert not policy_of(acme.id).prepares_itself


def test_an_owner_sets_what_one_member_may_approve_alone(acme: Company, alice: Client) -> None:
    url = reverse("console:approval-limit")

    page = words(alice.post(url, {"currency": "EUR", "amount": "500"}, follow=True).content)

    assert "EUR one member up to €500.00" in page
    alice.post(url, {"currency": "EUR", "amount": ""})
    with merchant_context(acme.id):
        assert ApprovalLimit.objects.get().amount_minor == 0


def test_a_limit_that_cannot_be_read_is_asked_for_again(acme: Company, alice: Client) -> None:
    url = reverse("console:approval-limit")

    bad = alice.post(url, {"currency": "EUR", "amount": "much"})
    unknown = alice.post(url, {"currency": "XXX", "amount": "5"})

    assert (bad.status_code, unknown.status_code) == (422, 404)
    assert "data-dialog-reopen" in bad.content.decode()


def test_finance_sees_the_limits_and_changes_none(acme: Company, sign_in: SignIn) -> None:
    finn = sign_in(add_member(acme, "Finn", Role.FINANCE).user)

    page = words(finn.get(PAGE).content)

    assert "nobody raises the limit that keeps them in check" in page
    assert 'action="/console/payouts/limits/"' not in finn.get(PAGE).content.decode()
