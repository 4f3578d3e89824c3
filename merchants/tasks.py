"""Work of beat and workers on merchants."""

from contextlib import suppress
from datetime import timedelta

from celery import shared_task

from common import clock
from merchants import directory
from merchants.domains import check_domain
from merchants.models import Domain

RECHECK_EVERY = timedelta(days=1)
AT_ONCE = 50  # Of 3 seconds each at the worst: within a task's time.


@shared_task(name="merchants.check_domains")
def check_domains() -> None:
    """Look whether proven domains still lead here, each once a day."""
    before = clock.now() - RECHECK_EVERY
    for domain in directory.domains_due(before=before, limit=AT_ONCE):
        with suppress(Domain.DoesNotExist):  # Removed meanwhile.
            check_domain(domain=domain, at=clock.now())
