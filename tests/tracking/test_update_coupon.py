"""update_coupon: respelt, or given to somebody else of the same program."""

import pytest

from affiliates.models import Status
from affiliates.services import move_enrollment
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tracking.models import Coupon
from tracking.services import (
    CodeTaken,
    NotEnrolled,
    create_coupon,
    reinstate_enrollment,
    update_coupon,
)


def test_a_coupon_gets_another_code_and_owner(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        coupon = create_coupon(enrollment=bob.enrollment, code="BOB10")

        update_coupon(coupon=coupon, enrollment=dora.enrollment, code="dora10")

        found = Coupon.objects.get()
        assert (found.code, found.enrollment_id, found.affiliate_id) == (
            "DORA10",
            dora.enrollment.id,
            dora.affiliate.id,
        )


def test_a_code_that_is_taken_changes_nothing(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        coupon = create_coupon(enrollment=bob.enrollment, code="BOB10")
        create_coupon(enrollment=bob.enrollment, code="BOB20")

        with pytest.raises(CodeTaken):
            update_coupon(coupon=coupon, enrollment=bob.enrollment, code="bob20")

        assert sorted(Coupon.objects.values_list("code", flat=True)) == ["BOB10", "BOB20"]


def test_a_suspended_enrollment_gets_no_coupon(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        coupon = create_coupon(enrollment=bob.enrollment, code="BOB10")
        move_enrollment(enrollment=dora.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)

        with pytest.raises(NotEnrolled):
            update_coupon(coupon=coupon, enrollment=dora.enrollment, code="BOB10")

        assert Coupon.objects.get().enrollment_id == bob.enrollment.id


def test_only_a_suspended_enrollment_is_reinstated(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        with pytest.raises(IllegalMove):
            reinstate_enrollment(enrollment=bob.enrollment, by=SYSTEM, at=NOON)
        move_enrollment(enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)

        reinstate_enrollment(enrollment=bob.enrollment, by=SYSTEM, at=NOON)

        assert bob.enrollment.status == Status.APPROVED
