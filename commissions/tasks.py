"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog
from celery import shared_task

from commissions import directory, services
from commissions.budget_mails import tell_of_budgets as tell_of_budgets_of
from commissions.claim_mails import tell_of_claims as tell_of_claims_of
from commissions.ladders import climb
from commissions.ladders.mails import tell_of_tiers as tell_of_tiers_of
from commissions.models.rules import Reward
from commissions.notices import note_rate_changes as note_rate_changes_of
from commissions.proposal_mails import tell_of_proposals as tell_of_proposals_of
from commissions.replays import run_replays as run_replays_of
from commissions.services.bonuses import give_bonuses as give_bonuses_of
from commissions.services.bulk_jobs import run_bulk_jobs as run_bulk_jobs_of
from commissions.services.decisions_by_filter import run_decisions as run_decisions_of
from commissions.services.draws import draw_experiments as draw_experiments_of
from commissions.services.flat_fees import pay_flat_fees as pay_flat_fees_of
from commissions.services.grants import release_grants as release_grants_of
from commissions.services.processing import AT_ONCE
from commissions.services.proposals import expire_proposals as expire_proposals_of
from commissions.services.traffic import SOURCES
from commissions.services.traffic import pay_traffic as pay_traffic_of
from common.batches import two_abreast
from common.clock import now

log = structlog.get_logger()

REPLAY_ROUNDS = 4
ROUNDS = 20  # Of a batch each, per merchant and sweep; the next sweep is a second away.


class Step(Protocol):
    """A service that works through one batch of a merchant and says how many rows it took."""

    def __call__(self, *, merchant_id: UUID, at: datetime) -> int: ...


def drain(
    merchant_ids: list[UUID],
    step: Step,
    *,
    clock: Callable[[], datetime] = now,
    rounds: int = ROUNDS,
) -> int:
    """Run the step for each merchant until it finds nothing, `rounds` at the most; return the rows.

    Merchants take turns, so that a large one does not keep the others waiting.
    """
    done = 0
    for _round in range(rounds):
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
    attribute_for(directory.merchants_with_conversions())


def attribute_for(merchant_ids: list[UUID]) -> int:
    """Attribute what is due of these merchants; return how many conversions that were.

    A batch of each, and if there is more, two batches at a time.
    """
    work = partial(drain, merchant_ids, services.process_conversions)
    done = work(rounds=1)
    if done >= AT_ONCE:
        done += two_abreast(work)
    return done


@shared_task(name="commissions.process_customers")
def process_customers() -> None:
    """Decide anew what customers did of whom something was told late."""
    drain(directory.merchants_with_customer_news(), services.process_customers)


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


@shared_task(name="commissions.run_bulk_jobs")
def run_bulk_jobs() -> None:
    """Carry out what was begun on many affiliates."""
    drain(directory.merchants_with_bulk_jobs(), run_bulk_jobs_of)


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
    # A batch may take many seconds: few of them stay far from the time limit of a task.
    drain(directory.merchants_with_replays(), run_replays_of, rounds=REPLAY_ROUNDS)


@shared_task(name="commissions.give_bonuses")
def give_bonuses() -> None:
    """Give the bonuses whose milestones are reached."""
    drain(directory.merchants_with_rules(Reward.BONUS), give_bonuses_of)


@shared_task(name="commissions.pay_flat_fees")
def pay_flat_fees() -> None:
    """Pay the fees that are due once or for the month."""
    drain(directory.merchants_with_rules(Reward.FLAT), pay_flat_fees_of)


@shared_task(name="commissions.pay_traffic")
def pay_traffic() -> None:
    """Pay the clicks and impressions of days that have closed."""
    drain(directory.merchants_with_rules(*SOURCES), pay_traffic_of)


@shared_task(name="commissions.release_grants")
def release_grants() -> None:
    """Say which rewards that are no money are to be given."""
    drain(directory.merchants_with_grants_due(at=now()), release_grants_of)


@shared_task(name="commissions.tell_of_budgets")
def tell_of_budgets() -> None:
    """Record and mail which alerts budgets have passed."""
    drain(directory.merchants_with_budgets_to_tell_of(), tell_of_budgets_of)


@shared_task(name="commissions.climb_ladders")
def climb_ladders() -> None:
    """Move whom their figures lift into another tier, or let fall; once a day for each."""
    drain(directory.merchants_with_ladders_due(at=now()), climb)


@shared_task(name="commissions.tell_of_tiers")
def tell_of_tiers() -> None:
    """Mail affiliates into which tier they came, and whose is in danger."""
    drain(directory.merchants_with_tiers_to_tell_of(), tell_of_tiers_of)


@shared_task(name="commissions.expire_proposals")
def expire_proposals() -> None:
    """Let end what nobody answered in time."""
    drain(directory.merchants_with_proposals_over(at=now()), expire_proposals_of)


@shared_task(name="commissions.tell_of_proposals")
def tell_of_proposals() -> None:
    """Mail who is offered a rate, and who gets an answer."""
    drain(directory.merchants_with_proposals_to_tell_of(), tell_of_proposals_of)
