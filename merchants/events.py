"""record_event: history is a row in the transaction of the change, never a log line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from common.origin import origin_address
from merchants.models import Actor, Event


def record_event(
    *,
    merchant_id: UUID,
    type: str,
    subject_id: UUID,
    by: Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Event:
    """Store and return one event of the running transaction."""
    return record_events(
        [
            draft_event(
                merchant_id=merchant_id, type=type, subject_id=subject_id, by=by, at=at, data=data
            )
        ]
    )[0]


def draft_event(
    *,
    merchant_id: UUID,
    type: str,
    subject_id: UUID,
    by: Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Event:
    """Return an event not stored yet, for `record_events`."""
    return Event(
        merchant_id=merchant_id,
        type=type,
        subject_id=subject_id,
        actor_kind=by.kind,
        actor_id=by.id,
        data=data or {},
        at=at,
        ip=origin_address(),
    )


def record_events(drafts: Sequence[Event]) -> list[Event]:
    """Store many events in one statement; return them."""
    return Event.objects.bulk_create(drafts)
