"""By hand: a conversion, or a customer, is given to another affiliate, and somebody says why."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.accrual import rederive
from commissions.models import Commission, Status
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program
from tracking.models import Conversion, ConversionStatus, Credit, Customer, Touch, TouchKind


def reassign_conversion(
    *, conversion: Conversion, enrollment: Enrollment, reason: str, by: Actor, at: datetime
) -> Conversion:
    """Give a conversion to an enrollment, whoever led the buyer to it; return it.

    Attribution leaves it alone from then on. What the former affiliate earned is answered by a line
    of the opposite sign, even if it was paid: that nets against the next payout. Safe to repeat.

    :raises BadValue: if the enrollment is of another program, or nobody says why.
    :raises IllegalMove: if it is a test, declined, or waits to be confirmed.
    """
    _require(enrollment, conversion.program_id, reason)
    with transaction.atomic():
        rows = Conversion.objects.filter(merchant_id=conversion.merchant_id)
        row = rows.select_for_update(of=("self",), no_key=True).get(id=conversion.id)
        if row.is_test or row.is_unverified or row.status == ConversionStatus.DECLINED:
            raise IllegalMove("The conversion", to="REASSIGNED", status=row.status)
        was = _credited(row.merchant_id, row.id)
        _assign(rows.filter(id=row.id), enrollment, reason)
        rederive(row.merchant_id, [row.id], at=at, by=by, reason="reassigned", paid_too=True)
        record_event(
            merchant_id=row.merchant_id,
            type="conversion.reassigned",
            subject_id=row.id,
            by=by,
            at=at,
            data={"enrollment": str(enrollment.id), "was": was, "reason": reason},
        )
    conversion.refresh_from_db()
    return conversion


def reassign_customer(
    *,
    customer: Customer,
    program: Program,
    enrollment: Enrollment,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[UUID]:
    """Bind a customer to an enrollment from now on; return the conversions that were reassigned.

    Those are the customer's in the program of which nothing was paid or lies in a payout; what is
    closed stays where it was. Later ones are decided as ever, but of all bindings this one counts.

    :raises BadValue: if the enrollment is of another program, or nobody says why.
    """
    _require(enrollment, program.id, reason)
    merchant_id = program.merchant_id
    with transaction.atomic():
        Touch.objects.create(
            merchant_id=merchant_id,
            program=program,
            customer=customer,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            kind=TouchKind.ASSIGNED,
            evidence=at.isoformat(),
            at=at,
            bound_at=at,
        )
        ids = _open_of(customer, program)
        _assign(Conversion.objects.filter(merchant_id=merchant_id, id__in=ids), enrollment, reason)
        rederive(merchant_id, ids, at=at, by=by, reason="reassigned")
        record_event(
            merchant_id=merchant_id,
            type="customer.reassigned",
            subject_id=customer.id,
            by=by,
            at=at,
            data={
                "program": str(program.id),
                "enrollment": str(enrollment.id),
                "conversions": [str(id) for id in ids],
                "reason": reason,
            },
        )
    return ids


def _require(enrollment: Enrollment, program_id: UUID, reason: str) -> None:
    if enrollment.program_id != program_id:
        message = _("This affiliate is not in the program.")
        raise BadValue("enrollment", "other_program", message)
    if not reason.strip():
        raise BadValue("reason", "required", _("Say why: it is kept with the conversion."))


def _assign(rows: QuerySet[Conversion], enrollment: Enrollment, reason: str) -> None:
    rows.update(assigned_enrollment=enrollment, assigned_reason=reason.strip()[:500])


def _credited(merchant_id: UUID, conversion_id: UUID) -> list[str]:
    rows = Credit.objects.filter(merchant_id=merchant_id, conversion_id=conversion_id)
    return [str(id) for id in rows.order_by("id").values_list("enrollment_id", flat=True)]


def _open_of(customer: Customer, program: Program) -> list[UUID]:
    """Lock the customer's conversions that are not closed; return which, in order."""
    closed = Commission.objects.filter(
        merchant_id=program.merchant_id,
        conversion__customer=customer,
        status__in=[Status.RESERVED, Status.PAID],
    )
    rows = Conversion.objects.filter(
        merchant_id=program.merchant_id, program=program, customer=customer, is_test=False
    ).exclude(status=ConversionStatus.DECLINED)
    open_ones = rows.exclude(id__in=closed.values("conversion_id")).order_by("id")
    locked = open_ones.select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("id", flat=True))
