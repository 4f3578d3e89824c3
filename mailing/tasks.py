"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from common.clock import now
from mailing.digests import LEASE, send_digest
from mailing.directory import readers_due


@shared_task(name="mailing.send_digests")
def send_digests() -> None:
    """Send the daily mails that are due; after a failure the next round goes on with others."""
    at = now()
    for reader in readers_due(at=at, claimed_before=at - LEASE):
        if not send_digest(reader, at=now()):
            break
