"""Lines by hand: approved at once, with a reason, counted by budgets but not cut."""

import pytest

from affiliates.models import Enrollment
from commissions.models import Budget, BudgetUse, Commission, Kind, Status
from commissions.services.manual import add_line
from common.refusals import BadValue
from ledger.selectors import balances
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter


def by_hand(promoter: Promoter, minor: int, reason: str = "Thank you") -> Commission:
    """Write a line by hand; the books must hold."""
    merchant_id = promoter.enrollment.merchant_id
    with merchant_context(merchant_id):
        enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        line = add_line(
            enrollment=enrollment, amount_minor=minor, reason=reason, by=SYSTEM, at=NOON
        )
        assert check_money(merchant_id) == []
    return line


@pytest.mark.parametrize("minor", [1, 5_000, -5_000])
def test_a_line_is_approved_at_once(acme: Company, bob: Promoter, minor: int) -> None:
    line = by_hand(bob, minor, "  Thank you ")

    assert (line.kind, line.status, line.amount_minor) == (Kind.MANUAL, Status.APPROVED, minor)
    assert (line.status_reason, line.currency) == ("Thank you", "EUR")
    with merchant_context(acme.id):
        [balance] = balances(merchant_id=acme.id)
        assert (balance["payable_minor"], balance["pending_minor"]) == (minor, 0)
        assert Event.objects.get(type="commission.created").data["kind"] == "MANUAL"


def test_two_lines_are_two(acme: Company, bob: Promoter) -> None:
    by_hand(bob, 100)
    by_hand(bob, 100)

    with merchant_context(acme.id):
        assert Commission.objects.filter(kind=Kind.MANUAL).count() == 2


def test_budgets_count_but_do_not_cut(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        Budget.objects.create(
            merchant_id=acme.id,
            program=acme.program,
            scope="PROGRAM",
            period="ALL",
            limit_minor=100,
            is_hard=True,
        )

    assert by_hand(bob, 500).amount_minor == 500
    by_hand(bob, -200)

    with merchant_context(acme.id):
        assert BudgetUse.objects.get().used_minor == 300


@pytest.mark.parametrize(
    ("minor", "reason", "field"),
    [
        (0, "x", "amount_minor"),
        (10**15 + 1, "x", "amount_minor"),
        (-(10**15) - 1, "x", "amount_minor"),
        (1, "  ", "reason"),
        (1, "x" * 501, "reason"),
    ],
)
def test_refuses_what_cannot_be(
    acme: Company, bob: Promoter, minor: int, reason: str, field: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        by_hand(bob, minor, reason)

    assert refusal.value.field == field
    with merchant_context(acme.id):
        assert not Commission.objects.exists()


def test_a_program_for_tests_never_reaches_money(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        acme.program.is_test = True
        acme.program.save(update_fields=["is_test"])

    with pytest.raises(BadValue) as refusal:
        by_hand(bob, 100)

    assert refusal.value.code == "for_tests"
