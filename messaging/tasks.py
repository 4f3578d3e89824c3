"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from commissions.tasks import drain
from common.clock import now
from messaging import directory
from messaging.mails import tell_of_messages as tell_of_messages_of
from messaging.sending import run_broadcasts as run_broadcasts_of


@shared_task(name="messaging.tell_of_messages")
def tell_of_messages() -> None:
    """Mail the other side what was written."""
    drain(directory.merchants_with_mails(), tell_of_messages_of)


@shared_task(name="messaging.run_broadcasts")
def run_broadcasts() -> None:
    """Take broadcasts further."""
    drain(directory.merchants_with_broadcasts(at=now()), run_broadcasts_of)
