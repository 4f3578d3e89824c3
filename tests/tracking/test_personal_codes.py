"""Codes made from names for many affiliates at once, and codes that affiliates ask for."""

from datetime import timedelta

import pytest

from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.codes import store_wish
from tracking.models import Coupon, CouponRequest
from tracking.selectors import coupon_requests_by
from tracking.services import (
    CodeTaken,
    PersonalCode,
    ask_for_coupon,
    create_coupon,
    give_personal_codes,
    give_requested,
    refuse_requested,
)
from tracking.services.personal_codes import plain_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anna Berg", "ANNA"),
        ("Zoë", "ZOE"),
        ("李娜", "B7K2"),
        ("J. Doe", "B7K2"),  # A single letter says too little.
        ("Maximiliane-Theodora", "MAXIMILIANETHEOD"),
        ("<script>", "SCRIPT"),
        ("", "B7K2"),
    ],
)
def test_a_name_becomes_the_beginning_of_a_code(name: str, expected: str) -> None:
    assert plain_name(name, otherwise="b7k2") == expected


def test_each_gets_one_and_namesakes_differ(acme: Company, bob: Promoter) -> None:
    anna, namesake = make_promoter(acme, "Anna"), make_promoter(acme, "Anna-")
    what = PersonalCode("10", offer="10% off", uses_max=5, customer_uses_max=1)
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="KEPT")

        problems = give_personal_codes(
            [bob.enrollment, anna.enrollment, namesake.enrollment], what, at=NOON
        )

        made = Coupon.objects.exclude(code="KEPT").order_by("created_at", "id")
        codes = {row.enrollment_id: row.code for row in made}
        assert problems == {bob.enrollment.id: "Has a valid code already."}
        assert codes[anna.enrollment.id] == "ANNA10"
        assert codes[namesake.enrollment.id].startswith("ANNA")
        assert len(codes[namesake.enrollment.id]) == len("ANNA10") + 3
        assert {(row.offer, row.uses_max, row.customer_uses_max) for row in made} == {
            ("10% off", 5, 1)
        }


def test_who_has_one_gets_another_only_when_asked(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="OLD", valid_until=NOON)
        assert give_personal_codes([bob.enrollment], PersonalCode(), at=NOON) == {}
        again = PersonalCode("-MAY", only_without=False)
        assert give_personal_codes([bob.enrollment], again, at=NOON) == {}

        codes = Coupon.objects.order_by("code").values_list("code", flat=True)
        assert list(codes) == ["BOB", "BOB-MAY", "OLD"]


def test_an_affiliate_asks_and_is_given_it(acme: Company, bob: Promoter) -> None:
    asked = store_wish(acme, bob, "bobby")
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refusal:
            ask_for_coupon(enrollment=bob.enrollment, code="OTHER", by=SYSTEM, at=NOON)
        given = give_requested(request=asked, by=SYSTEM, at=NOON, offer="A gift", uses_max=3)

        assert refusal.value.code == "waits"
        coupon = Coupon.objects.get()
        assert (coupon.code, coupon.enrollment_id) == ("BOBBY", bob.enrollment.id)
        assert (coupon.offer, coupon.uses_max, given.coupon_id) == ("A gift", 3, coupon.id)
        with pytest.raises(IllegalMove):
            refuse_requested(request=asked, reason="No.", by=SYSTEM, at=NOON)
        with pytest.raises(CodeTaken):
            ask_for_coupon(enrollment=bob.enrollment, code="Bobby", by=SYSTEM, at=NOON)


def test_a_refusal_has_a_reason_and_takes_nothing(acme: Company, bob: Promoter) -> None:
    asked = store_wish(acme, bob)
    with merchant_context(acme.id):
        with pytest.raises(BadValue):
            refuse_requested(request=asked, reason=" ", by=SYSTEM, at=NOON)
        refuse_requested(request=asked, reason="Too long.", by=SYSTEM, at=NOON)
        assert not Coupon.objects.exists()
    with affiliate_context(bob.affiliate.id):
        (mine,) = coupon_requests_by(bob.affiliate.id)
        assert (mine.status, mine.answer) == ("REFUSED", "Too long.")
    carol = make_promoter(acme, "Carol")
    with affiliate_context(carol.affiliate.id):
        assert not CouponRequest.objects.exists()


def test_without_the_setting_nobody_asks(acme: Company, bob: Promoter) -> None:
    later = NOON + timedelta(days=1)
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refusal:
            ask_for_coupon(enrollment=bob.enrollment, code="BOBBY", by=SYSTEM, at=later)
        assert refusal.value.code == "not_taken"
        assert not CouponRequest.objects.exists()
