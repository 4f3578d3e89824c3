"""What providers tell us by themselves: stored when it arrives, worked through by a worker.

Most say only sooner what a poll would say; a product's own are the only word there is, so what
cannot be used is kept for a while.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from common.secrets import decrypt, encrypt
from merchants.tenancy import merchant_context
from payouts.models import Notice, Rail
from payouts.providers import api_provider
from payouts.sending.news import Applied, apply_news

log = structlog.get_logger()

LOT = 200
# A notice may overtake the answer to the call that it is about; nobody knows its payout then.
EARLY_FOR = timedelta(minutes=15)
LOOK_AGAIN = timedelta(seconds=20)
KEPT_FOR = timedelta(days=7)  # What nobody could use; by then somebody has seen the log.
MENDING = timedelta(minutes=10)


def store_notice(*, rail: Rail, external_id: str, body: bytes, at: datetime) -> bool:
    """Store a genuine notice, once; return whether it is new."""
    with merchant_context(rail.merchant_id):
        if Notice.objects.filter(
            merchant_id=rail.merchant_id, rail=rail, external_id=external_id
        ).exists():
            return False
        notice = Notice(
            merchant_id=rail.merchant_id,
            rail=rail,
            external_id=external_id,
            body=encrypt({"body": body.decode("utf-8", "replace")}),
            received_at=at,
            due_at=at,
        )
        Notice.objects.bulk_create([notice], ignore_conflicts=True)  # Twice at this moment.
    return True


def process_some(*, merchant_id: UUID, at: datetime) -> int:
    """Work through the merchant's next notices, the oldest first; return how many."""
    with merchant_context(merchant_id):
        due = Notice.objects.filter(
            merchant_id=merchant_id, processed_at=None, due_at__lte=at
        ).select_related("rail")
        claimed = due.select_for_update(of=("self",), skip_locked=True)
        notices = list(claimed.order_by("due_at", "id")[:LOT])
        for notice in notices:
            _process(notice, at)
    return len(notices)


def _process(notice: Notice, at: datetime) -> None:
    try:
        body = decrypt(bytes(notice.body))["body"].encode()
        news = api_provider(notice.rail.provider).read_notice(notice.rail, body)
        with transaction.atomic():
            applied = apply_news(notice.rail, news, at=at)
    except OperationalError:  # The database is busy or away: all of them wait.
        raise
    except Exception:  # Theirs to write, not ours to foresee; or a fault of ours, to be mended.
        log.exception("notice.unusable", notice=str(notice.id))
        _put_off(notice, MENDING, "unusable", until=KEPT_FOR, at=at)
        return
    if applied.strangers:
        _put_off(notice, LOOK_AGAIN, _outcome_of(applied), until=EARLY_FOR, at=at)
    else:
        _close(notice, _outcome_of(applied) if news else "nothing of payouts", at)


def _put_off(
    notice: Notice, delay: timedelta, outcome: str, *, until: timedelta, at: datetime
) -> None:
    """Look at a notice again after a while; when it is older than `until`, let go of it."""
    if at < notice.received_at + until:
        Notice.objects.filter(id=notice.id).update(due_at=at + delay, outcome=outcome)
    else:
        _close(notice, outcome, at)


def _outcome_of(applied: Applied) -> str:
    if applied.contradictions:
        return "contradicts what we know"
    if applied.strangers:
        return "not ours"
    return f"{applied.changed} changed" if applied.changed else "known before"


def _close(notice: Notice, outcome: str, at: datetime) -> None:
    Notice.objects.filter(id=notice.id).update(processed_at=at, outcome=outcome)
