"""Coupons: discount codes owned by enrollments."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.ids import new_code, new_id
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor
from programs.services import require_window
from tracking.models import Coupon
from tracking.services.links import KEEP, CodeTaken, NotEnrolled, Unchanged

COUPONS_MAX = 1_000  # At once: most of a second.
RANDOM_LENGTH = 8
PREFIX_MAX = 20
USES_MAX = 1_000_000_000
ROUNDS = 5  # Of new codes for those that happened to be taken: one is ample.
CODE_PATTERN = r"^[A-Z0-9_-]{3,40}$"
LIMITS = ("valid_from", "valid_until", "uses_max", "customer_uses_max", "offer")


def create_coupon(
    *,
    enrollment: Enrollment,
    code: str,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    uses_max: int | None = None,
    customer_uses_max: int | None = None,
    offer: str = "",
) -> Coupon:
    """Give a discount code to an approved enrollment; return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises BadValue: if a value cannot be.
    :raises CodeTaken: if the program has this code already.
    """
    limits = {
        "valid_from": valid_from,
        "valid_until": valid_until,
        "uses_max": uses_max,
        "customer_uses_max": customer_uses_max,
        "offer": offer,
    }
    coupon = _new_coupon(enrollment, code=code, limits=limits)
    try:
        with transaction.atomic():
            coupon.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken(code) from error
    return coupon


def create_coupons(
    *,
    enrollment: Enrollment,
    count: int,
    prefix: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    uses_max: int | None = None,
    customer_uses_max: int | None = None,
    offer: str = "",
    by: Actor,
    at: datetime,
) -> list[Coupon]:
    """Give `count` new random codes to an approved enrollment, all or none; return them.

    Each is the prefix and RANDOM_LENGTH characters that nobody mistakes for others.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises BadValue: if a value cannot be.
    """
    if not 1 <= count <= COUPONS_MAX:
        raise BadValue("count", "out_of_range", _("1 to %d at once.") % COUPONS_MAX)
    if len(prefix) > PREFIX_MAX:
        message = _("%d characters at the most.") % PREFIX_MAX
        raise BadValue("prefix", "max_length", message)
    limits = {
        "valid_from": valid_from,
        "valid_until": valid_until,
        "uses_max": uses_max,
        "customer_uses_max": customer_uses_max,
        "offer": offer,
    }
    batch = new_id()
    try:
        sample = _new_coupon(enrollment, code=prefix + "A" * RANDOM_LENGTH, limits=limits)
    except BadValue as error:
        field = "prefix" if error.field == "code" else error.field
        raise BadValue(field, error.code, str(error)) from error
    with transaction.atomic():
        coupons = _insert_random(sample, count=count, prefix=prefix.upper())
        record_event(
            merchant_id=enrollment.merchant_id,
            type="coupon.generated",
            subject_id=enrollment.id,
            by=by,
            at=at,
            data={"batch": str(batch), "count": count, "prefix": prefix.upper()},
        )
    return coupons


def _insert_random(sample: Coupon, *, count: int, prefix: str) -> list[Coupon]:
    made: list[Coupon] = []
    for _round in range(ROUNDS):
        codes = {prefix + new_code(RANDOM_LENGTH).upper() for _n in range(count - len(made))}
        rows = [_copy(sample, code) for code in sorted(codes)]
        Coupon.objects.bulk_create(rows, ignore_conflicts=True)
        stored = Coupon.objects.filter(
            merchant_id=sample.merchant_id, id__in=[row.id for row in rows]
        )
        made += stored.order_by("code")
        if len(made) == count:
            return made
    raise CodeTaken(prefix)


def _copy(sample: Coupon, code: str) -> Coupon:
    limits = {name: getattr(sample, name) for name in LIMITS}
    return Coupon(
        merchant_id=sample.merchant_id,
        program_id=sample.program_id,
        enrollment_id=sample.enrollment_id,
        affiliate_id=sample.affiliate_id,
        code=code,
        **limits,
    )


def _new_coupon(enrollment: Enrollment, *, code: str, limits: Mapping[str, Any]) -> Coupon:
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    coupon = Coupon(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        code=clean_code(code),
    )
    _limit(coupon, limits)
    return coupon


def clean_code(text: str) -> str:
    """Return a code as it is stored.

    :raises BadValue: if it cannot be one.
    """
    code: str = cleaned(Coupon, "code", text.upper())
    if not re.fullmatch(CODE_PATTERN, code):
        message = _("Use 3 to 40 letters, digits, - and _.")
        raise BadValue("code", "invalid", message)
    return code


def _limit(coupon: Coupon, limits: Mapping[str, Any]) -> None:
    for name, value in limits.items():
        setattr(coupon, name, cleaned(Coupon, name, value))
    for name in ("uses_max", "customer_uses_max"):
        most = getattr(coupon, name)
        if most is not None and not 1 <= most <= USES_MAX:
            raise BadValue(name, "out_of_range", _("At least one use."))
    require_window(coupon.valid_from, coupon.valid_until, field="valid_until")


def update_coupon(
    *,
    coupon: Coupon,
    enrollment: Enrollment,
    code: str,
    valid_from: datetime | Unchanged | None = KEEP,
    valid_until: datetime | Unchanged | None = KEEP,
    uses_max: int | Unchanged | None = KEEP,
    customer_uses_max: int | Unchanged | None = KEEP,
    offer: str | Unchanged = KEEP,
) -> Coupon:
    """Give a coupon another code, another enrollment of its program, or other limits; return it.

    What was credited before stays where it is.

    :raises NotEnrolled: if the enrollment is not approved, or of another program.
    :raises BadValue: if a value cannot be.
    :raises CodeTaken: if the program has another coupon with this code.
    """
    if not enrollment.is_active or enrollment.program_id != coupon.program_id:
        raise NotEnrolled(str(enrollment.id))
    given = {
        "valid_from": valid_from,
        "valid_until": valid_until,
        "uses_max": uses_max,
        "customer_uses_max": customer_uses_max,
        "offer": offer,
    }
    limits = {name: value for name, value in given.items() if value is not KEEP}
    coupon.code = clean_code(code)
    _limit(coupon, limits)
    coupon.enrollment, coupon.affiliate_id = enrollment, enrollment.affiliate_id
    try:
        with transaction.atomic():
            coupon.save(update_fields=["enrollment", "affiliate", "code", *limits])
    except IntegrityError as error:
        raise CodeTaken(code) from error
    return coupon


def archive_coupon(*, coupon: Coupon, by: Actor, at: datetime) -> None:
    """Credit nobody for later uses of the code; it stays taken. Safe to repeat."""
    if Coupon.objects.filter(id=coupon.id, archived_at=None).update(archived_at=at):
        coupon.archived_at = at
        record_event(
            merchant_id=coupon.merchant_id,
            type="coupon.archived",
            subject_id=coupon.id,
            by=by,
            at=at,
            data={"code": coupon.code},
        )
