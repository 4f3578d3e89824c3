"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from common.clock import now
from mailing import directory
from mailing.digests import LEASE, send_digest
from mailing.reminders import tell_of_domains as tell_of_domains_of
from mailing.reminders import tell_of_tasks as tell_of_tasks_of


@shared_task(name="mailing.send_digests")
def send_digests() -> None:
    """Send the daily mails that are due; after a failure the next round goes on with others."""
    at = now()
    for reader in directory.readers_due(at=at, claimed_before=at - LEASE):
        if not send_digest(reader, at=now()):
            break


@shared_task(name="mailing.tell_of_tasks")
def tell_of_tasks() -> None:
    """Tell members of their tasks that are due."""
    for merchant_id in directory.merchants_with_tasks_due(at=now()):
        tell_of_tasks_of(merchant_id=merchant_id, at=now())


@shared_task(name="mailing.tell_of_domains")
def tell_of_domains() -> None:
    """Tell members of their hosts that fail."""
    for merchant_id in directory.merchants_with_failing_domains():
        tell_of_domains_of(merchant_id=merchant_id, at=now())
