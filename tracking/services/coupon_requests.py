"""Codes that affiliates ask for, and what the merchant answers."""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from tracking.models import Coupon, CouponRequest, CouponRequestStatus
from tracking.services.coupons import clean_code, create_coupon
from tracking.services.links import CodeTaken, NotEnrolled

REFUSED_MAX: Final = 20  # Of an enrollment: who was refused so often has been answered.


def ask_for_coupon(*, enrollment: Enrollment, code: str, by: Actor, at: datetime) -> CouponRequest:
    """Note which code an affiliate would like; return the request.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises BadValue: if the program takes no such requests, one waits for its answer, or the code
        cannot be.
    :raises CodeTaken: if the program has this code already.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    if not enrollment.program.takes_coupon_requests:
        raise BadValue("enrollment", "not_taken", _("This program gives its codes by itself."))
    code = clean_code(code)
    of_program = Coupon.objects.filter(
        merchant_id=enrollment.merchant_id, program_id=enrollment.program_id, code=code
    )
    if of_program.exists():
        raise CodeTaken(code)
    asked = CouponRequest.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if asked.filter(status=CouponRequestStatus.REFUSED).count() >= REFUSED_MAX:
        raise BadValue("code", "too_many", _("Too many were refused. Write to the merchant."))
    request = CouponRequest(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        code=code,
        asked_at=at,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        message = _("The answer to your last wish is still to come.")
        raise BadValue("code", "waits", message) from error
    _record(request, "asked_for", by, at)
    return request


def give_requested(
    *, request: CouponRequest, by: Actor, at: datetime, **limits: Any
) -> CouponRequest:
    """Make the code that was asked for, with the limits of `create_coupon`; return the request.

    :raises IllegalMove: if the request was answered.
    :raises NotEnrolled: if the enrollment is not approved any more.
    :raises BadValue: if a limit cannot be.
    :raises CodeTaken: if the code was given to somebody meanwhile.
    """
    with transaction.atomic():
        _answer(request, CouponRequestStatus.GIVEN, at)
        coupon = create_coupon(enrollment=request.enrollment, code=request.code, **limits)
        CouponRequest.objects.filter(merchant_id=request.merchant_id, id=request.id).update(
            coupon=coupon
        )
        request.coupon = coupon
        _record(request, "given", by, at)
    return request


def refuse_requested(
    *, request: CouponRequest, reason: str, by: Actor, at: datetime
) -> CouponRequest:
    """Say no, with the reason that the affiliate reads; return the request.

    :raises BadValue: if there is no reason.
    :raises IllegalMove: if the request was answered.
    """
    reason = cleaned(CouponRequest, "answer", reason.strip())
    if not reason:
        raise BadValue("reason", "required", _("Say why: the affiliate reads it."))
    with transaction.atomic():
        _answer(request, CouponRequestStatus.REFUSED, at, reason)
        _record(request, "refused", by, at)
    return request


def _answer(
    request: CouponRequest, to: CouponRequestStatus, at: datetime, reason: str = ""
) -> None:
    rows = CouponRequest.objects.filter(merchant_id=request.merchant_id, id=request.id)
    if not rows.move(to=to, at=at, answer=reason):
        request.refresh_from_db()
        raise IllegalMove("The request", to=to, status=request.status)
    request.status, request.answered_at, request.answer = to, at, reason


def _record(request: CouponRequest, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=request.merchant_id,
        type=f"coupon.{verb}",
        subject_id=request.id,
        by=by,
        at=at,
        data={"code": request.code, "enrollment": str(request.enrollment_id)},
    )
