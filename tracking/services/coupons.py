"""Coupons: discount codes owned by enrollments."""

from django.db import IntegrityError, transaction

from affiliates.models import Enrollment
from tracking.models import Coupon
from tracking.services.links import CodeTaken, NotEnrolled


def create_coupon(*, enrollment: Enrollment, code: str) -> Coupon:
    """Give a discount code to an approved enrollment; return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises CodeTaken: if the program has this code already.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    try:
        with transaction.atomic():
            return Coupon.objects.create(
                merchant_id=enrollment.merchant_id,
                program_id=enrollment.program_id,
                enrollment=enrollment,
                affiliate_id=enrollment.affiliate_id,
                code=code.upper(),
            )
    except IntegrityError as error:
        raise CodeTaken(code) from error


def update_coupon(*, coupon: Coupon, enrollment: Enrollment, code: str) -> Coupon:
    """Give a coupon another code or another enrollment of its program; return it.

    What was credited before stays where it is.

    :raises NotEnrolled: if the enrollment is not approved, or of another program.
    :raises CodeTaken: if the program has another coupon with this code.
    """
    if not enrollment.is_active or enrollment.program_id != coupon.program_id:
        raise NotEnrolled(str(enrollment.id))
    coupon.enrollment, coupon.affiliate_id = enrollment, enrollment.affiliate_id
    coupon.code = code.upper()
    try:
        with transaction.atomic():
            coupon.save(update_fields=["enrollment", "affiliate", "code"])
    except IntegrityError as error:
        raise CodeTaken(code) from error
    return coupon
