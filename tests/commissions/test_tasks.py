"""What beat asks for: every task is there, goes to a queue that is served, and warns of nothing."""

import warnings

from django.conf import settings

from config.celery import app
from stack.programs import WORKER

MONEY, REPORTS, OUTBOUND = "money", "reports", "outbound"


def queue_of(task: str) -> str:
    """Return the queue that a task is sent to."""
    queue: str = app.amqp.router.route({}, task)["queue"].name
    return queue


def test_every_task_that_beat_asks_for_is_there_and_goes_where_a_worker_listens() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app.loader.import_default_modules()
        app.finalize()

    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert tasks <= set(app.tasks)
    assert {queue_of(task) for task in tasks} <= served()


def served() -> set[str]:
    """Return the queues that the stack's worker serves."""
    [option] = [row for row in WORKER if row.startswith("--queues=")]
    return set(option.removeprefix("--queues=").split(","))


def test_slow_work_does_not_stand_before_attribution() -> None:
    assert queue_of("commissions.process_conversions") == settings.CELERY_TASK_DEFAULT_QUEUE
    assert queue_of("commissions.approve_due") == MONEY
    assert queue_of("tracking.run_imports") == queue_of("api.forget_answers") == REPORTS
    assert queue_of("merchants.check_domains") == OUTBOUND
