"""What beat asks for: scores that are judged anew, merchant by merchant."""

import structlog
from celery import shared_task

from affiliates.directory import merchants_with_affiliates
from affiliates.friction import remind_of_policies as remind_of_policies_of
from commissions.tasks import drain
from common.clock import now
from programs.directory import merchants_with_policies_due
from reports import health

log = structlog.get_logger()


@shared_task(name="reports.judge_health")
def judge_health() -> None:
    """Judge how well affiliates do. Twice at once, or half of it, harms nothing."""
    for merchant_id in merchants_with_affiliates():
        try:
            health.judge_all(merchant_id=merchant_id, at=now())
        except Exception:  # One merchant's trouble is not the others'.
            log.exception("health.failed", merchant=str(merchant_id))


@shared_task(name="reports.remind_of_policies")
def remind_of_policies() -> None:
    """Give owners of policies that are due for review a task."""
    drain(merchants_with_policies_due(at=now()), remind_of_policies_of)
