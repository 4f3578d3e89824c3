"""Work of beat and workers on clicks."""

from celery import shared_task

from common import clock
from tracking import partitions


@shared_task(name="tracking.make_click_partitions")
def make_click_partitions() -> None:
    """Make the days ahead."""
    partitions.make_click_partitions(at=clock.now())
