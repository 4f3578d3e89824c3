"""From what is due to lines and grants, not stored yet, and the status that follows from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from commissions.accrual.conversions import ConversionRow
from commissions.accrual.decide import Case, Due
from commissions.accrual.history import is_counted
from commissions.budgets import cut, trace_of_budget
from commissions.line import Line
from commissions.models import EARNING_REF, Grant, Status
from tracking.models import ConversionStatus, Reason


def draw_lines(merchant_id: UUID, cases: Sequence[Case], *, at: datetime, lock: bool) -> None:
    """Write lines, grants and the status into the cases; budgets cut off what goes beyond them."""
    for case in cases:
        if is_counted(case.conversion):
            case.commissions = [line_of(case.conversion, due) for due in case.due]
            case.grants = grants_of(case, at)
    cut_lines(merchant_id, cases, lock=lock)
    for case in cases:
        settle_status(case, at)


def line_of(conversion: ConversionRow, due: Due) -> Line:
    """Return the line of what is due."""
    is_held = conversion.status == ConversionStatus.HELD  # While it was a browser's word.
    return Line(
        merchant_id=conversion.merchant_id,
        program_id=conversion.program_id,
        enrollment_id=due.enrollment_id,
        affiliate_id=due.affiliate_id,
        conversion_id=conversion.id,
        rule_version_id=due.rule_version_id,
        kind=due.kind,
        event_ref=due.way or EARNING_REF,
        amount_minor=due.amount_minor,
        currency=conversion.currency,
        status=Status.HELD if is_held else Status.PENDING,
        status_changed_at=conversion.occurred_at,
        hold_until=conversion.occurred_at + timedelta(days=due.hold_days),
        earned_at=conversion.occurred_at,
    )


def grants_of(case: Case, at: datetime) -> list[Grant]:
    """Return the rewards that are no money: the affiliate's, and the customer's."""
    conversion = case.conversion
    return [
        Grant(
            merchant_id=conversion.merchant_id,
            program_id=conversion.program_id,
            conversion_id=conversion.id,
            rule_version_id=version_id,
            enrollment_id=credit.enrollment_id,
            affiliate_id=credit.affiliate_id,
            customer_id=conversion.customer_id if draft.is_for_friend else None,
            kind=draft.kind,
            quantity=draft.quantity,
            description=draft.description,
            status_changed_at=at,
            hold_until=conversion.occurred_at + timedelta(days=hold_days),
        )
        for credit, version_id, hold_days, draft in case.grants_due
    ]


def cut_lines(merchant_id: UUID, cases: Sequence[Case], *, lock: bool) -> None:
    """Cut the lines of the cases to what their budgets leave, and say so in the cases."""
    lines = [line for case in cases for line in case.commissions]
    if not lines:
        return
    cuts = iter(cut(merchant_id, lines, lock=lock))
    for case in cases:
        kept = []
        for line in case.commissions:
            found = next(cuts)
            wanted_minor = line.amount_minor
            exceeded = [row for row in found.findings if row.is_exceeded]
            if exceeded:
                case.budgets.append(
                    {
                        "enrollment": str(line.enrollment_id),
                        "event_ref": line.event_ref,
                        "wanted_minor": wanted_minor,
                        "amount_minor": found.amount_minor,
                        "said": [trace_of_budget(row) for row in exceeded],
                    }
                )
            if found.amount_minor != wanted_minor:
                line.amount_minor = found.amount_minor
                line.facts = {**line.facts, "wanted_minor": wanted_minor}
            if line.amount_minor:
                kept.append(line)
        case.commissions = kept


def settle_status(case: Case, at: datetime) -> None:
    """Write into the conversion where it stands, now that its lines are known."""
    conversion = case.conversion
    waits = bool(case.commissions) or (conversion.is_unverified and not conversion.is_test)
    if waits and conversion.status == ConversionStatus.HELD:
        return  # Somebody holds it, for a reason that stands.
    conversion.status = ConversionStatus.PENDING if waits else ConversionStatus.APPROVED
    conversion.reason = _reason(case)
    conversion.moved_at = at


def _reason(case: Case) -> Reason:
    """Return why it is not approved, or why nobody waits for money."""
    if case.conversion.is_test:
        return Reason.TEST
    if case.conversion.is_unverified:
        return Reason.UNVERIFIED
    if case.commissions:
        return Reason.ON_HOLD
    if case.is_refused:
        return Reason.CAP_REACHED
    if not case.credits:
        return Reason.UNATTRIBUTED
    return Reason.NONE if case.grants or case.budgets else Reason.NO_RULE
