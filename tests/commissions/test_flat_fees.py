"""Flat fees: once, or each month in full; the numbers of docs/other-earnings.md."""

from datetime import UTC, datetime, timedelta
from typing import Any

from affiliates.models import Enrollment, Status
from commissions.models import Level, Reward
from commissions.services.flat_fees import pay_flat_fees
from merchants.tenancy import merchant_context
from programs.models import Tier
from tests.cast import Company, Promoter, make_promoter
from tests.commissions.standing import MARCH, lines, rule, work

MONTHLY: dict[str, Any] = {"fixed_minor": 15_000, "details": {"period": "MONTH"}}
ONCE: dict[str, Any] = {"fixed_minor": 2_000, "details": {"period": "ONCE"}}
FEBRUARY = MARCH - timedelta(days=20)


def be(promoter: Promoter, status: Status, since: datetime) -> None:
    """Let an enrollment have been in a status since a moment."""
    row = promoter.enrollment
    with merchant_context(row.merchant_id):
        Enrollment.objects.filter(id=row.id).update(status=status, status_changed_at=since)


def on(day: int, month: int = 3) -> datetime:
    """Return a morning of 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


def test_the_worked_example(acme: Company, bob: Promoter) -> None:
    carol, dora = make_promoter(acme, "Carla"), make_promoter(acme, "Dora")
    be(bob, Status.APPROVED, FEBRUARY)
    be(carol, Status.APPLIED, FEBRUARY)
    be(dora, Status.SUSPENDED, FEBRUARY)
    rule(acme, Reward.FLAT, **MONTHLY)

    for day in (1, 2, 31):
        if day == 31:
            be(carol, Status.APPROVED, on(20))
        work(acme, pay_flat_fees, on(day))
    march = [lines(acme, one) for one in (bob, carol, dora)]
    work(acme, pay_flat_fees, on(1, 4))
    be(dora, Status.APPROVED, on(3, 4))
    work(acme, pay_flat_fees, on(4, 4))

    assert march == [[15_000], [15_000], []]
    assert [lines(acme, one) for one in (bob, carol, dora)] == [
        [15_000] * 2,
        [15_000] * 2,
        [15_000],
    ]
    assert lines(acme, carol, lambda row: (row.earned_at, row.hold_until - row.earned_at)) == [
        (on(20), timedelta(days=30)),
        (datetime(2026, 4, 1, tzinfo=UTC), timedelta(days=30)),
    ]


def test_a_month_is_made_up_for_after_a_standstill(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    be(bob, Status.APPROVED, FEBRUARY)
    be(carol, Status.APPROVED, on(2, 5))
    rule(acme, Reward.FLAT, **MONTHLY)
    work(acme, pay_flat_fees, on(1))

    work(acme, pay_flat_fees, on(3, 5))

    assert lines(acme, bob, lambda row: row.event_ref[-7:]) == ["2026-03", "2026-04", "2026-05"]
    assert lines(acme, carol, lambda row: row.event_ref[-7:]) == ["2026-05"]


def test_once_is_for_who_is_approved_from_then_on(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    be(bob, Status.APPROVED, FEBRUARY)
    be(carol, Status.APPROVED, on(5))
    rule(acme, Reward.FLAT, **ONCE)
    rule(
        acme,
        Reward.FLAT,
        **ONCE | {"fixed_minor": 77},
        level=Level.ENROLLMENT,
        enrollment=bob.enrollment,
    )

    for day in (6, 7):
        work(acme, pay_flat_fees, on(day))
    be(carol, Status.APPROVED, on(8))
    work(acme, pay_flat_fees, on(9, 4))

    assert (lines(acme, bob), lines(acme, carol)) == ([77], [2_000])


def test_a_new_tier_pays_from_the_next_month_on(acme: Company, bob: Promoter) -> None:
    be(bob, Status.APPROVED, FEBRUARY)
    rule(acme, Reward.FLAT, **MONTHLY)
    with merchant_context(acme.id):
        gold = Tier.objects.create(merchant_id=acme.id, program=acme.program, name="Gold")
    rule(acme, Reward.FLAT, **MONTHLY | {"fixed_minor": 30_000}, level=Level.TIER, tier=gold)
    work(acme, pay_flat_fees, on(2))
    with merchant_context(acme.id):
        Enrollment.objects.filter(id=bob.enrollment.id).update(tier=gold)

    work(acme, pay_flat_fees, on(16))
    work(acme, pay_flat_fees, on(1, 4))

    assert lines(acme, bob) == [15_000, 30_000]


def test_programs_for_tests_never_reach_money(acme: Company, bob: Promoter) -> None:
    be(bob, Status.APPROVED, FEBRUARY)
    rule(acme, Reward.FLAT, **MONTHLY)
    with merchant_context(acme.id):
        acme.program.is_test = True
        acme.program.save(update_fields=["is_test"])

    work(acme, pay_flat_fees, on(2))

    assert lines(acme, bob) == []
