"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from functools import partial
from uuid import UUID

from celery import shared_task

from commissions.tasks import Step, drain
from common.batches import two_abreast
from common.clock import now
from payouts import directory as rails
from payouts.mails import tell_of_payouts as tell_of_payouts_of
from payouts.rails import check_rails as check_rails_of
from payouts.reconciliation import listing_providers, reconcile_rails
from payouts.sending import directory
from payouts.sending.notices import process_some
from payouts.sending.poll import poll_some
from payouts.sending.resolve import resolve_some
from payouts.sending.submit import submit_some
from payouts.services.approving import reserve_further
from payouts.services.automatic import prepare_what_is_due
from payouts.services.preparing import prepare_further

PARTS = 5  # Of large batches, on each of two threads: within a task's time.
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


@shared_task(name="payouts.prepare_batches")
def prepare_batches() -> None:
    """Prepare what is due by itself, and take large batches further."""
    today = rails.merchants_whose_batches_prepare_themselves(at=now())
    drain(today, prepare_what_is_due, rounds=1)
    take_further(rails.merchants_with_batches_to_prepare(), prepare_further)


@shared_task(name="payouts.reserve_batches")
def reserve_batches() -> None:
    """Reserve the commissions of large batches that were approved."""
    take_further(rails.merchants_with_batches_to_reserve(), reserve_further)


def take_further(merchant_ids: list[UUID], step: Step) -> int:
    """Take large batches further, two parts of them at once; return how much was done."""
    work = partial(drain, merchant_ids, step, rounds=PARTS)
    done = work(rounds=1)
    return done + two_abreast(work) if done else 0


@shared_task(name="payouts.tell_of_payouts")
def tell_of_payouts() -> None:
    """Mail who is to approve a batch, to review a request, or asked for money."""
    drain(rails.merchants_with_payout_mails(at=now()), tell_of_payouts_of, rounds=ROUNDS)
