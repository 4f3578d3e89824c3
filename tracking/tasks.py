"""Work of beat and workers on clicks."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from common import clock
from tracking import directory, partitions

CAP_USE_DAYS = 40
MISSED_CODE_DAYS = 90


@shared_task(name="tracking.make_click_partitions")
def make_click_partitions() -> None:
    """Make the days ahead."""
    partitions.make_click_partitions(at=clock.now())


@shared_task(name="tracking.drop_old_days")
def drop_old_days() -> None:
    """Let go of clicks after the retention, and of who the visitors were after 48 hours."""
    at = clock.now()
    partitions.forget_visitor_salts(at=at)
    partitions.drop_old_days(at=at, retention_days=settings.CLICK_RETENTION_DAYS)


@shared_task(name="tracking.forget_counts")
def forget_counts() -> None:
    """Delete counts that nobody looks at any more."""
    at = clock.now()
    directory.forget_cap_uses(before=at - timedelta(days=CAP_USE_DAYS))
    directory.forget_missed_codes(before=(at - timedelta(days=MISSED_CODE_DAYS)).date())
