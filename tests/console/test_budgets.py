"""Budgets, rewards that are no money, and what is done by hand, in the console."""

from datetime import timedelta

import pytest
from django.urls import reverse

from commissions.models import Budget, Commission, Grant, GrantStatus, Kind
from commissions.services.manual import add_line
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.conftest import SignIn
from tests.grants import granted

BUDGET = {
    "limit_minor": "500.00",
    "period": "MONTH",
    "scope": "PROGRAM",
    "strictness": "hard",
    "alert_bps": "80%, 100 %",
}


def test_a_budget_is_set_changed_and_ended(acme: Company, sign_in: SignIn) -> None:
    client = sign_in(acme.owner.user)
    tab = reverse("console:program-budgets", args=[acme.program.id])
    assert "No budget" in client.get(tab).content.decode()

    client.post(reverse("console:budget-create", args=[acme.program.id]), BUDGET)
    with merchant_context(acme.id):
        budget = Budget.objects.get()
    page = client.get(tab).content.decode()

    assert (budget.limit_minor, budget.is_hard, budget.alert_bps) == (50_000, True, [8_000, 10_000])
    assert "At most €500.00 a month" in page
    edit = reverse("console:budget-edit", args=[acme.program.id, budget.id])
    assert "80%, 100%" in client.get(edit).content.decode()
    client.post(edit, {"limit_minor": "750", "strictness": "soft", "alert_bps": ""})
    with merchant_context(acme.id):
        budget.refresh_from_db()
    assert (budget.limit_minor, budget.is_hard, budget.alert_bps) == (75_000, False, [])
    client.post(reverse("console:budget-end", args=[acme.program.id, budget.id]))
    assert "No budget" in client.get(tab).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limit_minor": ""}, "This field is required"),
        ({"limit_minor": "0"}, "The least is 0.01 EUR"),
        ({"limit_minor": "a lot"}, "Write an amount in EUR"),
        ({"alert_bps": "often"}, "Write percentages"),
        ({"alert_bps": "0%"}, "More than 0 %"),
        ({"scope": "ENROLLMENT", "affiliate": "nobody"}, "No affiliate has this code"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    acme: Company, sign_in: SignIn, changes: dict[str, str], said: str
) -> None:
    url = reverse("console:budget-create", args=[acme.program.id])

    answer = sign_in(acme.owner.user).post(url, BUDGET | changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    with merchant_context(acme.id):
        assert not Budget.objects.exists()


def test_rewards_are_listed_given_and_failed(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    client = sign_in(acme.owner.user)
    page = reverse("console:grants")
    assert "No reward yet" in client.get(page).content.decode()
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    with merchant_context(acme.id):
        grant = granted(conversion, status=GrantStatus.DUE)

    shown = client.get(page).content.decode()
    client.post(reverse("console:grant-failed", args=[grant.id]), {"reason": "No such account"})
    failed = client.get(page).content.decode()
    client.post(reverse("console:grant-retry", args=[grant.id]))
    client.post(reverse("console:grant-given", args=[grant.id]))

    assert "2 free months" in shown
    assert "No such account" in failed
    with merchant_context(acme.id):
        assert Grant.objects.get().status == GrantStatus.GIVEN


def test_a_line_by_hand_and_a_debt_written_off(
    acme: Company, bob: Promoter, sign_in: SignIn
) -> None:
    client = sign_in(acme.owner.user)
    page = reverse("console:affiliate", args=[bob.enrollment.id])
    written = reverse("console:line-create", args=[bob.enrollment.id])

    client.post(written, {"amount_minor": "-12.50", "reason": "Paid twice"})
    client.post(written, {"amount_minor": "0", "reason": "Nothing"})
    client.post(written, {"amount_minor": "5", "reason": ""})
    owing = client.get(page).content.decode()
    for _twice in range(2):
        client.post(reverse("console:debt-write-off", args=[bob.enrollment.id]), {"reason": "Gone"})

    assert "€12.50 that they owe you is given up" in owing
    with merchant_context(acme.id):
        lines = Commission.objects.order_by("created_at").values_list("kind", "amount_minor")
        assert list(lines) == [(Kind.MANUAL, -1_250), (Kind.WRITE_OFF, 1_250)]
    assert "they owe you" not in client.get(page).content.decode()


def test_the_burn_down_is_drawn(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    client = sign_in(acme.owner.user)
    client.post(
        reverse("console:budget-create", args=[acme.program.id]), BUDGET | {"period": "ALL"}
    )
    with merchant_context(acme.id):
        enrollment = bob.enrollment
        add_line(enrollment=enrollment, amount_minor=12_345, reason="R", by=SYSTEM, at=NOON)

    page = client.get(reverse("console:program-budgets", args=[acme.program.id])).content.decode()

    assert "€123.45 of €500.00" in page
    assert "Used so far, by day" in page
