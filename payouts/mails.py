"""Mails about batches and withdrawals: rows that are due, marked first and sent after the commit.

A mail server that is away takes the marks back, so that the next round tries again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from common.money import format_money
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from payouts.models import Batch, BatchStatus, Withdrawal, WithdrawalStatus

log = structlog.get_logger()

AT_ONCE = 100
LOCK: dict[str, Any] = {"of": ("self",), "no_key": True, "skip_locked": True}


def tell_of_payouts(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is to be said of a merchant's batches and requests; return of how many.

    Approvers hear of batches that wait for them, reviewers of requests, affiliates of the answer.
    Safe to run twice at once.
    """
    with merchant_context(merchant_id):
        batches = Batch.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        due = list(batches.select_for_update(**LOCK).order_by("mail_due_at", "id")[:AT_ONCE])
        asked = Withdrawal.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        named = asked.select_related("affiliate", "merchant").select_for_update(**LOCK)
        requests = list(named.order_by("mail_due_at", "id")[:AT_ONCE])
        mails = [mail for batch in due for mail in _of_batch(batch)]
        mails += [mail for request in requests for mail in _of_withdrawal(request)]
        _mark(due, requests, None)
    if not _sent(mails, merchant_id, at):
        with merchant_context(merchant_id):
            _mark(due, requests, at)
        return 0
    return len(due) + len(requests)


def _mark(
    batches: Sequence[Batch], requests: Sequence[Withdrawal], mail_due_at: datetime | None
) -> None:
    marked = {"mail_due_at": mail_due_at}
    Batch.objects.filter(id__in=[row.id for row in batches]).update(**marked)
    Withdrawal.objects.filter(id__in=[row.id for row in requests]).update(**marked)


def _sent(mails: Sequence[Mail], merchant_id: UUID, at: datetime) -> bool:
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("payouts.mail_failed", merchant=str(merchant_id), error=str(error))
        return False
    return True


def _of_batch(batch: Batch) -> list[Mail]:
    return [_waiting(batch)] if batch.status == BatchStatus.DRAFT else []


@in_each_language
def _waiting(batch: Batch) -> Mail:
    facts = {
        "batch": batch,
        "amount": format_money(batch.amount_minor, currency=batch.currency),
        "url": settings.APP_URL + reverse("console:batch", args=[batch.id]),
    }
    subject = _("Payout batch %(number)s waits for approval") % {"number": batch.number}
    text = render_to_string("payouts/mail/batch_waits.txt", facts)
    return Mail(Kind.BATCHES, subject, text, but=batch.prepared_by_id)


def _of_withdrawal(withdrawal: Withdrawal) -> list[Mail]:
    if withdrawal.status == WithdrawalStatus.REQUESTED:
        return [_asked(withdrawal)]
    if withdrawal.status in (WithdrawalStatus.APPROVED, WithdrawalStatus.DECLINED):
        return [_answered(withdrawal)]
    return []  # It moved on before anybody was told.


@in_each_language
def _asked(withdrawal: Withdrawal) -> Mail:
    facts = {
        "withdrawal": withdrawal,
        "amount": format_money(withdrawal.expected_minor, currency=withdrawal.currency),
        "url": settings.APP_URL + reverse("console:payouts"),
    }
    subject = _("%(name)s asks for a payout") % {"name": withdrawal.affiliate.name}
    text = render_to_string("payouts/mail/withdrawal_waits.txt", facts)
    return Mail(Kind.REQUESTS, subject, text)


@in_each_language
def _answered(withdrawal: Withdrawal) -> Mail:
    facts = {
        "withdrawal": withdrawal,
        "amount": format_money(withdrawal.expected_minor, currency=withdrawal.currency),
        "url": settings.APP_URL + reverse("portal:payouts"),
        "is_approved": withdrawal.status == WithdrawalStatus.APPROVED,
    }
    subject = _("Your request for a payout from %(name)s") % {"name": withdrawal.merchant.name}
    text = render_to_string("payouts/mail/withdrawal_answered.txt", facts)
    return Mail(Kind.WITHDRAWALS, subject, text, affiliate=withdrawal.affiliate)
