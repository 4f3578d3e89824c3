"""Status reports: what the merchant's systems say of an order later."""

from datetime import datetime

from django.db import transaction

from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program
from tracking.models import ReportedStatus, StatusReport
from tracking.services.orders import find_order, goal_of_order


def record_status(
    *,
    program: Program,
    goal: str,
    order_id: str,
    status: ReportedStatus,
    external_id: str = "",
    reason: str = "",
    occurred_at: datetime,
    by: Actor,
    at: datetime,
    is_test: bool = False,
) -> tuple[StatusReport, bool]:
    """Store what became of an order; return the fact and whether it is new.

    The worker applies it, once the order is there. The same status under the same `external_id` is
    one fact, however often it comes. `goal` is a code, or empty (see goal_of_order).

    :raises UnknownGoal: if the program has no such goal.
    """
    is_test = is_test or program.is_test
    goal_row = goal_of_order(program=program, code=goal, order_id=order_id, is_test=is_test)
    with transaction.atomic():
        order = find_order(program=program, goal=goal_row, order_id=order_id, is_test=is_test)
        report, created = StatusReport.objects.get_or_create(
            merchant_id=program.merchant_id,
            program=program,
            goal=goal_row,
            order_id=order_id,
            is_test=is_test,
            status=status,
            external_id=external_id,
            defaults={"conversion": order, "reason": reason, "occurred_at": occurred_at},
        )
        if created:
            record_event(
                merchant_id=program.merchant_id,
                type="conversion.status_reported",
                subject_id=order.id if order else report.id,
                by=by,
                at=at,
                data={"order_id": order_id, "status": status, "reason": reason},
            )
    return report, created
