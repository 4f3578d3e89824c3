"""What an affiliate reads of money: exact sums, in few queries, of nobody else's rows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

from commissions.services import approve_due
from merchants.tenancy import affiliate_context
from reports.affiliate_money import (
    Balance,
    Due,
    Period,
    State,
    balances,
    commissions_of,
    conversions_of,
    earnings_by_day,
    months_of,
    next_due,
    total_by_currency,
)
from reports.affiliate_traffic import links_of, report_links
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell

DAY = timedelta(days=1)
Queries = Callable[[int], AbstractContextManager[object]]


def test_balances_say_where_every_cent_is(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), amount_minor=10_000)
    sell(acme, click=click_of(bob), amount_minor=5_000, at=NOON + 3 * DAY)
    approve_due(merchant_id=acme.id, at=NOON + 31 * DAY)

    with affiliate_context(bob.affiliate.id):
        (balance,) = balances(bob.affiliate.id)
        sums = {
            state: total_by_currency(commissions_of(bob.affiliate.id, state=state))
            for state in (State.EARNED, State.ON_ITS_WAY, State.PENDING, State.APPROVED, State.PAID)
        }

    assert balance == Balance(
        currency="EUR",
        earned_minor=1_500,
        pending_minor=500,
        approved_minor=1_000,
        in_payout_minor=0,
        paid_minor=0,
    )
    assert balance.on_its_way_minor == 1_500
    assert sums == {
        State.EARNED: {"EUR": 1_500},
        State.ON_ITS_WAY: {"EUR": 1_500},
        State.PENDING: {"EUR": 500},
        State.APPROVED: {"EUR": 1_000},
        State.PAID: {},
    }


def test_the_next_day_that_sets_money_free(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), amount_minor=10_000)
    sell(acme, click=click_of(bob), amount_minor=2_000, at=NOON + timedelta(hours=2))
    sell(acme, click=click_of(bob), amount_minor=5_000, at=NOON + 3 * DAY)

    with affiliate_context(bob.affiliate.id):
        assert next_due(bob.affiliate.id, currency="EUR") == Due(date(2026, 4, 1), 1_200)
        assert next_due(bob.affiliate.id, currency="USD") is None


def test_each_day_has_what_was_earned_on_it(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob), amount_minor=10_000)
    sell(acme, click=click_of(bob), amount_minor=5_000, at=NOON + 2 * DAY)
    period = Period(date(2026, 3, 1), date(2026, 3, 4))

    with affiliate_context(bob.affiliate.id):
        days = earnings_by_day(bob.affiliate.id, currency="EUR", period=period)

    assert days == [0, 1_000, 0, 500]


def test_another_affiliates_rows_are_in_no_sum(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    sell(acme, click=click_of(dave))

    with affiliate_context(bob.affiliate.id):
        assert balances(bob.affiliate.id) == []
        assert balances(dave.affiliate.id) == []  # The database itself keeps them back.
        assert list(conversions_of(dave.affiliate.id)) == []


def test_links_are_reported_in_two_queries(
    acme: Company, bob: Promoter, django_assert_num_queries: Queries
) -> None:
    from merchants.tenancy import merchant_context
    from tracking.services import create_link

    with merchant_context(acme.id):
        for number in range(5):
            create_link(enrollment=bob.enrollment, name=f"Link {number}")
    sell(acme, click=click_of(bob), amount_minor=10_000)
    sell(acme, click=click_of(bob), amount_minor=5_000)

    with affiliate_context(bob.affiliate.id):
        links = list(links_of(bob.affiliate.id))
        with django_assert_num_queries(2):
            reports = {row.link.id: row for row in report_links(bob.affiliate.id, links)}

    assert len(reports) == 6
    mine = reports[bob.link.id]
    assert (mine.conversions, mine.earned_minor) == (2, 1_500)
    assert sum(row.earned_minor for row in reports.values()) == 1_500


def test_periods() -> None:
    leap = Period.month_of(datetime(2028, 2, 29, 23, 59, tzinfo=UTC))

    assert leap == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert len(leap.days) == 29
    assert leap.before == Period(date(2028, 1, 3), date(2028, 1, 31))
    assert Period.until(NOON, days=7) == Period(date(2026, 2, 24), date(2026, 3, 2))
    assert (leap.starts_at, leap.ends_at) == (
        datetime(2028, 2, 1, tzinfo=UTC),
        datetime(2028, 3, 1, tzinfo=UTC),
    )


def test_months_are_those_with_lines_and_the_present_one(acme: Company, bob: Promoter) -> None:
    sell(acme, click=click_of(bob))

    with affiliate_context(bob.affiliate.id):
        months = months_of(bob.affiliate.id, at=NOON + 70 * DAY)

    assert months == [date(2026, 5, 1), date(2026, 3, 1)]
