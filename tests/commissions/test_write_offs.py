"""Write-offs: exactly the debt, once, out of an account of its own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.db.models import Sum

from affiliates.models import Enrollment
from commissions.models import Commission, Kind, Status
from commissions.services.manual import add_line
from commissions.services.write_offs import NoDebt, debt_of, write_off
from common.refusals import BadValue
from ledger.models import AccountKind, Posting
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter


def owe(promoter: Promoter, minor: int) -> Enrollment:
    """Let a promoter owe so much; return its enrollment."""
    with merchant_context(promoter.enrollment.merchant_id):
        row = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        add_line(enrollment=row, amount_minor=-minor, reason="Refunded", by=SYSTEM, at=NOON)
    return row


def accounts(company: Company) -> dict[str, int]:
    """Return the balances of the merchant's accounts."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        rows = Posting.objects.filter(merchant_id=company.id).values_list("account__kind")
        return dict(rows.annotate(total=Sum("amount_minor")))


def test_the_worked_example(acme: Company, bob: Promoter) -> None:
    enrollment = owe(bob, 1_000)

    with merchant_context(acme.id):
        before = debt_of(acme.id, enrollment.id)
        line = write_off(enrollment=enrollment, reason="Gone", by=SYSTEM, at=NOON)
        after = debt_of(acme.id, enrollment.id)

    assert (before, after) == (1_000, 0)
    assert (line.kind, line.status, line.amount_minor) == (Kind.WRITE_OFF, Status.APPROVED, 1_000)
    assert accounts(acme) == {
        AccountKind.COMMISSION_EXPENSE: 1_000,
        AccountKind.PAYABLE: 0,
        AccountKind.WRITE_OFF: -1_000,
    }


@pytest.mark.parametrize("minor", [0, 500])
def test_without_a_debt_there_is_nothing_to_write_off(
    acme: Company, bob: Promoter, minor: int
) -> None:
    enrollment = owe(bob, -minor) if minor else None
    with merchant_context(acme.id):
        row = enrollment or Enrollment.objects.select_related("program").get(id=bob.enrollment.id)

        with pytest.raises(NoDebt):
            write_off(enrollment=row, reason="Gone", by=SYSTEM, at=NOON)

        assert not Commission.objects.filter(kind=Kind.WRITE_OFF).exists()


def test_a_reason_is_needed(acme: Company, bob: Promoter) -> None:
    enrollment = owe(bob, 10)

    with merchant_context(acme.id), pytest.raises(BadValue, match="why"):
        write_off(enrollment=enrollment, reason=" ", by=SYSTEM, at=NOON)


def test_of_two_at_once_the_second_finds_no_debt(acme: Company, bob: Promoter) -> None:
    enrollment = owe(bob, 1_000)

    def attempt(_number: int) -> bool:
        try:
            with merchant_context(acme.id):
                write_off(enrollment=enrollment, reason="Gone", by=SYSTEM, at=NOON)
        except NoDebt:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        succeeded = list(pool.map(attempt, range(4)))

    assert sorted(succeeded) == [False, False, False, True]
    assert accounts(acme)[AccountKind.WRITE_OFF] == -1_000
