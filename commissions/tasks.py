"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from celery import shared_task

from commissions import directory, services
from commissions.claim_mails import tell_of_claims as tell_of_claims_of
from commissions.notices import note_rate_changes as note_rate_changes_of
from commissions.replays import run_replays as run_replays_of
from commissions.services.decisions_by_filter import run_decisions as run_decisions_of
from commissions.services.draws import draw_experiments as draw_experiments_of
from common.clock import now

log = structlog.get_logger()

ROUNDS = 20  # Of a batch each, per merchant and sweep; the next sweep is a second away.


class Step(Protocol):
    """A service that works through one batch of a merchant and says how many rows it took."""

    def __call__(self, *, merchant_id: UUID, at: datetime) -> int: ...


def drain(merchant_ids: list[UUID], step: Step, *, clock: Callable[[], datetime] = now) -> int:
    """Run the step for each merchant until it finds nothing, ROUNDS at the most; return the rows.

    Merchants take turns, so that a large one does not keep the others waiting.
    """
    done = 0
    for _round in range(ROUNDS):
        counts = {id: _attempt(step, id, clock()) for id in merchant_ids}
        merchant_ids = [id for id, count in counts.items() if count]
        done += sum(counts.values())
        if not merchant_ids:
            break
    return done


def _attempt(step: Step, merchant_id: UUID, at: datetime) -> int:
    try:
        return step(merchant_id=merchant_id, at=at)
    except Exception:  # One merchant's trouble is not the others'; the next sweep tries again.
        log.exception("sweep.failed", merchant=str(merchant_id))
        return 0


@shared_task(name="commissions.process_conversions")
def process_conversions() -> None:
    """Attribute what has arrived."""
    drain(directory.merchants_with_conversions(), services.process_conversions)


@shared_task(name="commissions.process_refunds")
def process_refunds() -> None:
    """Take back what was refunded."""
    drain(directory.merchants_with_refunds(), services.process_refunds)


@shared_task(name="commissions.process_status_reports")
def process_status_reports() -> None:
    """Apply what merchants' systems said of their orders."""
    drain(directory.merchants_with_status_reports(), services.process_status_reports)


@shared_task(name="commissions.attach_waiting")
def attach_waiting() -> None:
    """Attach what waited for an order to the order."""
    drain(directory.merchants_with_orders_waited_for(), services.attach_waiting)


@shared_task(name="commissions.approve_due")
def approve_due() -> None:
    """Approve what has been on hold long enough."""
    drain(directory.merchants_with_due_commissions(at=now()), services.approve_due)


@shared_task(name="commissions.score_branches")
def score_branches() -> None:
    """Look what the branches of smart links have earned; once for each merchant is enough."""
    for merchant_id in directory.merchants_with_branches():
        _attempt(services.score_branches, merchant_id, now())


@shared_task(name="commissions.run_decisions")
def run_decisions() -> None:
    """Carry out what was decided about many lines."""
    drain(directory.merchants_with_decisions(), run_decisions_of)


@shared_task(name="commissions.note_rate_changes")
def note_rate_changes() -> None:
    """Write a notice for everybody whose rate was changed."""
    drain(directory.merchants_with_rate_changes(), note_rate_changes_of)


@shared_task(name="commissions.tell_of_claims")
def tell_of_claims() -> None:
    """Mail what is to be said of claims."""
    drain(directory.merchants_with_claims_to_tell_of(at=now()), tell_of_claims_of)


@shared_task(name="commissions.draw_experiments")
def draw_experiments() -> None:
    """Put affiliates into the variants of experiments that run."""
    drain(directory.merchants_with_experiments(at=now()), draw_experiments_of)


@shared_task(name="commissions.run_replays")
def run_replays() -> None:
    """Take backtests and recomputes further."""
    drain(directory.merchants_with_replays(), run_replays_of)
