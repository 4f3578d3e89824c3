"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from channel import directory
from channel.deals import expire_deals as expire_deals_of
from commissions.tasks import drain
from common.clock import now


@shared_task(name="channel.expire_deals")
def expire_deals() -> None:
    """Let deals go whose time has passed."""
    drain(directory.merchants_with_deals_over(at=now()), expire_deals_of)
