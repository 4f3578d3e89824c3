"""Bonuses at milestones of approved conversions; the numbers of docs/other-earnings.md."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commissions.models import Reward
from commissions.services import approve_due
from commissions.services.bonuses import give_bonuses, milestones
from merchants.tenancy import merchant_context
from tests.cast import Company, Promoter, click_of, make_promoter, sell
from tests.commissions.standing import MARCH, lines, rule, work
from tracking.models import Conversion, ConversionStatus, Credit, Customer, Refund

EVERY_TENTH: dict[str, Any] = {
    "fixed_minor": 2_500,
    "details": {"counts": "CONVERSIONS", "every": 10, "period": "MONTH"},
}


def approved(
    company: Company,
    promoter: Promoter,
    count: int,
    *,
    amount_minor: int = 10_000,
    happened: datetime = MARCH + timedelta(days=4),
    at: datetime = MARCH + timedelta(days=10),
    customer: Customer | None = None,
    goal: str = "sale",
) -> list[Conversion]:
    """Store conversions that are approved and credited to a promoter."""
    row = promoter.enrollment
    with merchant_context(company.id):
        conversions = Conversion.objects.bulk_create(
            Conversion(
                merchant_id=company.id,
                program=company.program,
                goal=company.program.goals.get(code=goal),
                external_id=f"{happened:%m%d}-{at.timestamp()}-{number}-{promoter.user.name}",
                amount_minor=amount_minor,
                currency="EUR",
                occurred_at=happened,
                status=ConversionStatus.APPROVED,
                status_changed_at=at,
                attributed_at=at,
                customer=customer,
            )
            for number in range(count)
        )
        Credit.objects.bulk_create(
            Credit(
                merchant_id=company.id,
                conversion=conversion,
                enrollment=row,
                affiliate_id=row.affiliate_id,
                share_ppm=1_000_000,
                amount_minor=amount_minor,
            )
            for conversion in conversions
        )
    return conversions


def refund(conversion: Conversion, minor: int) -> None:
    """Store a refund."""
    with merchant_context(conversion.merchant_id):
        Refund.objects.create(
            merchant_id=conversion.merchant_id,
            conversion=conversion,
            external_id=f"r-{conversion.id}",
            amount_minor=minor,
            occurred_at=conversion.occurred_at,
            applied_at=conversion.occurred_at,
        )


def test_the_worked_example(acme: Company, bob: Promoter) -> None:
    version = rule(acme, Reward.BONUS, **EVERY_TENTH)
    seen = []

    def look(at: datetime) -> None:
        work(acme, give_bonuses, at)
        seen.append(len(lines(acme, bob)))

    first = approved(acme, bob, 9)
    look(MARCH + timedelta(days=10))
    approved(acme, bob, 1, at=MARCH + timedelta(days=11))
    look(MARCH + timedelta(days=11))
    look(MARCH + timedelta(days=11))
    approved(acme, bob, 9, at=MARCH + timedelta(days=12))
    look(MARCH + timedelta(days=12))
    approved(acme, bob, 12, at=MARCH + timedelta(days=40))
    look(MARCH + timedelta(days=40))
    for conversion in first[:2]:
        refund(conversion, 10_000)
    look(MARCH + timedelta(days=41))
    approved(acme, bob, 10, at=MARCH + timedelta(days=42))  # 39 of them now.
    look(MARCH + timedelta(days=42))
    approved(acme, bob, 2, at=MARCH + timedelta(days=43))
    look(MARCH + timedelta(days=43))

    assert seen == [0, 1, 1, 1, 3, 3, 3, 4]
    assert lines(acme, bob, lambda row: (row.event_ref, row.amount_minor)) == [
        (f"bonus:{version.rule_id}:2026-03-01:{number}", 2_500) for number in (1, 2, 3, 4)
    ]


def test_months_are_counted_by_themselves(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.BONUS, **EVERY_TENTH)
    approved(acme, bob, 9)
    approved(acme, bob, 9, happened=datetime(2026, 4, 1, tzinfo=UTC))

    work(acme, give_bonuses, MARCH + timedelta(days=40))

    assert lines(acme, bob) == []


@pytest.mark.parametrize(("minor", "expected"), [(99_999, 0), (100_000, 1), (500_000, 1)])
def test_once_at_an_amount(acme: Company, bob: Promoter, minor: int, expected: int) -> None:
    details = {"counts": "AMOUNT", "at": 100_000, "period": "ALL"}
    rule(acme, Reward.BONUS, fixed_minor=5_000, details=details)
    approved(acme, bob, 1, amount_minor=minor + 100)
    approved(acme, bob, 1, amount_minor=900, at=MARCH + timedelta(days=9))
    with merchant_context(acme.id):
        small, large = Conversion.objects.order_by("amount_minor")
    refund(large, 100)
    refund(small, 900)

    for _twice in range(2):
        work(acme, give_bonuses, MARCH + timedelta(days=20))

    assert lines(acme, bob) == [5_000] * expected


def test_new_customers_are_those_whose_first_it_was(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    details = {"counts": "NEW_CUSTOMERS", "every": 1, "period": "MONTH"}
    rule(acme, Reward.BONUS, fixed_minor=300, details=details)
    with merchant_context(acme.id):
        known, new = (
            Customer.objects.create(merchant_id=acme.id, external_id=name, first_seen_at=MARCH)
            for name in "ab"
        )
    approved(acme, carol, 1, customer=known, happened=MARCH - timedelta(days=9))
    approved(acme, bob, 1, customer=known)
    approved(acme, bob, 2, customer=new, at=MARCH + timedelta(days=9))
    approved(acme, bob, 1, at=MARCH + timedelta(days=8))

    work(acme, give_bonuses, MARCH + timedelta(days=20))

    assert (lines(acme, bob), lines(acme, carol)) == ([300], [])


def test_one_goal_alone_may_be_counted(acme: Company, bob: Promoter) -> None:
    for code, minor in (("lead", 1), ("sale", 2), ("nothing_of_ours", 3)):
        details = {"counts": "CONVERSIONS", "at": 1, "period": "ALL", "goal": code}
        rule(acme, Reward.BONUS, fixed_minor=minor, details=details)
    approved(acme, bob, 1)

    work(acme, give_bonuses, MARCH + timedelta(days=20))

    assert lines(acme, bob) == [2]


def test_a_bonus_is_approved_at_the_next_sweep(acme: Company, bob: Promoter) -> None:
    at = MARCH + timedelta(days=10)
    rule(acme, Reward.BONUS, **EVERY_TENTH)
    approved(acme, bob, 10)

    work(acme, give_bonuses, at)
    waiting = lines(acme, bob, lambda row: row.status)
    work(acme, approve_due, at)

    assert (waiting, lines(acme, bob, lambda row: row.status)) == (["PENDING"], ["APPROVED"])


def test_what_waits_is_no_part_of_a_milestone(acme: Company, bob: Promoter) -> None:
    rule(
        acme,
        Reward.BONUS,
        fixed_minor=5,
        details={"counts": "CONVERSIONS", "every": 1, "period": "ALL"},
    )
    sell(acme, click=click_of(bob))

    work(acme, give_bonuses, MARCH + timedelta(days=20))
    early = lines(acme, bob)
    work(acme, approve_due, MARCH + timedelta(days=60))
    work(acme, give_bonuses, MARCH + timedelta(days=60))

    assert (early, lines(acme, bob)) == ([], [5])


@pytest.mark.parametrize(
    ("details", "count", "expected"),
    [({"every": 10}, 9, 0), ({"every": 10}, 31, 3), ({"at": 5}, 4, 0), ({"at": 5}, 50, 1)],
)
def test_milestones_are_counted(details: dict[str, int], count: int, expected: int) -> None:
    assert milestones(details, count) == expected
