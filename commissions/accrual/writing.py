"""Set-based: what was decided about a batch becomes rows, in a few statements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from commissions.accrual.decide import Case
from commissions.accrual.trace import earned_draft, trace_of
from commissions.models import Commission, Grant
from common.ids import new_id_text
from common.rows import insert_rows, json_text
from ledger.services import post
from merchants.models import SYSTEM, Actor, Event
from tracking.models import CouponUse, Credit
from tracking.models import Touch as Binding

SETTLE = """
UPDATE tracking_conversion AS conversion
SET status = new.status, status_changed_at = new.status_changed_at, reason = new.reason,
    attributed_at = new.attributed_at, trace = new.trace
FROM json_to_recordset(%s) AS new (
    id uuid, status text, status_changed_at timestamptz, reason text, attributed_at timestamptz,
    trace jsonb
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
    write_credits(cases)
    lines = [line for case in cases for line in case.commissions]
    write_lines(merchant_id, lines, at=at)
    write_grants([grant for case in cases for grant in case.grants])
    write_bindings([case.binding for case in cases if case.binding])
    uses = [case.coupon_use for case in cases if case.coupon_use]
    CouponUse.objects.bulk_create(uses, ignore_conflicts=True)
    for case in cases:
        case.conversion.trace = trace_of(case)
    settle(merchant_id, cases)
    events = [_attributed(case, at) for case in cases]
    insert_rows(Event, events + [created_event(line, at=at) for line in lines])


def forget_credits(merchant_id: UUID, conversion_ids: Collection[UUID]) -> None:
    """Delete the credits of conversions: they are derived."""
    Credit.objects.filter(merchant_id=merchant_id, conversion_id__in=conversion_ids).delete()


def write_credits(cases: Iterable[Case]) -> None:
    """Store the credits of the cases."""
    insert_rows(Credit, [_columns(credit) for case in cases for credit in case.credits])


def write_lines(merchant_id: UUID, lines: Sequence[Commission], *, at: datetime) -> None:
    """Store new lines with their journals."""
    insert_rows(Commission, [_columns(line) for line in lines])
    post(merchant_id=merchant_id, drafts=[earned_draft(line) for line in lines], at=at)


def write_grants(grants: Sequence[Grant]) -> None:
    """Store those of the grants that are new."""
    insert_rows(Grant, [_columns(grant) for grant in grants], on_conflict="DO NOTHING")


def write_bindings(bindings: Sequence[Binding]) -> None:
    """Store by what customers are known."""
    earliest: dict[tuple[Any, ...], Binding] = {}
    for row in bindings:
        key = (row.program_id, row.customer_id, row.kind, row.evidence, row.is_test)
        if key not in earliest or row.bound_at < earliest[key].bound_at:
            earliest[key] = row
    rows = [_columns(row) for row in earliest.values()]
    insert_rows(Binding, rows, on_conflict=EARLIEST)


def settle(merchant_id: UUID, cases: Sequence[Case]) -> None:
    """Store status and trace of the conversions."""
    rows = [
        {
            "id": row.id,
            "status": row.status,
            "status_changed_at": row.status_changed_at,
            "reason": row.reason,
            "attributed_at": row.attributed_at,
            "trace": row.trace,
        }
        for row in (case.conversion for case in cases)
    ]
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [json_text(rows), merchant_id])


def _columns(row: Any) -> dict[str, Any]:
    """Return a row's values by column, as JSON knows them."""
    values = vars(row)
    return {name: values[name] for name in _names(type(row))}


_known: dict[type, list[str]] = {}


def _names(model: Any) -> list[str]:
    if model not in _known:
        _known[model] = [
            field.attname for field in model._meta.concrete_fields if field.attname != "created_at"
        ]
    return _known[model]


def _attributed(case: Case, at: datetime) -> dict[str, Any]:
    conversion = case.conversion
    return event_row(
        conversion.merchant_id,
        "conversion.attributed",
        conversion.id,
        {
            "status": conversion.status,
            "reason": conversion.reason,
            "enrollments": [str(credit.enrollment_id) for credit in case.credits],
            "is_test": conversion.is_test,
        },
        at=at,
    )


def created_event(line: Commission, *, at: datetime, by: Actor = SYSTEM) -> dict[str, Any]:
    """Return the event of a new line, as a row."""
    return event_row(
        line.merchant_id,
        "commission.created",
        line.id,
        {
            "conversion": str(line.conversion_id) if line.conversion_id else None,
            "enrollment": str(line.enrollment_id),
            "amount_minor": line.amount_minor,
            "currency": line.currency,
        },
        at=at,
        by=by,
    )


def event_row(
    merchant_id: UUID,
    type: str,
    subject_id: UUID,
    data: dict[str, Any],
    *,
    at: datetime,
    by: Actor = SYSTEM,
) -> dict[str, Any]:
    """Return an event as a row, for `insert_rows`."""
    return {
        "id": new_id_text(),
        "merchant_id": merchant_id,
        "type": type,
        "subject_id": subject_id,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "data": data,
        "at": at,
    }
