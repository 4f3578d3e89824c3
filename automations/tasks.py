"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from automations import directory
from automations.services import run_automations
from commissions.tasks import drain
from common.clock import now


@shared_task(name="automations.run")
def run() -> None:
    """Let automations take whom they wait for."""
    drain(directory.merchants_with_automations(at=now()), run_automations)
