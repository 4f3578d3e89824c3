"""What beat asks the portal for."""

from celery import shared_task

from commissions.directory import merchants_with_rate_notices
from commissions.tasks import drain
from interfaces.portal import mails


@shared_task(name="portal.mail_rate_notices")
def mail_rate_notices() -> None:
    """Mail affiliates what changes in their rates."""
    drain(merchants_with_rate_notices(), mails.mail_rate_notices)
