"""Mails about batches, withdrawals and payouts: rows that are due.

They are marked first and sent after the commit. A mail server that is away takes the marks back,
so that the next round tries again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from common.money import format_money
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from payouts import failure_mails, paper_mails
from payouts.models import Batch, BatchStatus, Exclusion, Payout, Withdrawal, WithdrawalStatus

log = structlog.get_logger()

AT_ONCE = 100
LOCK: dict[str, Any] = {"of": ("self",), "no_key": True, "skip_locked": True}


def tell_of_payouts(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is to be said of a merchant's batches, requests and payouts; return of how many.

    Approvers hear of batches that wait for them, reviewers of requests, affiliates of the answer;
    and who prepares payouts, and whose they are, of those that failed. Safe to run twice at once.
    """
    with merchant_context(merchant_id):
        due = [_due(rows, at) for rows in _asked(merchant_id)]
        mails = [mail for rows in due for row in rows for mail in _of(row)]
        _mark(due, None)
    if not sent(mails, merchant_id, at):
        with merchant_context(merchant_id):
            _mark(due, at)
        return 0
    return sum(len(rows) for rows in due)


Told = Batch | Withdrawal | Payout | Exclusion


def _asked(merchant_id: UUID) -> list[QuerySet[Any]]:
    """Return what people may be to be told of, with what their mails name."""
    rows = [
        Batch.objects.all(),
        Withdrawal.objects.select_related("affiliate", "merchant"),
        Payout.objects.select_related("affiliate", "merchant"),
        Exclusion.objects.select_related("affiliate", "merchant", "batch"),
    ]
    return [each.filter(merchant_id=merchant_id) for each in rows]


def _due(rows: QuerySet[Any], at: datetime) -> list[Any]:
    due = rows.filter(mail_due_at__lte=at).select_for_update(**LOCK)
    return list(due.order_by("mail_due_at", "id")[:AT_ONCE])


def _mark(due: Sequence[Sequence[Told]], mail_due_at: datetime | None) -> None:
    for rows in due:
        if rows:
            ids = [row.id for row in rows]
            type(rows[0]).objects.filter(id__in=ids).update(mail_due_at=mail_due_at)


def sent(mails: Sequence[Mail], merchant_id: UUID, at: datetime) -> bool:
    """Send the mails; return whether the mail server took them."""
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("payouts.mail_failed", merchant=str(merchant_id), error=str(error))
        return False
    return True


def _of(row: Told) -> list[Mail]:
    if isinstance(row, Batch):
        return _of_batch(row)
    if isinstance(row, Withdrawal):
        return _of_withdrawal(row)
    if isinstance(row, Payout):
        return [failure_mails.of_payout(row)]
    return [paper_mails.of_exclusion(row)]


def _of_batch(batch: Batch) -> list[Mail]:
    if batch.status == BatchStatus.DRAFT:
        return [_waiting(batch)]
    return failure_mails.of_batch(batch)


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
        return [_asked_for(withdrawal)]
    if withdrawal.status in (WithdrawalStatus.APPROVED, WithdrawalStatus.DECLINED):
        return [_answered(withdrawal)]
    return []  # It moved on before anybody was told.


@in_each_language
def _asked_for(withdrawal: Withdrawal) -> Mail:
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
