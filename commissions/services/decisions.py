"""What people decide on conversions."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from commissions.models import Commission, Status
from commissions.services import grants
from commissions.services.moves import move_commissions
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from tracking.models import Conversion, ConversionStatus, Reason


def approve_conversion(*, conversion: Conversion, by: Actor, at: datetime) -> Conversion:
    """Approve a conversion's commissions before their hold ends; return the conversion.

    :raises IllegalMove: if it is not pending, or waits to be confirmed.
    """
    if conversion.status != ConversionStatus.PENDING or conversion.is_unverified:
        raise IllegalMove("The conversion", to=ConversionStatus.APPROVED, status=conversion.status)
    move_commissions(
        merchant_id=conversion.merchant_id,
        ids=_lines_of(conversion),
        to=Status.APPROVED,
        by=by,
        at=at,
    )
    conversion.refresh_from_db()
    return conversion


def decline_conversion(
    *,
    conversion: Conversion,
    reason: str,
    by: Actor,
    at: datetime,
    code: Reason = Reason.DECLINED_BY_MERCHANT,
) -> Conversion:
    """Decline a conversion with its commissions that still wait; return it.

    :raises IllegalMove: if it is approved or declined.
    """
    return _decide(
        conversion,
        to=ConversionStatus.DECLINED,
        lines_to=Status.DECLINED,
        code=code,
        reason=reason,
        by=by,
        at=at,
    )


def hold_conversion(
    *,
    conversion: Conversion,
    reason: str,
    by: Actor,
    at: datetime,
    code: Reason = Reason.HELD_BY_MERCHANT,
) -> Conversion:
    """Hold a conversion and its commissions for review; return it.

    :raises IllegalMove: if it is not pending.
    """
    return _decide(
        conversion,
        to=ConversionStatus.HELD,
        lines_to=Status.HELD,
        code=code,
        reason=reason,
        by=by,
        at=at,
    )


def release_conversion(*, conversion: Conversion, by: Actor, at: datetime) -> Conversion:
    """Let a held conversion wait for the end of its hold again; return it.

    :raises IllegalMove: if it is not held.
    """
    return _decide(
        conversion,
        to=ConversionStatus.PENDING,
        lines_to=Status.PENDING,
        code=Reason.UNVERIFIED if conversion.is_unverified else Reason.ON_HOLD,
        reason="",
        by=by,
        at=at,
    )


CONVERSION_VERBS = {
    ConversionStatus.DECLINED: "declined",
    ConversionStatus.HELD: "held",
    ConversionStatus.PENDING: "released",
}


def _decide(
    conversion: Conversion,
    *,
    to: ConversionStatus,
    lines_to: Status,
    code: Reason,
    reason: str,
    by: Actor,
    at: datetime,
) -> Conversion:
    # Only what attribution has seen can be decided on; RECEIVED turns PENDING within seconds.
    with transaction.atomic():
        rows = Conversion.objects.filter(id=conversion.id, attributed_at__isnull=False)
        if not rows.move(to=to, at=at, reason=code, detail=reason):
            conversion.refresh_from_db(fields=["status"])
            raise IllegalMove("The conversion", to=to, status=conversion.status)
        move_commissions(
            merchant_id=conversion.merchant_id,
            ids=_lines_of(conversion),
            to=lines_to,
            by=by,
            at=at,
            reason=reason,
        )
        if to == ConversionStatus.DECLINED:
            grants.take_back(conversion.merchant_id, [conversion.id], reason=reason, at=at, by=by)
        record_event(
            merchant_id=conversion.merchant_id,
            type=f"conversion.{CONVERSION_VERBS[to]}",
            subject_id=conversion.id,
            by=by,
            at=at,
            data={"reason": code},
        )
    conversion.refresh_from_db()
    return conversion


def _lines_of(conversion: Conversion) -> list[UUID]:
    lines = Commission.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(lines.values_list("id", flat=True))
