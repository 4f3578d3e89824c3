"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from commissions.tasks import drain
from common.clock import now
from payouts.sending import directory
from payouts.sending.poll import poll_some
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some

ROUNDS = 3  # Of calls that may take long, for each merchant: within a task's time.


@shared_task(name="payouts.submit")
def submit() -> None:
    """Tell providers whom to pay."""
    drain(directory.merchants_with_payouts_to_submit(), submit_some)


@shared_task(name="payouts.resolve")
def resolve() -> None:
    """Find out what became of calls whose answer never came."""
    drain(directory.merchants_with_calls_to_resolve(at=now()), resolve_some, rounds=ROUNDS)


@shared_task(name="payouts.poll")
def poll() -> None:
    """Ask about payouts that are on their way."""
    drain(directory.merchants_with_calls_to_poll(at=now()), poll_some, rounds=ROUNDS)
