"""Grants: rewards that are no money; due after the hold, given, failed, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from commissions.models import Grant, GrantKind, GrantStatus, RuleVersion
from commissions.services import (
    approve_conversion,
    approve_due,
    decline_conversion,
    hold_conversion,
)
from commissions.services.grants import fail_grant, give_grant, release_grants, retry_grant
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import AfterHold, Program
from tests.cast import NOON, Company, Promoter, click_of, sell, settle
from tracking.models import Conversion, Customer, Refund

SOLD = NOON + timedelta(hours=1)
HELD = NOON + timedelta(days=30)
PASSED = NOON + timedelta(days=31)


@pytest.fixture
def sale(acme: Company, bob: Promoter) -> Conversion:
    """Return a sale of Bob's with 10.00 of money, two free months, and 10 % for the friend."""
    conversion = sell(acme, click=click_of(bob), at=SOLD)
    with merchant_context(acme.id):
        friend = Customer.objects.create(
            merchant_id=acme.id, external_id="dora", first_seen_at=SOLD
        )
        for customer, kind, quantity in (
            (None, GrantKind.FREE_MONTHS, 2),
            (friend, GrantKind.DISCOUNT, 1_000),
        ):
            Grant.objects.create(
                merchant_id=acme.id,
                program=acme.program,
                conversion=conversion,
                rule_version=RuleVersion.objects.get(),
                enrollment=bob.enrollment,
                affiliate=bob.affiliate,
                customer=customer,
                kind=kind,
                quantity=quantity,
                status_changed_at=SOLD,
                hold_until=SOLD + timedelta(days=30),
            )
    return conversion


def statuses(company: Company) -> list[str]:
    """Return where the grants stand."""
    with merchant_context(company.id):
        return [row.status for row in Grant.objects.filter(merchant_id=company.id).order_by("id")]


def events(company: Company) -> list[str]:
    """Return what was said of grants."""
    with merchant_context(company.id):
        rows = Event.objects.filter(type__startswith="grant.").order_by("id")
        return [row.type for row in rows]


def test_a_grant_is_due_when_its_hold_has_passed(acme: Company, sale: Conversion) -> None:
    early = release_grants(merchant_id=acme.id, at=HELD)
    due = release_grants(merchant_id=acme.id, at=PASSED)
    again = release_grants(merchant_id=acme.id, at=PASSED)

    assert (early, due, again) == (0, 2, 0)
    assert (statuses(acme), events(acme)) == (["DUE", "DUE"], ["grant.due", "grant.due"])


def test_or_when_the_money_is_approved(acme: Company, sale: Conversion) -> None:
    with merchant_context(acme.id):
        approve_conversion(conversion=sale, by=SYSTEM, at=SOLD)

    assert release_grants(merchant_id=acme.id, at=SOLD) == 2


def test_what_is_held_is_not_due(acme: Company, sale: Conversion) -> None:
    with merchant_context(acme.id):
        hold_conversion(conversion=sale, reason="?", by=SYSTEM, at=SOLD)

    assert release_grants(merchant_id=acme.id, at=PASSED) == 0


def test_where_people_look_at_each_grants_wait_for_them(acme: Company, sale: Conversion) -> None:
    with merchant_context(acme.id):
        Program.objects.update(after_hold=AfterHold.REVIEW)

    assert release_grants(merchant_id=acme.id, at=PASSED) == 0


def test_a_grant_is_given_once_however_often_that_is_said(acme: Company, sale: Conversion) -> None:
    release_grants(merchant_id=acme.id, at=PASSED)
    with merchant_context(acme.id):
        grant = Grant.objects.order_by("id")[0]

        for _twice in range(2):
            given = give_grant(grant=grant, by=SYSTEM, at=PASSED)

    assert given.status == GrantStatus.GIVEN
    assert events(acme).count("grant.given") == 1


def test_a_failed_grant_may_be_tried_again(acme: Company, sale: Conversion) -> None:
    release_grants(merchant_id=acme.id, at=PASSED)
    with merchant_context(acme.id):
        grant = Grant.objects.order_by("id")[0]

        failed = fail_grant(grant=grant, reason="no such account", by=SYSTEM, at=PASSED)
        said = (failed.status, failed.status_reason)
        retry_grant(grant=grant, by=SYSTEM, at=PASSED)
        give_grant(grant=grant, by=SYSTEM, at=PASSED)

    assert said == ("FAILED", "no such account")
    assert statuses(acme) == ["GIVEN", "DUE"]


def test_what_is_on_hold_cannot_be_given(acme: Company, sale: Conversion) -> None:
    with merchant_context(acme.id):
        grant = Grant.objects.order_by("id")[0]
        for move in (give_grant, retry_grant):
            with pytest.raises(IllegalMove):
                move(grant=grant, by=SYSTEM, at=PASSED)
        with pytest.raises(IllegalMove):
            fail_grant(grant=grant, reason="no", by=SYSTEM, at=PASSED)

    assert (statuses(acme), events(acme)) == (["PENDING", "PENDING"], [])


def test_declining_takes_grants_back(acme: Company, sale: Conversion) -> None:
    with merchant_context(acme.id):
        decline_conversion(conversion=sale, reason="cancelled", by=SYSTEM, at=SOLD)

    assert statuses(acme) == ["TAKEN_BACK", "TAKEN_BACK"]
    assert events(acme) == ["grant.taken_back", "grant.taken_back"]
    assert release_grants(merchant_id=acme.id, at=PASSED) == 0


def test_a_refund_of_everything_takes_them_back(acme: Company, sale: Conversion) -> None:
    approve_due(merchant_id=acme.id, at=PASSED)
    release_grants(merchant_id=acme.id, at=PASSED)
    seen = []

    for minor in (9_999, 1):
        with merchant_context(acme.id):
            Refund.objects.create(
                merchant_id=acme.id,
                conversion=sale,
                external_id=str(minor),
                amount_minor=minor,
                occurred_at=PASSED,
            )
        settle(acme, at=PASSED)
        seen.append(statuses(acme))

    assert seen == [["DUE", "DUE"], ["TAKEN_BACK", "TAKEN_BACK"]]


def test_two_workers_say_once_that_it_is_due(acme: Company, sale: Conversion) -> None:
    def sweep(_number: int) -> int:
        try:
            return release_grants(merchant_id=acme.id, at=PASSED)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        released = list(pool.map(sweep, range(4)))

    assert sum(released) == 2
    assert events(acme) == ["grant.due", "grant.due"]
