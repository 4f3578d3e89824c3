"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from commissions.tasks import drain
from common.clock import now
from payouts import directory as rails
from payouts.rails import check_rails as check_rails_of
from payouts.reconciliation import listing_providers, reconcile_rails
from payouts.sending import directory
from payouts.sending.notices import process_some
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


@shared_task(name="payouts.process_notices")
def process_notices() -> None:
    """Work through what providers told us by themselves."""
    drain(rails.merchants_with_notices(at=now()), process_some)


@shared_task(name="payouts.check_rails")
def check_rails() -> None:
    """Try the credentials of accounts that were connected or changed."""
    drain(rails.merchants_with_rails_to_check(at=now()), check_rails_of, rounds=1)


@shared_task(name="payouts.reconcile")
def reconcile() -> None:
    """Compare the days before today that were not compared yet."""
    drain(rails.merchants_with_rails(listing_providers()), reconcile_rails, rounds=1)
