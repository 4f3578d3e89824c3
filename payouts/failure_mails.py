"""Mails about payouts that failed or came back: to their affiliates, and to who prepares payouts.

Members hear of a batch once for all that failed within some minutes: a provider that is in trouble
refuses thousands.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from common.money import format_money
from common.rows import any_of
from mailing.delivery import Mail, in_each_language
from mailing.kinds import Kind
from payouts.models import Batch, BatchStatus, Payout, PayoutStatus

ENDED = (PayoutStatus.FAILED, PayoutStatus.RETURNED)
TOGETHER = timedelta(minutes=5)
NAMED_MAX = 20


def note_failures(
    merchant_id: UUID, payout_ids: Sequence[UUID], batch_ids: Sequence[UUID], at: datetime
) -> None:
    """Note that somebody is to be told of these payouts."""
    payouts = Payout.objects.filter(merchant_id=merchant_id, id__in=any_of(payout_ids))
    payouts.update(mail_due_at=at)
    batches = Batch.objects.filter(merchant_id=merchant_id, id__in=batch_ids, mail_due_at=None)
    batches.update(mail_due_at=at + TOGETHER)


def _failed_of(batch: Batch) -> QuerySet[Payout]:
    return Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id, status__in=ENDED)


def of_batch(batch: Batch) -> list[Mail]:
    """Return what members are told of a batch that was handed over."""
    if batch.status not in (BatchStatus.SENT, BatchStatus.DONE):
        return []
    failed = _failed_of(batch)
    return [_to_members(batch, failed)] if failed.exists() else []


@in_each_language
def _to_members(batch: Batch, failed: QuerySet[Payout]) -> Mail:
    named = failed.select_related("affiliate").order_by("-status_changed_at", "id")[:NAMED_MAX]
    count = failed.count()
    total = failed.aggregate(sum=Sum("amount_minor"))["sum"]
    facts = {
        "batch": batch,
        "count": count,
        "amount": format_money(total, currency=batch.currency),
        "rows": [
            (payout, format_money(payout.amount_minor, currency=payout.currency))
            for payout in named
        ],
        "more": max(count - NAMED_MAX, 0),
        "url": settings.APP_URL + reverse("console:batch", args=[batch.id]),
    }
    subject = _("Payouts of batch %(number)s did not arrive") % {"number": batch.number}
    text = render_to_string("payouts/mail/batch_failed.txt", facts)
    return Mail(Kind.FAILURES, subject, text)


@in_each_language
def of_payout(payout: Payout) -> Mail:
    """Return what the affiliate is told."""
    facts = {
        "payout": payout,
        "amount": format_money(payout.amount_minor, currency=payout.currency),
        "came_back": payout.status == PayoutStatus.RETURNED,
        "url": settings.APP_URL + reverse("portal:payout", args=[payout.id]),
    }
    subject = _("Your payout from %(name)s did not arrive") % {"name": payout.merchant.name}
    text = render_to_string("payouts/mail/payout_failed.txt", facts)
    return Mail(Kind.PAYOUTS, subject, text, affiliate=payout.affiliate)
