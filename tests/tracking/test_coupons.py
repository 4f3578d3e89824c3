"""Coupons: their limits, many at once, and the end of one."""

import re
from datetime import timedelta
from typing import Any

import pytest

from affiliates.models import Status
from affiliates.services import move_enrollment
from common.ids import READABLE
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter
from tracking.models import Coupon
from tracking.services import (
    CodeTaken,
    NotEnrolled,
    archive_coupon,
    create_coupon,
    create_coupons,
    update_coupon,
)

LATER = NOON + timedelta(days=7)


def generate(promoter: Promoter, **facts: Any) -> list[Coupon]:
    """Make coupons for a promoter."""
    wanted = {"count": 3, "prefix": "", **facts}
    return create_coupons(enrollment=promoter.enrollment, by=SYSTEM, at=NOON, **wanted)


def test_a_coupon_is_limited_in_time_and_number(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(
            enrollment=bob.enrollment,
            code="bob10",
            valid_from=NOON,
            valid_until=LATER,
            uses_max=100,
        )

        coupon = Coupon.objects.get()
        assert (coupon.code, coupon.valid_from, coupon.valid_until, coupon.uses_max) == (
            "BOB10",
            NOON,
            LATER,
            100,
        )


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"code": "a"}, "code"),
        ({"code": "a b c"}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"code": "ÄÖÜ"}, "code"),
        ({"uses_max": 0}, "uses_max"),
        ({"uses_max": -1}, "uses_max"),
        ({"uses_max": 10**12}, "uses_max"),
        ({"valid_from": LATER, "valid_until": NOON}, "valid_until"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    acme: Company, bob: Promoter, facts: dict[str, Any], field: str
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            create_coupon(enrollment=bob.enrollment, **{"code": "BOB10", **facts})

        assert refused.value.field == field
        assert not Coupon.objects.exists()


def test_limits_change_and_stay_when_they_are_not_named(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        coupon = create_coupon(
            enrollment=bob.enrollment, code="BOB10", valid_until=LATER, uses_max=5
        )

        update_coupon(coupon=coupon, enrollment=bob.enrollment, code="BOB10", uses_max=None)

        found = Coupon.objects.get()
        assert (found.valid_until, found.uses_max) == (LATER, None)


def test_a_thousand_codes_are_distinct_and_readable(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        made = generate(bob, count=1_000, prefix="bob-", valid_until=LATER, uses_max=1)

        codes = set(Coupon.objects.values_list("code", flat=True))
        assert codes == {coupon.code for coupon in made}
        assert len(codes) == 1_000
        assert all(re.fullmatch(f"BOB-[{READABLE.upper()}]{{8}}", code) for code in codes)
        assert {(row.valid_until, row.uses_max) for row in made} == {(LATER, 1)}
        event = Event.objects.get(type="coupon.generated")
        assert (event.subject_id, event.data["count"]) == (bob.enrollment.id, 1_000)


def test_codes_that_happen_to_be_taken_are_made_anew(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["taken222", "free2222", "free3333"])
    monkeypatch.setattr("tracking.services.coupons.new_code", lambda _length: next(drawn))

    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="TAKEN222")
        made = generate(bob, count=2)

        assert [coupon.code for coupon in made] == ["FREE2222", "FREE3333"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 1_001}, "count"),
        ({"prefix": "a b"}, "prefix"),
        ({"prefix": "x" * 21}, "prefix"),
        ({"uses_max": 0}, "uses_max"),
        ({"valid_from": LATER, "valid_until": NOON}, "valid_until"),
    ],
)
def test_many_are_refused_as_one_would_be(
    acme: Company, bob: Promoter, facts: dict[str, Any], field: str
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            generate(bob, **facts)

        assert refused.value.field == field
        assert not Coupon.objects.exists()


def test_only_an_approved_enrollment_gets_coupons(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        move_enrollment(enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)

        with pytest.raises(NotEnrolled):
            generate(bob)

        assert not Coupon.objects.exists()


def test_an_archived_coupon_keeps_its_code(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        coupon = create_coupon(enrollment=bob.enrollment, code="BOB10")

        archive_coupon(coupon=coupon, by=SYSTEM, at=NOON)
        archive_coupon(coupon=coupon, by=SYSTEM, at=LATER)
        with pytest.raises(CodeTaken):
            create_coupon(enrollment=bob.enrollment, code="BOB10")

        assert Coupon.objects.get().archived_at == NOON
        assert Event.objects.filter(type="coupon.archived").count() == 1
