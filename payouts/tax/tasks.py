"""What beat asks for on behalf of tax offices; the rows are the queue."""

from celery import shared_task

from common.clock import now
from payouts.paper_mails import tell_of_expiry
from payouts.tax import directory
from payouts.tax.vat_checks import check_vat_id

MAILS_AT_ONCE = 500
AT_ONCE = 12  # Of 15 seconds each at the worst: within a task's time.


@shared_task(name="payouts.check_vat_ids")
def check_vat_ids() -> None:
    """Ask about the VAT ids that are due."""
    for affiliate_id, profile_id in directory.vat_ids_due(at=now(), limit=AT_ONCE):
        check_vat_id(affiliate_id=affiliate_id, profile_id=profile_id, at=now())


@shared_task(name="payouts.tell_of_expiries")
def tell_of_expiries() -> None:
    """Mail those whose tax forms expire soon."""
    for affiliate_id, profile_id in directory.forms_that_expire(at=now(), limit=MAILS_AT_ONCE):
        tell_of_expiry(affiliate_id=affiliate_id, profile_id=profile_id, at=now())
