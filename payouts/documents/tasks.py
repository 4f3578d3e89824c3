"""What beat asks for to get papers issued; the rows are the queue."""

import structlog
from celery import shared_task

from common.clock import now
from payouts.documents.issue import issue_papers as issue_papers_of
from payouts.tax import directory

log = structlog.get_logger()

ROUNDS = 4  # Of a batch each, per merchant: a page takes a twentieth of a second or more.


@shared_task(name="payouts.issue_papers")
def issue_papers() -> None:
    """Issue the papers that are due, merchants in turns."""
    waiting = directory.merchants_with_papers_due()
    for _round in range(ROUNDS):
        waiting = [merchant_id for merchant_id in waiting if issue_papers_of(merchant_id, at=now())]
        if not waiting:
            break
