"""Carry broadcasts out, a slice at a time, by as many workers as there are.

A slice is one transaction: recipients that no other worker holds are locked, their threads and
messages stored, and that they have them noted. A worker that is killed has done nothing of its
slice; unique keys of the threads say once more that nobody gets a broadcast twice.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from messaging.broadcasts import record_broadcast
from messaging.merge import filled, links_of
from messaging.models import (
    Broadcast,
    BroadcastRecipient,
    BroadcastStatus,
    Message,
    Side,
    Thread,
)
from messaging.text import plain_line
from payouts.sending import faults

SLICE = 500
SUBJECT_MAX = 150


def run_broadcasts(*, merchant_id: UUID, at: datetime, limit: int = SLICE) -> int:
    """Take the merchant's oldest broadcast that is due further; return how many more have it.

    Safe to run twice at once, and again after a worker that was killed.
    """
    with merchant_context(merchant_id):
        broadcast = _due(merchant_id, at)
        if broadcast is None:
            return 0
        free = _waiting(broadcast).select_for_update(of=("self",), skip_locked=True)
        named = free.select_related("enrollment__program__merchant", "enrollment__tier")
        recipients = list(named.select_related("enrollment__affiliate").order_by("id")[:limit])
        if recipients:
            _send(broadcast, recipients, at)
        elif not _waiting(broadcast).exists():  # Nor does another worker hold any.
            _finish(broadcast, at)
    return len(recipients)


def _due(merchant_id: UUID, at: datetime) -> Broadcast | None:
    own = Broadcast.objects.filter(merchant_id=merchant_id, starts_at__lte=at)
    for broadcast in own.filter(status=BroadcastStatus.SCHEDULED):
        if Broadcast.objects.filter(id=broadcast.id).move(to=BroadcastStatus.RUNNING, at=at):
            record_broadcast(broadcast, "broadcast.started", SYSTEM, at)
    running = own.filter(status=BroadcastStatus.RUNNING).select_related("member__user")
    return running.order_by("starts_at", "id").first()


def _waiting(broadcast: Broadcast) -> QuerySet[BroadcastRecipient]:
    return BroadcastRecipient.objects.filter(
        merchant_id=broadcast.merchant_id, broadcast=broadcast, sent_at=None
    )


def _send(broadcast: Broadcast, recipients: Sequence[BroadcastRecipient], at: datetime) -> None:
    links = links_of([row.enrollment for row in recipients])
    threads = [
        Thread(
            merchant_id=row.merchant_id,
            enrollment=row.enrollment,
            affiliate_id=row.affiliate_id,
            broadcast=broadcast,
            subject=plain_line(filled(broadcast.subject, row.enrollment, links))[:SUBJECT_MAX],
            status_changed_at=at,
            last_at=at,
            merchant_wrote_at=at,
        )
        for row in recipients
    ]
    Thread.objects.bulk_create(threads)
    faults.point("broadcast_threads")
    member = broadcast.member
    messages = [
        Message(
            merchant_id=thread.merchant_id,
            thread=thread,
            affiliate_id=thread.affiliate_id,
            side=Side.MERCHANT,
            member=member,
            writer=plain_line(member.user.get_full_name())[:150],
            body=filled(broadcast.body, thread.enrollment, links),
            at=at,
            is_broadcast=True,
            mail_due_at=at,
        )
        for thread in threads
    ]
    Message.objects.bulk_create(messages)
    ids = [row.id for row in recipients]
    BroadcastRecipient.objects.filter(id__in=ids).update(sent_at=at)
    faults.point("broadcast_slice")


def _finish(broadcast: Broadcast, at: datetime) -> None:
    """End a broadcast that everybody has; the first of two workers to see that does it."""
    if Broadcast.objects.filter(id=broadcast.id).move(to=BroadcastStatus.DONE, at=at):
        record_broadcast(broadcast, "broadcast.finished", SYSTEM, at)
