"""What beat asks for: the rows are the queue, so a lost or doubled message changes nothing."""

from celery import shared_task

from commissions.tasks import drain
from recruiting import directory
from recruiting.bounties import pay_bounties as pay_bounties_of
from recruiting.letters import mail_letters as mail_letters_of


@shared_task(name="recruiting.mail_letters")
def mail_letters() -> None:
    """Mail the letters that were written."""
    drain(directory.merchants_with_letters(), mail_letters_of)


@shared_task(name="recruiting.pay_bounties")
def pay_bounties() -> None:
    """Pay who recruited others for their first sale."""
    drain(directory.merchants_with_bounties(), pay_bounties_of)
