"""Budgets: exact when hard, warning when soft; the numbers of docs/other-earnings.md."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections

from commissions.budgets import Cut, cut, give_back, trace_of_budget
from commissions.models import (
    Budget,
    BudgetPeriod,
    BudgetScope,
    BudgetUse,
    Commission,
    Kind,
)
from commissions.periods import period_end, period_start
from commissions.services import process_conversions
from commissions.services.budgets import (
    BudgetDraft,
    archive_budget,
    create_budget,
    give_alerts,
    update_budget,
    uses_to_tell_of,
)
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.facts import SALE_AT, sale
from tracking.models import Conversion
from tracking.services import record_conversions

MARCH = datetime.fromisoformat("2026-03-04T10:00:00+00:00")
APRIL = datetime.fromisoformat("2026-04-01T00:00:00+00:00")


def budget(company: Company, limit_minor: int, **facts: object) -> Budget:
    """Set a budget; hard, of the program and the month unless said otherwise."""
    said = {"scope": BudgetScope.PROGRAM, "period": BudgetPeriod.MONTH, "is_hard": True, **facts}
    with merchant_context(company.id):
        draft = BudgetDraft(limit_minor=limit_minor, **said)
        return create_budget(program=company.program, draft=draft, by=SYSTEM, at=MARCH)


def line(promoter: Promoter, minor: int, *, at: datetime = MARCH, kind: Kind = Kind.EARNING):
    """Return a line that is not stored."""
    row = promoter.enrollment
    return Commission(
        merchant_id=row.merchant_id,
        program_id=row.program_id,
        enrollment_id=row.id,
        affiliate_id=row.affiliate_id,
        kind=kind,
        amount_minor=minor,
        earned_at=at,
    )


def spend(company: Company, *lines: Commission) -> list[int]:
    """Return what budgets leave of lines, and count it."""
    with merchant_context(company.id):
        return [one.amount_minor for one in cut(company.id, lines, lock=True)]


def used(company: Company) -> dict[str, int]:
    """Return what is used, by what is counted and the month."""
    with merchant_context(company.id):
        return {
            f"{row.counted[:8]} {row.period_start:%Y-%m}".strip(): row.used_minor
            for row in BudgetUse.objects.filter(merchant_id=company.id)
        }


def test_the_worked_example(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    budget(acme, 2_500)

    first = spend(acme, line(bob, 1_000), line(carol, 1_000))
    then = spend(acme, line(bob, 800)) + spend(acme, line(bob, 100))
    with merchant_context(acme.id):
        give_back(acme.id, [(line(carol, 1_000), 1_000)])
    free = spend(acme, line(bob, 400))
    april = spend(acme, line(bob, 1_000, at=APRIL))

    assert (first, then, free, april) == ([1_000, 1_000], [500, 0], [400], [1_000])
    assert used(acme) == {"2026-03": 1_900, "2026-04": 1_000}


def test_what_was_cut_off_is_named(acme: Company, bob: Promoter) -> None:
    row = budget(acme, 2_500)
    spend(acme, line(bob, 2_000))

    with merchant_context(acme.id):
        found = cut(acme.id, [line(bob, 800)], lock=False)[0]

    assert trace_of_budget(found.findings[0]) == {
        "budget": str(row.id),
        "scope": "PROGRAM",
        "counted": "",
        "period": "MONTH",
        "period_start": "2026-03-01T00:00:00+00:00",
        "limit_minor": 2_500,
        "used_minor": 2_000,
        "wanted_minor": 800,
        "cut_minor": 300,
        "is_hard": True,
        "is_exceeded": True,
    }
    assert used(acme) == {"2026-03": 2_000}  # Without the lock nothing is counted.


def test_without_budgets_nothing_is_asked(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        assert cut(acme.id, [line(bob, 5)], lock=True) == [Cut(5)]
        assert not BudgetUse.objects.exists()


def test_each_affiliate_by_itself_or_one(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    budget(acme, 500, scope=BudgetScope.ENROLLMENT)
    budget(acme, 300, scope=BudgetScope.ENROLLMENT, enrollment=carol.enrollment)

    assert spend(acme, line(bob, 600), line(carol, 600), line(bob, 1)) == [500, 300, 0]


def test_the_least_that_is_left_decides(acme: Company, bob: Promoter) -> None:
    budget(acme, 1_000)
    budget(acme, 400, period=BudgetPeriod.DAY)
    budget(acme, 100, is_hard=False)

    assert spend(acme, line(bob, 700)) == [400]
    assert spend(acme, line(bob, 700, at=MARCH + timedelta(days=1))) == [400]
    assert spend(acme, line(bob, 700, at=MARCH + timedelta(days=2))) == [200]


def test_lines_by_hand_are_counted_but_never_cut(acme: Company, bob: Promoter) -> None:
    budget(acme, 500)

    kinds = [Kind.MANUAL, Kind.WRITE_OFF, Kind.BONUS]
    left = spend(acme, *(line(bob, 600, kind=kind) for kind in kinds))

    assert left == [600, 600, 0]
    assert used(acme) == {"2026-03": 600}


def test_a_negative_line_frees_what_it_takes_back(acme: Company, bob: Promoter) -> None:
    budget(acme, 500)

    left = spend(acme, line(bob, 500), line(bob, -200, kind=Kind.ADJUSTMENT), line(bob, 300))

    assert left == [500, -200, 200]


def test_what_the_period_has_already_counts(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), at=NOON + timedelta(hours=1))
    budget(acme, 800)

    assert used(acme) == {"2026-03": 1_000}
    assert spend(acme, line(bob, 1)) == [0]


def test_many_at_once_spend_exactly_the_limit(acme: Company, bob: Promoter) -> None:
    budget(acme, 1_000)
    budget(acme, 5_000, scope=BudgetScope.ENROLLMENT)
    workers, gate = 8, Barrier(8)

    def work(_number: int) -> int:
        try:
            gate.wait()
            return sum(sum(spend(acme, line(bob, 70), line(bob, 1))) for _round in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        spent = list(pool.map(work, range(workers)))

    assert sum(spent) == 1_000
    assert sorted(used(acme).values()) == [1_000, 1_000]


def test_conversions_decided_at_once_cost_exactly_the_limit(acme: Company, bob: Promoter) -> None:
    budget(acme, 4_500)
    with merchant_context(acme.id):
        record_conversions(
            merchant_id=acme.id,
            reports=[
                (acme.program, sale(f"o-{number}", click_token=click_of(bob)))
                for number in range(12)
            ],
            by=SYSTEM,
            at=SALE_AT,
        )

    def decide(_number: int) -> None:
        try:
            while process_conversions(merchant_id=acme.id, at=SALE_AT, limit=3):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, range(4)))

    with merchant_context(acme.id):
        amounts = Commission.objects.values_list("amount_minor", flat=True)
        assert sorted(amounts) == [500, 1_000, 1_000, 1_000, 1_000]
        cut_off = Conversion.objects.filter(trace__has_key="budgets")
        assert cut_off.count() == 8
        assert check_money(acme.id) == []


def told(company: Company) -> list[tuple[int, int]]:
    """Give the alerts that are due; return those that ever were, with what was used."""
    with merchant_context(company.id):
        uses = uses_to_tell_of(BudgetUse.objects.filter(merchant_id=company.id))
        give_alerts(company.id, list(uses), at=MARCH)
        events = Event.objects.filter(type="budget.reached").order_by("id")
        return [(event.data["alert_bps"], event.data["used_minor"]) for event in events]


def test_alerts_are_given_once_each(acme: Company, bob: Promoter) -> None:
    budget(acme, 1_000, is_hard=False, alert_bps=[10_000, 5_000, 8_000])

    seen = []
    for minor in (499, 1, 10, 290, 300, -500, 500):
        spend(acme, line(bob, minor))
        seen.append(told(acme)[-1:] or None)

    half, most, all_of_it = [(5_000, 500)], [(8_000, 800)], [(10_000, 1_100)]
    assert seen == [None, half, half, most, all_of_it, all_of_it, all_of_it]
    assert len(told(acme)) == 3


def test_a_higher_limit_warns_again(acme: Company, bob: Promoter) -> None:
    row = budget(acme, 1_000)
    spend(acme, line(bob, 1_000))
    told(acme)

    with merchant_context(acme.id):
        update_budget(
            budget=row, limit_minor=2_000, is_hard=True, alert_bps=[8_000], by=SYSTEM, at=MARCH
        )
    assert spend(acme, line(bob, 700)) == [700]

    assert told(acme) == [(10_000, 1_000), (8_000, 1_700)]


def test_an_archived_budget_limits_no_more(acme: Company, bob: Promoter) -> None:
    row = budget(acme, 10)
    with merchant_context(acme.id):
        archive_budget(budget=row, by=SYSTEM, at=MARCH)
        archive_budget(budget=row, by=SYSTEM, at=MARCH)
        assert Event.objects.filter(type="program.budget_archived").count() == 1

    assert spend(acme, line(bob, 1_000)) == [1_000]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"limit_minor": 0}, "limit_minor"),
        ({"limit_minor": 10**15 + 1}, "limit_minor"),
        ({"alert_bps": [0]}, "alert_bps"),
        ({"alert_bps": [10_001]}, "alert_bps"),
        ({"alert_bps": [1, 2, 3, 4, 5, 6]}, "alert_bps"),
        ({"period": "FORTNIGHT"}, "period"),
        ({"scope": "GALAXY"}, "scope"),
    ],
)
def test_refuses_what_cannot_be(acme: Company, facts: dict[str, object], field: str) -> None:
    said = {"limit_minor": 100, **facts}

    with pytest.raises(BadValue) as refusal:
        budget(acme, **said)

    assert refusal.value.field == field
    with merchant_context(acme.id):
        assert not Budget.objects.exists()


def test_names_only_an_affiliate_of_the_program(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter
) -> None:
    for scope, promoter, code in (
        (BudgetScope.PROGRAM, bob, "not_the_scope"),
        (BudgetScope.ENROLLMENT, carol, "other_program"),
    ):
        with pytest.raises(BadValue) as refusal:
            budget(acme, 100, scope=scope, enrollment=promoter.enrollment)
        assert (refusal.value.field, refusal.value.code) == ("enrollment", code)


@pytest.mark.parametrize(
    ("period", "at", "start", "end"),
    [
        ("DAY", "2026-03-29T01:30:00+01:00", "2026-03-29", "2026-03-30"),
        ("DAY", "2026-03-29T00:30:00+01:00", "2026-03-28", "2026-03-29"),
        ("WEEK", "2026-01-01T00:00:00+00:00", "2025-12-29", "2026-01-05"),
        ("MONTH", "2026-01-31T23:59:59+00:00", "2026-01-01", "2026-02-01"),
        ("MONTH", "2028-02-29T12:00:00+00:00", "2028-02-01", "2028-03-01"),
        ("QUARTER", "2026-12-31T12:00:00+00:00", "2026-10-01", "2027-01-01"),
        ("YEAR", "2028-12-31T12:00:00+00:00", "2028-01-01", "2029-01-01"),
    ],
)
def test_periods_are_the_calendars_in_utc(period: str, at: str, start: str, end: str) -> None:
    moment = datetime.fromisoformat(at)

    assert period_start(period, moment).isoformat() == f"{start}T00:00:00+00:00"
    assert f"{period_end(period, moment):%Y-%m-%d}" == end


def test_all_time_never_ends() -> None:
    assert (period_start("ALL", MARCH).year, period_end("ALL", MARCH)) == (1970, None)


def test_another_merchants_budgets_are_not_asked(
    acme: Company, globex: Company, carol: Promoter
) -> None:
    budget(acme, 1)

    assert spend(globex, line(carol, 1_000)) == [1_000]


def test_a_budget_that_has_ended_is_not_changed(acme: Company) -> None:
    ended = budget(acme, 1_000)
    with merchant_context(acme.id):
        archive_budget(budget=ended, by=SYSTEM, at=MARCH)

        with pytest.raises(IllegalMove):
            update_budget(
                budget=ended, limit_minor=5, is_hard=False, alert_bps=[], by=SYSTEM, at=MARCH
            )

        assert Budget.objects.get().limit_minor == 1_000
