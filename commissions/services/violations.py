"""Violations of a program's rules: filed with what proves them, each with its consequence.

A warning is written down and mailed. A hold stops what was earned and is not payable yet. A
suspension ends earning. Taking back declines everything that was not paid; what was paid already
is taken back by a line by hand, because somebody must say how much.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from affiliates.models import Enrollment, Severity, Violation
from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import Commission, Status
from commissions.services.decisions_by_filter import decide_lines
from commissions.services.moves import ROUTES
from common.refusals import cleaned
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require

TO = {Severity.HOLD: Status.HELD, Severity.CLAW_BACK: Status.DECLINED}


@dataclass(frozen=True, slots=True)
class Filed:
    """A violation, and to how many commissions its consequence applied."""

    violation: Violation
    lines: int


def file_violation(
    *,
    member: Member,
    enrollment: Enrollment,
    severity: Severity,
    rule: str,
    evidence: str,
    at: datetime,
) -> Filed:
    """Write a violation down and let its consequence follow; return both.

    :raises NotAllowed: if money is touched, or somebody suspended, without the right to that.
    :raises BadValue: if the rule or the evidence is empty or too long.
    """
    require(member, Right.REVIEW_AFFILIATES)
    if severity in TO:
        require(member, Right.REVIEW_COMMISSIONS)
    by = acting_user(member.user)
    with transaction.atomic():
        violation = Violation.objects.create(
            merchant_id=enrollment.merchant_id,
            enrollment=enrollment,
            severity=severity,
            rule=cleaned(Violation, "rule", rule.strip()),
            evidence=cleaned(Violation, "evidence", evidence.strip()),
            filed_by=member,
            at=at,
        )
        _record(violation, "enrollment.violation_filed", member, at, severity=severity)
        if severity == Severity.SUSPEND and enrollment.status == EnrollmentStatus.APPROVED:
            move_enrollment(
                enrollment=enrollment,
                to=EnrollmentStatus.SUSPENDED,
                by=by,
                at=at,
                reason=violation.rule,
            )
        lines = _follow(violation, severity, member, at) if severity in TO else 0
    return Filed(violation, lines)


def _follow(violation: Violation, severity: Severity, member: Member, at: datetime) -> int:
    """Hold or decline what is waiting; return how many lines that are. Many, a worker moves."""
    to = TO[severity]
    lines = Commission.objects.filter(
        merchant_id=violation.merchant_id,
        enrollment_id=violation.enrollment_id,
        status__in=[origin for origin, goal in ROUTES if goal == to],
    )
    count = lines.count()
    decide_lines(
        merchant_id=violation.merchant_id,
        lines=lines,
        to=to,
        by=acting_user(member.user),
        at=at,
        reason=violation.rule,
    )
    return count


def resolve_violation(
    *, member: Member, violation: Violation, resolution: str, at: datetime
) -> Violation:
    """Say how a violation ended; return it. What it led to is undone by hand, if at all.

    Safe to repeat: the first resolution counts.

    :raises BadValue: if nothing is said, or too much.
    """
    require(member, Right.REVIEW_AFFILIATES)
    said = cleaned(Violation, "resolution", resolution.strip() or None)
    rows = Violation.objects.filter(
        merchant_id=violation.merchant_id, id=violation.id, resolved_at=None
    )
    if rows.update(resolved_at=at, resolution=said):
        _record(violation, "enrollment.violation_resolved", member, at, resolution=said)
    violation.refresh_from_db(fields=["resolved_at", "resolution"])
    return violation


def violations_of(enrollment: Enrollment) -> list[Violation]:
    """Return what the affiliate did, the open ones first, then the newest."""
    rows = Violation.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    found = list(rows.select_related("filed_by__user").order_by("-at", "-id"))
    return sorted(found, key=lambda violation: violation.resolved_at is not None)


def _record(violation: Violation, type: str, member: Member, at: datetime, **facts: str) -> None:
    record_event(
        merchant_id=violation.merchant_id,
        type=type,
        subject_id=violation.enrollment_id,
        by=acting_user(member.user),
        at=at,
        data={"rule": violation.rule, **facts},
    )
