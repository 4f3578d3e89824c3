"""Budgets that pass an alert: an event and a mail, once; and whose rows are due at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from commissions import directory, tasks
from commissions.budget_mails import tell_of_budgets
from commissions.models import BudgetPeriod, BudgetScope, BudgetUse, GrantStatus, Reward
from commissions.services.budgets import BudgetDraft, create_budget
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell
from tests.commissions.standing import rule
from tests.grants import granted


@pytest.fixture
def spent(acme: Company, bob: Promoter) -> Company:
    """Return Acme, 10.00 of whose 12.00 a month for Bob are used."""
    sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    draft = BudgetDraft(
        BudgetScope.ENROLLMENT, BudgetPeriod.MONTH, limit_minor=1_200, enrollment=bob.enrollment
    )
    with merchant_context(acme.id):
        create_budget(program=acme.program, draft=draft, by=SYSTEM, at=NOON)
    return acme


def test_those_who_may_change_programs_hear_of_it_once(spent: Company) -> None:
    add_member(spent, "Mia", Role.MANAGER)
    add_member(spent, "Finn", Role.FINANCE)

    told = [tell_of_budgets(merchant_id=spent.id, at=NOON) for _ in range(2)]

    assert told == [1, 0]
    assert [letter.to for letter in mail.outbox] == [
        ["alice@acme.example"],
        ["mia@acme.example"],
    ]
    assert mail.outbox[0].subject == "Budget: 80 % used in Acme Partners"
    assert "Acme Partners, Bob (Month): €10.00 of €12.00 (the alert at 80 %)" in mail.outbox[0].body
    assert f"/console/programs/{spent.program.id}/budgets/" in mail.outbox[0].body
    with merchant_context(spent.id):
        assert Event.objects.filter(type="budget.reached").count() == 1


def test_a_mail_server_that_is_away_delays_the_mail_alone(
    spent: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_options: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        assert tell_of_budgets(merchant_id=spent.id, at=NOON) == 0

    assert directory.merchants_with_budgets_to_tell_of() == [spent.id]
    assert tell_of_budgets(merchant_id=spent.id, at=NOON) == 1
    assert len(mail.outbox) == 1
    with merchant_context(spent.id):
        assert Event.objects.filter(type="budget.reached").count() == 1
        assert BudgetUse.objects.get().mailed_bps == 8_000


def test_the_worker_finds_whose_rows_are_due(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    later = NOON + timedelta(days=40)
    with merchant_context(acme.id):
        granted(conversion)

    assert directory.merchants_with_grants_due(at=NOON) == []
    assert directory.merchants_with_grants_due(at=later) == [acme.id]
    assert directory.merchants_with_rules(Reward.FLAT) == []
    rule(acme, Reward.FLAT, fixed_minor=5, details={"period": "ONCE"})
    assert directory.merchants_with_rules(Reward.FLAT, Reward.BONUS) == [acme.id]


def test_every_task_runs(acme: Company, bob: Promoter) -> None:
    conversion = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    with merchant_context(acme.id):
        grant = granted(conversion)
    rule(acme, Reward.FLAT, fixed_minor=5, details={"period": "MONTH"})
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 5})
    rule(
        acme,
        Reward.BONUS,
        fixed_minor=5,
        details={"counts": "CONVERSIONS", "every": 1, "period": "ALL"},
    )

    for task in (
        tasks.give_bonuses,
        tasks.pay_flat_fees,
        tasks.pay_traffic,
        tasks.release_grants,
        tasks.tell_of_budgets,
    ):
        task()

    with merchant_context(acme.id):
        grant.refresh_from_db()
        assert grant.status == GrantStatus.DUE  # Its hold was over in 2026.
