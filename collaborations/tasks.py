"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from collaborations import directory
from collaborations.pages import look_at_pages
from commissions.tasks import drain


@shared_task(name="collaborations.look_at_pages")
def look_at_published() -> None:
    """Look at pages that were published."""
    drain(directory.merchants_to_look_for(), look_at_pages, rounds=1)
