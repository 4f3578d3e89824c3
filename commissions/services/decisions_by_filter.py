"""Decisions about whatever a filter finds: shown with count and sum first, then carried out.

Few lines are moved at once; many by a worker, in batches, while a page shows how far it is.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commissions.models import Commission, Status
from commissions.models.decisions import Decision, DecisionStatus
from commissions.selectors import Total, totals_of
from commissions.services.moves import ROUTES, move_commissions
from commissions.services.reasons import clean_reason
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor, ActorKind
from merchants.tenancy import merchant_context

AT_ONCE_MAX = 500  # Lines that are moved while the person waits; more are left to a worker.
BATCH = 500
NEED_REASON = (Status.DECLINED, Status.HELD)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a decision would do, and to how many of the chosen lines it would do nothing."""

    chosen: int
    movable: QuerySet[Commission]
    totals: list[Total]

    @property
    def count(self) -> int:
        """How many would move."""
        return sum(total.count for total in self.totals)

    @property
    def skipped(self) -> int:
        """How many stay as they are, because their status does not allow it."""
        return self.chosen - self.count

    @property
    def seen(self) -> str:
        """What the person was shown, to compare with when they confirm."""
        return ";".join(f"{row.count} {row.amount_minor} {row.currency}" for row in self.totals)


def preview_decision(lines: QuerySet[Commission], *, to: Status) -> DryRun:
    """Return what moving the lines to `to` would do; writes nothing."""
    movable = lines.filter(status__in=[origin for origin, goal in ROUTES if goal == to])
    return DryRun(lines.count(), movable, totals_of(movable))


def decide_lines(
    *,
    merchant_id: UUID,
    lines: QuerySet[Commission],
    to: Status,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> int | Decision:
    """Move the lines now and return how many moved; of many, return what a worker will do."""
    ids = list(lines.order_by("earned_at", "id").values_list("id", flat=True))
    if len(ids) <= AT_ONCE_MAX:
        return move_commissions(
            merchant_id=merchant_id, ids=ids, to=to, by=by, at=at, reason=reason
        )
    decision = Decision.objects.create(
        merchant_id=merchant_id,
        to=to,
        reason=reason,
        line_ids=ids,
        line_count=len(ids),
        actor_kind=by.kind,
        actor_id=by.id,
        asked_at=at,
    )
    record_event(
        merchant_id=merchant_id,
        type="commissions.decided",
        subject_id=decision.id,
        by=by,
        at=at,
        data={"status": to, "lines": len(ids), "reason": reason},
    )
    return decision


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did, or with a dry run would do."""

    count: int
    skipped: int
    totals: list[Total]
    is_dry_run: bool
    moved: int | None = None  # None: nothing yet.
    decision_id: UUID | None = None  # Of many lines: what a worker carries out.


def decide_chosen(
    *,
    merchant_id: UUID,
    lines: QuerySet[Commission],
    to: Status,
    by: Actor,
    at: datetime,
    reason: str = "",
    is_dry_run: bool = False,
    expected_count: int | None = None,
) -> Decided:
    """Count what moving the lines to `to` does and, unless it is a dry run, do it; return both.

    :raises BadValue: if a reason is needed, or `expected_count` is not how many would move.
    """
    dry_run = preview_decision(lines, to=to)
    said = Decided(dry_run.count, dry_run.skipped, dry_run.totals, is_dry_run)
    if is_dry_run:
        return said
    reason = clean_reason(reason, is_needed=to in NEED_REASON)
    if expected_count not in (None, dry_run.count):
        message = _("%d would move now: look again.") % dry_run.count
        raise BadValue("expected_count", "changed", message)
    done = decide_lines(
        merchant_id=merchant_id, lines=dry_run.movable, to=to, by=by, at=at, reason=reason
    )
    if isinstance(done, Decision):
        return replace(said, decision_id=done.id)
    return replace(said, moved=done)


def decision_of(*, merchant_id: UUID, decision_id: UUID) -> Decision | None:
    """Return one decision of the merchant, if it is there."""
    return Decision.objects.filter(merchant_id=merchant_id, id=decision_id).first()


def run_decisions(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Carry out the next lines of a merchant's oldest decision; return how many were looked at."""
    with merchant_context(merchant_id):
        due = Decision.objects.filter(merchant_id=merchant_id, finished_at=None)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        decision = locked.order_by("asked_at", "id").first()
        if decision is None:
            return 0
        ids = decision.line_ids[decision.done_count : decision.done_count + limit]
        decision.moved_count += move_commissions(
            merchant_id=merchant_id,
            ids=ids,
            to=Status(decision.to),
            by=Actor(ActorKind(decision.actor_kind), decision.actor_id),
            at=at,
            reason=decision.reason,
        )
        decision.done_count += len(ids)
        is_done = decision.done_count >= decision.line_count
        decision.status = DecisionStatus.DONE if is_done else DecisionStatus.RUNNING
        decision.finished_at = at if is_done else None
        decision.save(update_fields=["moved_count", "done_count", "status", "finished_at"])
    return len(ids)
