"""What beat asks the portal for."""

from celery import shared_task

from affiliates.directory import merchants_with_application_mails
from commissions.directory import merchants_with_rate_notices
from commissions.tasks import drain
from common.clock import now
from interfaces.portal import change_mails, joining_mails, mails
from payouts.directory import affiliates_with_new_methods
from programs.directory import merchants_with_changes_to_mail


@shared_task(name="portal.mail_rate_notices")
def mail_rate_notices() -> None:
    """Mail affiliates what changes in their rates."""
    drain(merchants_with_rate_notices(), mails.mail_rate_notices)


@shared_task(name="portal.tell_of_methods")
def tell_of_methods() -> None:
    """Mail the people of affiliates whose money goes elsewhere from now on."""
    for affiliate_id in affiliates_with_new_methods():
        mails.tell_of_methods(affiliate_id=affiliate_id, at=now())


@shared_task(name="portal.mail_applications")
def mail_applications() -> None:
    """Mail applicants that their application arrived, or what was decided."""
    drain(merchants_with_application_mails(), joining_mails.mail_applications)


@shared_task(name="portal.mail_changes")
def mail_changes() -> None:
    """Mail affiliates what changed in their programs."""
    drain(merchants_with_changes_to_mail(), change_mails.mail_changes)
