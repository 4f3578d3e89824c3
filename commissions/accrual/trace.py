"""The trace of a conversion: what was seen and decided, in words that stay; and its events."""

from datetime import datetime
from typing import Any

from commissions.accrual.decide import Case
from commissions.accrual.limits import CapFinding
from commissions.models import Commission
from ledger.models import AccountKind
from ledger.services import Draft, transfer
from merchants.events import draft_event
from merchants.models import SYSTEM, Event
from tracking.attribution import Judged, Verdict


def trace_of(case: Case) -> dict[str, Any]:
    """Return what is kept of how it was decided. Of a test: what it would have paid."""
    version, award = case.version, case.award
    credited = bool(case.outcome.shares) and not case.is_refused
    return {
        "policy": {"model": "last_touch", "window_days": case.policy.window_days},
        "touches": [trace_of_touch(item) for item in case.outcome.touches],
        "caps": [trace_of_cap(finding) for finding in case.caps],
        "rules": [
            {
                "rule_version": str(version.id),
                "level": "program",
                "matched": True,
                "reason": "goal",
            }
        ]
        if version
        else [],
        "arithmetic": list(award.arithmetic) if award and credited else [],
    }


def trace_of_touch(item: Judged) -> dict[str, Any]:
    """Return one judged touch as the trace keeps it."""
    touch = item.touch
    kept = {
        "at": touch.at.isoformat(),
        "kind": touch.kind,
        "evidence": touch.evidence,
        "enrollment": str(touch.owner.enrollment_id) if touch.owner else None,
        "accepted": item.verdict is Verdict.ACCEPTED,
        "reason": item.verdict,
    }
    return kept | ({"bound_at": touch.bound_at.isoformat()} if touch.bound_at else {})


def trace_of_cap(finding: CapFinding) -> dict[str, Any]:
    """Return what a cap said as the trace keeps it: `used` counts the conversions before."""
    return {
        "cap": finding.counter.cap_id,
        "counted": finding.counter.counted,
        "period_start": finding.counter.period_start.isoformat(),
        "limit": finding.cap.limit,
        "used": finding.used,
        "is_hard": finding.cap.is_hard,
        "is_reached": finding.is_reached,
    }


def earned_draft(line: Commission) -> Draft:
    """Return the journal of a line that starts pending."""
    return transfer(
        source=f"commission:{line.id}:earned",
        amount_minor=line.amount_minor,
        currency=line.currency,
        enrollment_id=line.enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING,
    )


def events_of(case: Case, at: datetime) -> list[Event]:
    """Return what history says of it."""
    conversion = case.conversion
    attributed = draft_event(
        merchant_id=conversion.merchant_id,
        type="conversion.attributed",
        subject_id=conversion.id,
        by=SYSTEM,
        at=at,
        data={
            "status": conversion.status,
            "reason": conversion.reason,
            "enrollments": [str(credit.enrollment_id) for credit in case.credits],
            "is_test": conversion.is_test,
        },
    )
    return [attributed, *(_created(line, at) for line in case.commissions)]


def _created(line: Commission, at: datetime) -> Event:
    return draft_event(
        merchant_id=line.merchant_id,
        type="commission.created",
        subject_id=line.id,
        by=SYSTEM,
        at=at,
        data={
            "conversion": str(line.conversion_id),
            "enrollment": str(line.enrollment_id),
            "amount_minor": line.amount_minor,
            "currency": line.currency,
        },
    )
