"""What beat asks for."""

from datetime import timedelta

from celery import shared_task

from common.clock import now
from interfaces.api.idempotency import forget_answers
from interfaces.api.models import KEPT_DAYS


@shared_task(name="api.forget_answers")
def forget_old_answers() -> None:
    """Forget answers to Idempotency-Keys that are older than was promised."""
    forget_answers(before=now() - timedelta(days=KEPT_DAYS))
