"""The trace of a conversion: what was seen and decided, in words that stay."""

from typing import Any

from commissions.accrual.decide import Case
from commissions.accrual.limits import CapFinding
from commissions.line import Line
from commissions.rules import Look
from ledger.models import AccountKind
from ledger.services import Draft, transfer
from tracking.attribution import Judged, Model, Policy, Verdict


def trace_of(case: Case) -> dict[str, Any]:
    """Return what is kept of how it was decided. Of a test: what it would have paid."""
    trace: dict[str, Any] = {
        "policy": trace_of_policy(case.policy),
        "touches": [trace_of_touch(item) for item in case.outcome.touches],
        "caps": [trace_of_cap(finding) for finding in case.caps],
        "rules": [
            trace_of_look(look, row.credit.enrollment_id)
            for row in case.awarded
            for look in row.looks
        ]
        + [trace_of_look(look, enrollment_id) for enrollment_id, look in case.overrides],
        "arithmetic": case.arithmetic,
    }
    if len(case.awarded) > 1:
        trace["arithmetic_of"] = {
            str(row.credit.enrollment_id): row.award.arithmetic for row in case.awarded
        }
    if case.guarded:
        trace["guard"] = {
            "bps_max": case.guarded.bps_max,
            "net_minor": case.guarded.net_minor,
            "wanted_minor": case.guarded.wanted_minor,
            "allowed_minor": case.guarded.allowed_minor,
        }
    if case.budgets:
        trace["budgets"] = case.budgets
    conversion = case.conversion
    if conversion.assigned_enrollment_id:
        trace["assigned"] = {
            "enrollment": str(conversion.assigned_enrollment_id),
            "reason": conversion.assigned_reason,
        }
    return trace


def trace_of_policy(policy: Policy) -> dict[str, Any]:
    """Return the policy as the trace keeps it: what is as always, is left out."""
    kept: dict[str, Any] = {"model": policy.model.value, "window_days": policy.window_days}
    if policy.model is Model.TIME_DECAY:
        kept["half_life_days"] = policy.half_life_days
    if policy.coupon_first:
        kept["coupon_first"] = True
    if policy.new_customers_only:
        kept["new_customers_only"] = True
        kept["reactivation_days"] = policy.reactivation_days
    if policy.lock_in_months is not None:
        kept["lock_in_months"] = policy.lock_in_months
    return kept


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
        "share_ppm": item.share_ppm,
    }
    if touch.bound_at:
        kept["bound_at"] = touch.bound_at.isoformat()
    return kept


def trace_of_look(look: Look, enrollment_id: Any) -> dict[str, Any]:
    """Return one rule that was asked, for one enrollment, as the trace keeps it."""
    return {
        "rule_version": str(look.rule_version) if look.rule_version else None,
        "level": str(look.level).lower(),
        "matched": look.matched,
        "reason": look.reason,
        "enrollment": str(enrollment_id),
    }


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


def earned_draft(line: Line) -> Draft:
    """Return the journal of a new line: what waits is pending, what is owed at once is payable."""
    waits = line.status in ("PENDING", "HELD")
    return transfer(
        source=f"commission:{line.id}:earned",
        amount_minor=line.amount_minor,
        currency=line.currency,
        enrollment_id=line.enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING if waits else AccountKind.PAYABLE,
    )
