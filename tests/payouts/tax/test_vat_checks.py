"""VAT ids: asked of a register over real HTTP, until it has said yes or no."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from merchants.tenancy import affiliate_context
from payouts.models import TaxFormKind, TaxProfile, VatStatus
from payouts.tax.directory import vat_ids_due
from payouts.tax.vat_checks import AGAIN_AFTER, check_vat_id, next_check_at
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.payouts.tax.signing import sign
from tests.payouts.tax.vies_server import CONSULTATION, Register, running


@pytest.fixture
def register(settings: Any) -> Iterator[Register]:
    """Return a register that Fairlead asks."""
    found = Register()
    with running(found) as url:
        settings.VIES_URL = url
        settings.VIES_REQUESTER = "DE129273398"
        yield found


def check(promoter: Promoter, profile: TaxProfile, *, at: datetime = NOON) -> TaxProfile:
    """Let the worker look at a form; return it as it is then."""
    check_vat_id(affiliate_id=promoter.affiliate.id, profile_id=profile.id, at=at)
    with affiliate_context(promoter.affiliate.id):
        return TaxProfile.objects.get(id=profile.id)


def test_stores_what_the_register_says_with_time_and_number(
    bob: Promoter, register: Register
) -> None:
    profile = sign(bob, TaxFormKind.BUSINESS)
    assert (profile.vat_status, profile.vat_next_check_at) == (VatStatus.UNCHECKED, NOON)
    assert vat_ids_due(at=NOON, limit=5) == [(bob.affiliate.id, profile.id)]

    checked = check(bob, profile)

    assert (checked.vat_status, checked.vat_checked_at) == (VatStatus.VALID, NOON)
    assert (checked.vat_consultation, checked.vat_name) == (CONSULTATION, "Bob GmbH")
    assert register.asked == [
        {
            "countryCode": "DE",
            "vatNumber": "136695976",
            "requesterMemberStateCode": "DE",
            "requesterNumber": "129273398",
        }
    ]
    assert vat_ids_due(at=NOON, limit=5) == []
    assert vat_ids_due(at=NOON + AGAIN_AFTER, limit=5) == [(bob.affiliate.id, profile.id)]


def test_an_id_that_is_not_in_force_is_not_asked_about_again(
    bob: Promoter, register: Register
) -> None:
    register.names.clear()

    checked = check(bob, sign(bob, TaxFormKind.BUSINESS))

    assert (checked.vat_status, checked.vat_name) == (VatStatus.INVALID, "")
    assert checked.vat_next_check_at is None


@pytest.mark.parametrize(
    "trouble", ["MS_UNAVAILABLE", "INVALID_REQUESTER_INFO", "500", "html", "maybe", "hang up"]
)
def test_whatever_is_no_answer_says_nothing_and_is_asked_again(
    trouble: str, bob: Promoter, register: Register
) -> None:
    register.trouble = trouble
    profile = sign(bob, TaxFormKind.BUSINESS)

    unclear = check(bob, profile)

    soon = NOON + timedelta(minutes=5)
    assert (unclear.vat_status, unclear.vat_next_check_at) == (VatStatus.UNCHECKED, soon)
    register.trouble = ""
    assert check(bob, profile, at=soon).vat_status == VatStatus.VALID
    assert len(register.asked) == 2


def test_trouble_later_on_leaves_an_id_valid(bob: Promoter, register: Register) -> None:
    profile = sign(bob, TaxFormKind.BUSINESS)
    check(bob, profile)
    register.trouble = "MS_UNAVAILABLE"

    again = check(bob, profile, at=NOON + AGAIN_AFTER)

    assert (again.vat_status, again.vat_checked_at) == (VatStatus.VALID, NOON)


def test_two_workers_ask_once(bob: Promoter, register: Register) -> None:
    profile = sign(bob, TaxFormKind.BUSINESS)

    def work(_number: int) -> bool:
        try:
            return check_vat_id(affiliate_id=bob.affiliate.id, profile_id=profile.id, at=NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(work, range(4)))

    assert (sum(asked), len(register.asked)) == (1, 1)


def test_nobody_asks_about_a_form_that_was_replaced(bob: Promoter, register: Register) -> None:
    first = sign(bob, TaxFormKind.BUSINESS)
    sign(bob, TaxFormKind.PRIVATE, at=NOON + timedelta(minutes=1))

    checked = check(bob, first, at=NOON + timedelta(minutes=2))

    assert (checked.vat_status, register.asked) == (VatStatus.UNCHECKED, [])


def test_british_ids_are_asked_about_only_if_northern_irish(acme: Company, bob: Promoter) -> None:
    eve = make_promoter(acme, "Eve")
    british = sign(bob, TaxFormKind.BUSINESS, country="GB", vat_id="GB980780684")
    irish = sign(eve, TaxFormKind.BUSINESS, country="GB", vat_id="XI980780684")

    assert (british.vat_next_check_at, irish.vat_next_check_at) == (None, NOON)


@pytest.mark.parametrize(
    ("waited", "next_in"),
    [
        (timedelta(0), timedelta(minutes=5)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(days=3), timedelta(hours=6)),
    ],
)
def test_asks_ever_more_seldom(waited: timedelta, next_in: timedelta) -> None:
    assert next_check_at(NOON - waited, NOON) == NOON + next_in
