"""What a merchant owes: every open cent once, by age, and in the week in which it falls due."""

from datetime import date, timedelta

import pytest

from commissions.models import Commission, Status
from commissions.services import approve_due
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import PayoutTerms, Schedule
from payouts.services import approve_batch, prepare_batch
from reports.liabilities import Liability, liabilities_of
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_company, sell

LATER = NOON + timedelta(days=40)


@pytest.fixture
def sale(acme: Company, bob: Promoter) -> None:
    """Let Bob earn 10.00, on hold for 30 days."""
    sell(acme, click=click_of(bob))


def owed(company: Company, at=LATER) -> Liability:
    """Return what the company owes in its one currency."""
    with merchant_context(company.id):
        (liability,) = liabilities_of(company.id, at=at)
    return liability


def due_weeks(liability: Liability) -> dict[date, tuple[int, int]]:
    return {
        week.begins_on: (week.approved_minor, week.expected_minor)
        for week in liability.weeks
        if week.approved_minor or week.expected_minor
    }


def set_terms(company: Company, **terms: object) -> None:
    with merchant_context(company.id):
        PayoutTerms.objects.create(merchant_id=company.id, program=company.program, **terms)


@pytest.mark.usefixtures("sale")
def test_what_is_on_hold_is_expected_in_the_week_its_hold_ends(acme: Company) -> None:
    with merchant_context(acme.id):
        ends_on = Commission.objects.get().hold_until.date()

    liability = owed(acme, at=NOON + timedelta(hours=1))

    monday = ends_on - timedelta(days=ends_on.weekday())
    assert (liability.pending_minor, liability.payable_minor) == (1_000, 0)
    assert due_weeks(liability) == {monday: (0, 1_000)}
    assert liability.total_minor == 1_000


@pytest.mark.usefixtures("sale")
def test_what_is_approved_is_overdue_until_it_is_in_a_batch(acme: Company) -> None:
    approve_due(merchant_id=acme.id, at=LATER)

    fresh = owed(acme)
    old = owed(acme, at=LATER + timedelta(days=31))

    assert (fresh.payable_minor, fresh.overdue_minor) == (1_000, 1_000)
    assert fresh.ages == {0: 1_000, 31: 0, 61: 0, 91: 0}
    assert old.ages == {0: 0, 31: 1_000, 61: 0, 91: 0}
    assert due_weeks(old) == {old.weeks[0].begins_on: (1_000, 0)}


@pytest.mark.usefixtures("sale")
def test_terms_move_the_week(acme: Company) -> None:
    set_terms(acme, schedule=Schedule.MONTHLY, net_days=15)
    approve_due(merchant_id=acme.id, at=LATER)

    liability = owed(acme)

    first = (LATER.replace(day=1) + timedelta(days=32)).date().replace(day=1)
    due_on = first + timedelta(days=15)
    assert liability.overdue_minor == 0
    assert due_weeks(liability) == {due_on - timedelta(days=due_on.weekday()): (1_000, 0)}


@pytest.mark.usefixtures("sale")
def test_what_waits_for_a_request_has_no_week(acme: Company) -> None:
    set_terms(acme, schedule=Schedule.ON_REQUEST)
    approve_due(merchant_id=acme.id, at=LATER)

    liability = owed(acme)

    assert (liability.on_request_minor, due_weeks(liability)) == (1_000, {})


@pytest.mark.usefixtures("sale")
def test_what_is_reserved_is_in_payout_and_not_payable_any_more(acme: Company) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        approve_batch(member=acme.owner, batch=batch, at=LATER)

    liability = owed(acme)

    assert (liability.in_payout_minor, liability.payable_minor) == (1_000, 0)
    assert sum(liability.ages.values()) == 0


@pytest.mark.usefixtures("sale")
def test_a_line_under_review_is_owed_but_expected_in_no_week(acme: Company) -> None:
    with merchant_context(acme.id):
        Commission.objects.all().move(to=Status.HELD, at=NOON)

    liability = owed(acme)

    assert (liability.held_minor, due_weeks(liability)) == (1_000, {})


@pytest.mark.usefixtures("sale")
def test_another_merchant_owes_nothing(acme: Company) -> None:
    rival = make_company("Rival", "Rita")

    with merchant_context(rival.id):
        assert liabilities_of(rival.id, at=LATER) == []
