"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from common.clock import now
from materials import directory
from materials.fetching import fetch_feeds


@shared_task(name="materials.fetch_product_feeds")
def fetch_product_feeds() -> None:
    """Fetch the feeds that are due."""
    for merchant_id in directory.merchants_with_feeds(at=now()):
        fetch_feeds(merchant_id=merchant_id, at=now())
