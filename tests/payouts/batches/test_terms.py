"""Terms: when commissions are due, in Python and in SQL alike; and whose terms count."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from commissions.models import Commission
from merchants.tenancy import merchant_context
from payouts.left_out import LeftOut
from payouts.models import PayoutTerms, Schedule
from payouts.proposal import Proposal
from payouts.selectors import with_expected_on
from payouts.services import propose_batch
from payouts.terms import CLEARS_AT, DUE_AT, clears_at, due_at
from programs.models import Tier
from tests.cast import Company, Promoter, make_promoter
from tests.payouts.batches.stage import LATER, earn, set_terms


def day(text: str) -> datetime:
    """Return a moment of 2026, UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


# The numbers of docs/payouts.md.
@pytest.mark.parametrize(
    ("schedule", "net_days", "pay_day", "approved", "clears", "due"),
    [
        (Schedule.AT_ONCE, 0, None, "04-15T10:00", "04-15T10:00", "04-15T10:00"),
        (Schedule.AT_ONCE, 30, None, "04-15T10:00", "05-15T10:00", "05-15T10:00"),
        (Schedule.WEEKLY, 0, None, "04-15T10:00", "04-20T00:00", "04-20T00:00"),
        (Schedule.WEEKLY, 0, 5, "04-15T10:00", "04-20T00:00", "04-24T00:00"),
        (Schedule.WEEKLY, 7, 1, "04-15T10:00", "04-27T00:00", "04-27T00:00"),
        (Schedule.MONTHLY, 0, None, "04-15T10:00", "05-01T00:00", "05-01T00:00"),
        (Schedule.MONTHLY, 15, 15, "04-15T10:00", "05-16T00:00", "06-15T00:00"),
        (Schedule.MONTHLY, 30, 15, "04-15T10:00", "05-31T00:00", "06-15T00:00"),
        (Schedule.MONTHLY, 0, 28, "12-31T23:59:59", "12-31T23:59:59", ""),
        (Schedule.ON_REQUEST, 14, None, "04-15T10:00", "04-29T10:00", ""),
    ],
)
def test_due_dates(
    schedule: Schedule, net_days: int, pay_day: int | None, approved: str, clears: str, due: str
) -> None:
    terms = PayoutTerms(schedule=schedule, net_days=net_days, pay_day=pay_day)
    if schedule == Schedule.MONTHLY and approved.startswith("12"):  # Over the end of the year.
        assert clears_at(terms, day(approved)) == datetime(2027, 1, 1, tzinfo=UTC)
        assert due_at(terms, day(approved)) == datetime(2027, 1, 28, tzinfo=UTC)
        return

    assert clears_at(terms, day(approved)) == day(clears)
    assert due_at(terms, day(approved)) == (day(due) if due else None)


@st.composite
def some_terms(draw: st.DrawFn) -> PayoutTerms:
    """Draw terms that the database would take."""
    schedule = draw(st.sampled_from(Schedule))
    days = {Schedule.WEEKLY: 7, Schedule.MONTHLY: 28}.get(schedule)
    return PayoutTerms(
        schedule=schedule,
        net_days=draw(st.integers(0, 180)),
        pay_day=draw(st.none() | st.integers(1, days)) if days else None,
    )


@given(
    terms=some_terms(),
    approved_at=st.datetimes(
        datetime(2020, 1, 1),  # noqa: DTZ001
        datetime(2035, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC) | st.timezones(),
    ),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati"]),
)
@settings(max_examples=150, deadline=None)
def test_sql_says_the_same_as_python_in_every_zone(
    terms: PayoutTerms, approved_at: datetime, zone: str
) -> None:
    statement = (
        f"SELECT {CLEARS_AT.format(approved_at='%(approved)s')} IS NOT DISTINCT FROM %(clears)s,"
        f" {DUE_AT.format(approved_at='%(approved)s')} IS NOT DISTINCT FROM %(due)s"
        " FROM (SELECT %(schedule)s::text AS schedule, %(net)s::int AS net_days,"
        " %(pay_day)s::int AS pay_day) AS terms"
    )
    facts = {
        "approved": approved_at,
        "schedule": terms.schedule,
        "net": terms.net_days,
        "pay_day": terms.pay_day,
        "clears": clears_at(terms, approved_at),
        "due": due_at(terms, approved_at),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        cursor.execute(statement, facts)
        found = cursor.fetchone()
        cursor.execute("SELECT set_config('TimeZone', 'UTC', false)")

    assert found == (True, True)


def propose(company: Company, at: datetime) -> Proposal:
    """Return what a batch would be then."""
    with merchant_context(company.id):
        return propose_batch(merchant_id=company.id, currency="EUR", at=at)


def test_the_narrowest_terms_count(acme: Company, bob: Promoter) -> None:
    dave, erin = make_promoter(acme, "Dave"), make_promoter(acme, "Erin")
    with merchant_context(acme.id):
        gold = Tier.objects.create(merchant_id=acme.id, program=acme.program, name="Gold")
        for promoter in (dave, erin):
            type(promoter.enrollment).objects.filter(id=promoter.enrollment.id).update(tier=gold)
    for promoter in (bob, dave, erin):
        earn(acme, promoter)
    set_terms(acme, Schedule.AT_ONCE, net_days=30)
    set_terms(acme, Schedule.AT_ONCE, net_days=20, tier=gold)
    set_terms(acme, Schedule.AT_ONCE, net_days=10, enrollment=erin.enrollment)

    def paid_after(days: int) -> list[str]:
        found = propose(acme, LATER + timedelta(days=days))
        return sorted(item.affiliate.name for item in found.items)

    assert paid_after(9) == []
    assert paid_after(10) == ["Erin"]
    assert paid_after(20) == ["Dave", "Erin"]
    assert paid_after(30) == ["Bob", "Dave", "Erin"]
    with merchant_context(acme.id):
        Tier.objects.update(archived_at=LATER)
    assert paid_after(20) == ["Erin"]


def test_terms_that_have_ended_give_way_to_the_wider_ones(acme: Company, bob: Promoter) -> None:
    earn(acme, bob)
    last_day = (LATER + timedelta(days=12)).date()
    set_terms(acme, Schedule.AT_ONCE, net_days=10)
    set_terms(acme, Schedule.ON_REQUEST, enrollment=bob.enrollment, ends_on=last_day)

    def left_out(days: int) -> list[LeftOut]:
        return [row.reason for row in propose(acme, LATER + timedelta(days=days)).left_out]

    def expected_on(days: int) -> date | None:
        with merchant_context(acme.id):
            rows = with_expected_on(Commission.objects.all(), at=LATER + timedelta(days=days))
            return rows.get().expected_on

    assert left_out(12) == [LeftOut.NOT_REQUESTED]
    assert expected_on(12) is None
    assert left_out(13) == []
    assert expected_on(13) == (LATER + timedelta(days=13)).date()


def test_what_is_not_due_yet_says_so(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.MONTHLY)
    earn(acme, bob)

    left = propose(acme, LATER).left_out

    assert [(row.amount_minor, row.reason) for row in left] == [(1_000, LeftOut.NOT_DUE)]


def test_on_request_waits_for_the_request(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.ON_REQUEST)
    earn(acme, bob)

    left = propose(acme, LATER + timedelta(days=100)).left_out

    assert [(row.amount_minor, row.reason) for row in left] == [(1_000, LeftOut.NOT_REQUESTED)]


def test_terms_have_a_smallest_payout_of_their_own(acme: Company, bob: Promoter) -> None:
    set_terms(acme, Schedule.AT_ONCE, minor_min=1_001)
    earn(acme, bob)

    assert [row.reason for row in propose(acme, LATER).left_out] == [LeftOut.BELOW_MINIMUM]
    earn(acme, bob, 10)
    assert [item.amount_minor for item in propose(acme, LATER).items] == [1_001]
