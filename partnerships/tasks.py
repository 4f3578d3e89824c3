"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from commissions.tasks import drain
from common.clock import now
from partnerships import directory
from partnerships.goals import note_reached_goals
from partnerships.mails import remind as remind_of
from partnerships.reviews import freeze_due_reviews


@shared_task(name="partnerships.look_after")
def look_after() -> None:
    """Freeze the figures of reviews whose day has come, and remind of what is due."""
    merchants = directory.merchants_to_look_at(at=now())
    drain(merchants, freeze_due_reviews)
    drain(merchants, remind_of)


@shared_task(name="partnerships.note_goals")
def note_goals() -> None:
    """Note which shared goals were reached."""
    drain(directory.merchants_with_goals(at=now()), note_reached_goals, rounds=1)
