"""Lines of no conversion: written once, cut by budgets, posted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.budgets import Cut, cut, trace_of_budget
from commissions.models import Commission, Kind, Status
from common.ids import new_id
from ledger.models import AccountKind
from ledger.services import post, transfer
from merchants.events import draft_event, record_events
from merchants.models import SYSTEM, Actor, Event

CUT_SUFFIX = ":cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """What an enrollment is to have earned; `event_ref` makes a second one harmless."""

    enrollment: Enrollment
    kind: Kind
    event_ref: str
    amount_minor: int
    earned_at: datetime
    rule_version_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def hold_of(enrollment: Enrollment) -> timedelta:
    """Return how long its lines wait: as its tier says, unless that has ended, or the program."""
    tier, days = enrollment.tier, None
    if tier is not None and tier.archived_at is None:
        days = tier.hold_days
    return timedelta(days=enrollment.program.hold_days if days is None else days)


def write_lines(
    merchant_id: UUID, drafts: Sequence[LineDraft], *, at: datetime, waits: bool = True
) -> list[Commission]:
    """Write those of the lines that are new, pending; return them.

    What a hard budget cuts off is a declined line beside the rest, so that nothing computes it
    again. Their enrollments come with tier and program. `waits`: for the hold.
    """
    new = _without_known(merchant_id, drafts)
    lines = [_line(draft, at, waits=waits) for draft in new]
    cuts = cut(merchant_id, lines, lock=True)
    written = [kept for line, one in zip(lines, cuts, strict=True) for kept in _parts(line, one)]
    Commission.objects.bulk_create(written)
    earned = [line for line in written if line.status != Status.DECLINED]
    post_lines(merchant_id, earned, at=at)
    record_events([created_event(line, by=SYSTEM, at=at) for line in earned])
    return written


def _without_known(merchant_id: UUID, drafts: Sequence[LineDraft]) -> list[LineDraft]:
    """Leave out what was written before; the caller's lock keeps others from writing it now."""
    refs = {draft.event_ref for draft in drafts}
    refs |= {ref + CUT_SUFFIX for ref in refs}
    rows = Commission.objects.filter(
        merchant_id=merchant_id,
        conversion=None,
        enrollment_id__in={draft.enrollment.id for draft in drafts},
        event_ref__in=refs,
    )
    known = {
        (enrollment_id, ref.removesuffix(CUT_SUFFIX))
        for enrollment_id, ref in rows.values_list("enrollment_id", "event_ref")
    }
    return [draft for draft in drafts if (draft.enrollment.id, draft.event_ref) not in known]


def _line(draft: LineDraft, at: datetime, *, waits: bool) -> Commission:
    enrollment = draft.enrollment
    return Commission(
        id=new_id(),
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment_id=enrollment.id,
        affiliate_id=enrollment.affiliate_id,
        rule_version_id=draft.rule_version_id,
        kind=draft.kind,
        event_ref=draft.event_ref,
        amount_minor=draft.amount_minor,
        currency=enrollment.program.currency,
        facts=draft.facts,
        status=Status.PENDING,
        status_changed_at=at,
        hold_until=draft.earned_at + hold_of(enrollment) if waits else at,
        earned_at=draft.earned_at,
    )


def _parts(line: Commission, found: Cut) -> Iterable[Commission]:
    """Return what is left of a line, and what was cut off as a line of its own."""
    cut_minor = line.amount_minor - found.amount_minor
    if not cut_minor:
        return [line]
    said = line.facts | {"budgets": [trace_of_budget(one) for one in found.findings]}
    cut_off = Commission(
        id=new_id(),
        merchant_id=line.merchant_id,
        program_id=line.program_id,
        enrollment_id=line.enrollment_id,
        affiliate_id=line.affiliate_id,
        rule_version_id=line.rule_version_id,
        kind=line.kind,
        event_ref=line.event_ref + CUT_SUFFIX,
        amount_minor=cut_minor,
        currency=line.currency,
        facts=said,
        status=Status.DECLINED,
        status_changed_at=line.status_changed_at,
        status_reason=_("A budget was used up."),
        hold_until=line.hold_until,
        earned_at=line.earned_at,
    )
    line.amount_minor, line.facts = found.amount_minor, said
    return [line, cut_off] if line.amount_minor else [cut_off]


def post_lines(
    merchant_id: UUID,
    lines: Iterable[Commission],
    *,
    at: datetime,
    out_of: AccountKind = AccountKind.COMMISSION_EXPENSE,
) -> None:
    """Post lines that are new: into what is pending, or, when they are approved, payable."""
    drafts = [
        transfer(
            source=f"commission:{line.id}:earned",
            amount_minor=line.amount_minor,
            currency=line.currency,
            enrollment_id=line.enrollment_id,
            out_of=out_of,
            into=AccountKind.PAYABLE if line.status == Status.APPROVED else AccountKind.PENDING,
        )
        for line in lines
    ]
    post(merchant_id=merchant_id, drafts=drafts, at=at)


def created_event(line: Commission, *, by: Actor, at: datetime) -> Event:
    """Return the event of a line that is new."""
    return draft_event(
        merchant_id=line.merchant_id,
        type="commission.created",
        subject_id=line.id,
        by=by,
        at=at,
        data={
            "conversion": None,
            "enrollment": str(line.enrollment_id),
            "kind": line.kind,
            "amount_minor": line.amount_minor,
            "currency": line.currency,
        },
    )
