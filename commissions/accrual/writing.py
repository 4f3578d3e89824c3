"""Set-based: what was decided about a batch becomes rows, in a few statements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from commissions.accrual.decide import Case
from commissions.accrual.gather import Binding
from commissions.accrual.trace import earned_draft, trace_of
from commissions.line import Line
from commissions.models import Commission, Grant
from common.ids import new_id_text
from common.rows import insert_rows, json_text, values_apart
from ledger.services import post
from merchants.models import SYSTEM, Actor, Event
from tracking.models import CouponUse, Credit, Touch

SETTLE = """
UPDATE tracking_conversion AS conversion
SET status = new.status, reason = new.reason, trace = new.trace,
    status_changed_at = coalesce(new.moved_at, conversion.status_changed_at),
    attributed_at = coalesce(conversion.attributed_at, %s)
FROM json_to_recordset(%s::json) AS new (
    id uuid, status text, reason text, trace jsonb, moved_at timestamptz
)
WHERE conversion.merchant_id = %s AND conversion.id = new.id
"""
# Of one evidence the earliest moment counts, in whatever order its conversions arrive.
EARLIEST = """
(merchant_id, program_id, customer_id, kind, evidence, is_test)
DO UPDATE SET at = excluded.at, bound_at = excluded.bound_at
WHERE excluded.bound_at < tracking_touch.bound_at
"""


def write_cases(merchant_id: UUID, cases: Sequence[Case], *, at: datetime) -> None:
    """Write all that follows from conversions that were attributed for the first time."""
    again = [case.conversion.id for case in cases if case.conversion.trace]
    if again:  # What was credited while it was a browser's word; nothing was paid for that.
        forget_credits(merchant_id, again)
    write_credits(merchant_id, cases)
    lines = [line for case in cases for line in case.commissions]
    write_lines(merchant_id, lines, at=at)
    write_grants([grant for case in cases for grant in case.grants])
    write_bindings([case.binding for case in cases if case.binding])
    uses = [case.coupon_use for case in cases if case.coupon_use]
    CouponUse.objects.bulk_create(uses, ignore_conflicts=True)
    for case in cases:
        case.conversion.trace = trace_of(case)
    settle(merchant_id, cases, at=at)
    said = [(case.conversion.id, _attributed(case)) for case in cases]
    write_events(merchant_id, "conversion.attributed", said, at=at)
    write_created(merchant_id, lines, at=at)


def forget_credits(merchant_id: UUID, conversion_ids: Collection[UUID]) -> None:
    """Delete the credits of conversions: they are derived."""
    Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=conversion_ids).delete()


def write_credits(merchant_id: UUID, cases: Iterable[Case]) -> None:
    """Store the credits of the cases."""
    rows = [
        {"id": new_id_text(), "conversion_id": case.conversion.id, **credit._asdict()}
        for case in cases
        for credit in case.credits
    ]
    insert_rows(Credit, rows, shared={"merchant_id": merchant_id})


def write_lines(merchant_id: UUID, lines: Sequence[Line], *, at: datetime) -> None:
    """Store new lines with their journals."""
    insert_rows(Commission, [vars(line) for line in lines])
    post(merchant_id=merchant_id, drafts=[earned_draft(line) for line in lines], at=at)


def write_grants(grants: Sequence[Grant]) -> None:
    """Store those of the grants that are new."""
    Grant.objects.bulk_create(grants, ignore_conflicts=True)


def write_bindings(bindings: Sequence[Binding]) -> None:
    """Store by what customers are known."""
    earliest: dict[tuple[Any, ...], Binding] = {}
    for row in bindings:
        key = (row.program_id, row.customer_id, row.kind, row.evidence, row.is_test)
        if key not in earliest or row.bound_at < earliest[key].bound_at:
            earliest[key] = row
    insert_rows(Touch, [vars(row) for row in earliest.values()], on_conflict=EARLIEST)


def settle(merchant_id: UUID, cases: Sequence[Case], *, at: datetime) -> None:
    """Store status and trace of the conversions; what was not attributed, is now."""
    rows = [
        {
            "id": row.id,
            "status": row.status,
            "reason": row.reason,
            "trace": row.trace,
            "moved_at": row.moved_at,
        }
        for row in (case.conversion for case in cases)
    ]
    with values_apart() as cursor:
        cursor.execute(SETTLE, [at, json_text(rows), merchant_id])


def _attributed(case: Case) -> dict[str, Any]:
    return {
        "status": case.conversion.status,
        "reason": case.conversion.reason,
        "enrollments": [credit.enrollment_id for credit in case.credits],
        "is_test": case.conversion.is_test,
    }


def write_created(
    merchant_id: UUID, lines: Iterable[Line], *, at: datetime, by: Actor = SYSTEM
) -> None:
    """Store the events of new lines."""
    said = [
        (
            line.id,
            {
                "conversion": line.conversion_id,
                "enrollment": line.enrollment_id,
                "amount_minor": line.amount_minor,
                "currency": line.currency,
            },
        )
        for line in lines
    ]
    write_events(merchant_id, "commission.created", said, at=at, by=by)


def write_events(
    merchant_id: UUID,
    type: str,
    said: Iterable[tuple[UUID, dict[str, Any]]],
    *,
    at: datetime,
    by: Actor = SYSTEM,
) -> None:
    """Store an event of one type for each subject, with what there is to say of it."""
    rows = [{"id": new_id_text(), "subject_id": id, "data": data} for id, data in said]
    shared = {
        "merchant_id": merchant_id,
        "type": type,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "at": at,
    }
    insert_rows(Event, rows, shared=shared)
