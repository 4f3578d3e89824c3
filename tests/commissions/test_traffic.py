"""Clicks and impressions: one line a day, no fraction lost; the numbers of the page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from commissions.carry import due_minor, line_minor
from commissions.models import (
    Budget,
    Commission,
    Level,
    Reward,
    Status,
    TrafficDay,
)
from commissions.services.lines import CUT_SUFFIX
from commissions.services.traffic import pay_traffic
from merchants.tenancy import merchant_context
from reports.models import DailyClicks, DailyImpressions
from tests.cast import Company, Promoter, make_company, make_promoter
from tests.commissions.standing import MARCH, lines, reword, rule, work

CPC = {"details": {"rate_e5": 333}}


def clicks(promoter: Promoter, day: int, credited: int, *, month: int = 3) -> None:
    """Let a link have had so many clicks that may earn on a day of 2026."""
    row = promoter.enrollment
    with merchant_context(row.merchant_id):
        DailyClicks.objects.update_or_create(
            merchant_id=row.merchant_id,
            day=date(2026, month, day),
            link_id=promoter.link.id,
            defaults={
                "program_id": row.program_id,
                "enrollment_id": row.id,
                "affiliate_id": row.affiliate_id,
                "clicks": credited * 2,
                "human": credited,
                "credited": credited,
            },
        )


def night_after(day: int, month: int = 3) -> datetime:
    """Return the moment at which a day of 2026 has just closed."""
    return datetime(2026, month, day, 0, 20, tzinfo=UTC) + timedelta(days=1)


def test_the_worked_example(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, **CPC)
    seen = []

    for day, figures in enumerate(
        ({1: 1}, {2: 1}, {3: 1}, {4: 1_000}, {1: 501}, {6: 500}), start=1
    ):
        for of_day, credited in figures.items():
            clicks(bob, of_day, credited)
        before = sum(lines(acme, bob))
        work(acme, pay_traffic, night_after(day))
        seen.append(sum(lines(acme, bob)) - before)

    assert seen == [0, 1, 0, 333, 166, 167]
    assert sum(lines(acme, bob)) == 667
    assert lines(acme, bob, lambda row: (row.earned_at.day, row.status, row.kind)) == [
        (day, "PENDING", "TRAFFIC") for day in (2, 4, 5, 6)
    ]


def test_the_day_is_closed_a_quarter_past_midnight(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    clicks(bob, 1, 1)
    clicks(bob, 2, 1)

    work(acme, pay_traffic, datetime(2026, 3, 2, 0, 14, tzinfo=UTC))
    early = lines(acme, bob)
    work(acme, pay_traffic, datetime(2026, 3, 2, 0, 15, tzinfo=UTC))
    work(acme, pay_traffic, datetime(2026, 3, 2, 23, 0, tzinfo=UTC))

    assert (early, lines(acme, bob)) == ([], [100])


def test_a_standstill_is_made_up_for_day_by_day(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, **CPC)
    for day in (1, 2, 3):
        clicks(bob, day, 1)
    clicks(bob, 4, 1_000)

    work(acme, pay_traffic, night_after(5))

    assert lines(acme, bob, lambda row: (row.earned_at.day, row.amount_minor)) == [(2, 1), (4, 333)]


def test_a_month_that_is_over_gets_a_correction(acme: Company, bob: Promoter) -> None:
    version = rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    clicks(bob, 31, 10)
    work(acme, pay_traffic, night_after(31))

    clicks(bob, 31, 13)
    work(acme, pay_traffic, night_after(1, month=4))
    clicks(bob, 31, 12)
    work(acme, pay_traffic, night_after(2, month=4))

    prefix = f"traffic:{version.rule_id}:2026-03-31"
    assert lines(acme, bob, lambda row: (row.event_ref, row.amount_minor)) == [
        (prefix, 1_000),
        (f"{prefix}:2", 300),
        (f"{prefix}:3", -100),
    ]


def test_a_link_that_turns_up_late_is_paid(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    work(acme, pay_traffic, night_after(3))

    clicks(bob, 2, 5)
    work(acme, pay_traffic, night_after(4))

    assert lines(acme, bob) == [500]


def test_a_rate_counts_from_the_first_midnight_after_it_was_set(
    acme: Company, bob: Promoter
) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    version = rule(acme, Reward.PER_CLICK, since=MARCH, details={"rate_e5": 100_000})
    with merchant_context(acme.id):
        reword(version.rule, Reward.PER_CLICK, noon, {"details": {"rate_e5": 50_000}})
    for day in (1, 2, 3):
        clicks(bob, day, 1)

    work(acme, pay_traffic, night_after(3))

    assert lines(acme, bob) == [100, 100, 50]


def test_one_links_rule_pays_for_its_clicks(acme: Company, bob: Promoter) -> None:
    carol = make_promoter(acme, "Carla")
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 200_000}, level=Level.LINK, link=carol.link)
    clicks(bob, 1, 1)
    clicks(carol, 1, 1)

    work(acme, pay_traffic, night_after(1))

    assert (lines(acme, bob), lines(acme, carol)) == ([100], [200])


def test_per_thousand_impressions(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_MILLE, details={"rate_e5": 250_000})
    row, seen = bob.enrollment, []
    for day in (1, 2, 3, 4):
        with merchant_context(acme.id):
            DailyImpressions.objects.create(
                merchant_id=acme.id,
                day=date(2026, 3, day),
                link_id=bob.link.id,
                program_id=row.program_id,
                enrollment_id=row.id,
                affiliate_id=row.affiliate_id,
                impressions=1,
            )
        before = len(lines(acme, bob))
        work(acme, pay_traffic, night_after(day))
        seen.append(sum(lines(acme, bob)[before:]))

    assert seen == [0, 0, 1, 0]


def test_half_yens_are_carried() -> None:
    nippon = make_company("Nippon", "Nana", currency="JPY")
    bob = make_promoter(nippon, "Bob")
    rule(nippon, Reward.PER_CLICK, details={"rate_e5": 50_000})
    for day in (1, 2, 3, 4):
        clicks(bob, day, 1)

    work(nippon, pay_traffic, night_after(4))

    assert lines(nippon, bob, lambda row: (row.earned_at.day, row.amount_minor)) == [(2, 1), (3, 1)]


def test_what_a_budget_cuts_is_not_made_up_for(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    with merchant_context(acme.id):
        Budget.objects.create(
            merchant_id=acme.id,
            program=acme.program,
            scope="PROGRAM",
            period="DAY",
            limit_minor=150,
            is_hard=True,
        )
    clicks(bob, 1, 2)
    clicks(bob, 2, 1)

    work(acme, pay_traffic, night_after(2))

    def shown(row: Commission) -> tuple[Any, ...]:
        return row.event_ref.endswith(CUT_SUFFIX), row.amount_minor, row.status

    assert lines(acme, bob, shown) == [
        (False, 150, Status.PENDING),
        (True, 50, Status.DECLINED),
        (False, 100, Status.PENDING),
    ]


def test_two_workers_write_each_line_once(acme: Company, bob: Promoter) -> None:
    rule(acme, Reward.PER_CLICK, details={"rate_e5": 100_000})
    for day in range(1, 6):
        clicks(bob, day, day)

    def sweep(_number: int) -> None:
        try:
            while pay_traffic(merchant_id=acme.id, at=night_after(5)):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, range(4)))
    work(acme, pay_traffic, night_after(5))

    assert lines(acme, bob) == [100, 200, 300, 400, 500]
    with merchant_context(acme.id):
        assert TrafficDay.objects.filter(merchant_id=acme.id).count() == 5


RATES = st.integers(min_value=1, max_value=1_000_000)
UNITS = st.lists(st.integers(min_value=0, max_value=50_000), min_size=1, max_size=31)


@given(rate=RATES, units=UNITS, currency=st.sampled_from(["EUR", "JPY", "KWD"]))
@pytest.mark.parametrize("per_units", [1, 1_000])
def test_any_days_sum_to_the_rounded_whole(
    per_units: int, rate: int, units: list[int], currency: str
) -> None:
    earned, so_far = 0, 0

    for of_day in units:
        so_far += of_day * rate
        line = line_minor(so_far, earned_minor=earned, per_units=per_units, currency=currency)
        assert line >= 0
        earned += line

    assert earned == due_minor(sum(units) * rate, per_units=per_units, currency=currency)
