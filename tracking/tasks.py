"""Work of beat and workers on clicks."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings

from common import clock
from tracking import directory, imports, partitions

log = structlog.get_logger()

INTAKE_CALL_DAYS = 30
IMPORT_ROUNDS = 10  # Batches of each merchant's file per sweep; the next one is seconds away.
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


@shared_task(name="tracking.forget_intake_calls")
def forget_intake_calls() -> None:
    """Delete what was said to the intakes longer ago than the log promises to keep it."""
    directory.forget_intake_calls(before=clock.now() - timedelta(days=INTAKE_CALL_DAYS))


@shared_task(name="tracking.run_imports")
def run_imports() -> None:
    """Take in files that wait; merchants take turns, so that a long one delays nobody else's."""
    waiting = directory.merchants_with_imports()
    for _round in range(IMPORT_ROUNDS):
        for merchant_id in list(waiting):
            try:
                done = imports.run_imports(merchant_id=merchant_id, at=clock.now())
            except Exception:  # One merchant's trouble is not the others'; it is tried again.
                log.exception("import.interrupted", merchant=str(merchant_id))
                done = 0
            if not done:
                waiting.remove(merchant_id)
