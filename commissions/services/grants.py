"""Grants: rewards that are no money, from their hold to the one who gives them.

See docs/other-earnings.md.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from commissions.models import Commission, Grant, GrantStatus, Kind, Status
from commissions.services.reasons import clean_reason
from common.states import IllegalMove
from merchants.events import draft_event, record_events
from merchants.models import SYSTEM, Actor, Event
from merchants.tenancy import merchant_context
from programs.models import AfterHold
from tracking.models import ConversionStatus, Source

BATCH = 500
VERBS = {
    GrantStatus.DUE: "due",
    GrantStatus.GIVEN: "given",
    GrantStatus.FAILED: "failed",
    GrantStatus.TAKEN_BACK: "taken_back",
}


def grants_now_due(grants: QuerySet[Grant], *, at: datetime) -> QuerySet[Grant]:
    """Return those on hold that are to be given now.

    When the hold has passed, or the conversion's money was approved; never of a conversion that is
    held, declined or not confirmed. Where a person looks at each conversion, not before that.
    """
    earned = Commission.objects.using(grants.db).filter(
        merchant_id=OuterRef("merchant_id"),
        conversion_id=OuterRef("conversion_id"),
        kind=Kind.EARNING,
    )
    is_approved = Q(conversion__status=ConversionStatus.APPROVED)
    has_passed = Q(hold_until__lte=at) & (
        is_approved
        | Q(conversion__status=ConversionStatus.PENDING, program__after_hold=AfterHold.APPROVE)
    )
    was_approved = is_approved & Exists(earned.exclude(status=Status.DECLINED))
    pending = grants.filter(status=GrantStatus.PENDING)
    confirmed = pending.exclude(conversion__source=Source.PIXEL, conversion__confirmed_at=None)
    return confirmed.filter(has_passed | was_approved)


def release_grants(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Say of a merchant's grants that are due now that they are to be given; return how many.

    Safe to repeat, and to run twice at once.
    """
    with merchant_context(merchant_id):
        due = grants_now_due(Grant.objects.filter(merchant_id=merchant_id), at=at)
        ids = list(due.order_by("hold_until", "id").values_list("id", flat=True)[:limit])
        return len(_move(merchant_id, ids, GrantStatus.DUE, by=SYSTEM, at=at))


def give_grant(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """Note that a grant was given; return it. Safe to repeat.

    :raises IllegalMove: if it is on hold or was taken back.
    """
    return _decide(grant, GrantStatus.GIVEN, by=by, at=at)


def fail_grant(*, grant: Grant, reason: str, by: Actor, at: datetime) -> Grant:
    """Note that a grant could not be given, and why; return it. Safe to repeat.

    :raises IllegalMove: if it is not to be given.
    :raises BadValue: if the reason is missing or too long.
    """
    return _decide(grant, GrantStatus.FAILED, by=by, at=at, reason=reason)


def retry_grant(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """Let a grant that failed be given again; return it. Safe to repeat.

    :raises IllegalMove: if it did not fail.
    """
    if grant.status == GrantStatus.PENDING:  # Its hold is not ended by hand.
        raise IllegalMove("The grant", to=GrantStatus.DUE, status=grant.status)
    return _decide(grant, GrantStatus.DUE, by=by, at=at)


def take_back(
    merchant_id: UUID,
    conversion_ids: Iterable[UUID],
    *,
    reason: str,
    at: datetime,
    by: Actor = SYSTEM,
) -> int:
    """Take back what was granted for conversions of which nothing is left; return how many.

    The caller holds the conversions' locks. Whoever has given something hears `grant.taken_back`.
    """
    grants = Grant.objects.filter(
        merchant_id=merchant_id, conversion_id__in=list(conversion_ids)
    ).exclude(status=GrantStatus.TAKEN_BACK)
    ids = list(grants.order_by("id").values_list("id", flat=True))
    return len(_move(merchant_id, ids, GrantStatus.TAKEN_BACK, by=by, at=at, reason=reason))


def _decide(grant: Grant, to: GrantStatus, *, by: Actor, at: datetime, reason: str = "") -> Grant:
    reason = clean_reason(reason, is_needed=to == GrantStatus.FAILED)
    moved = _move(grant.merchant_id, [grant.id], to, by=by, at=at, reason=reason)
    grant.refresh_from_db()
    if not moved and grant.status != to:
        raise IllegalMove("The grant", to=to, status=grant.status)
    return grant


def _move(
    merchant_id: UUID,
    ids: Sequence[UUID],
    to: GrantStatus,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> list[Grant]:
    """Move those of the grants that may go there, with their events; return which."""
    if not ids:
        return []
    with transaction.atomic():
        rows = Grant.objects.filter(merchant_id=merchant_id, id__in=ids).order_by("id")
        locked = list(rows.select_for_update(of=("self",)))
        before = {row.id: row.status for row in locked}
        Grant.objects.filter(id__in=before).move(to=to, at=at, reason=reason)
        after = Grant.objects.filter(id__in=before, status=to).select_related("customer")
        moved = [row for row in after.order_by("id") if before[row.id] != to]
        record_events([_event(row, to, by, at) for row in moved])
    return moved


def _event(grant: Grant, to: GrantStatus, by: Actor, at: datetime) -> Event:
    return draft_event(
        merchant_id=grant.merchant_id,
        type=f"grant.{VERBS[to]}",
        subject_id=grant.id,
        by=by,
        at=at,
        data={
            "conversion": str(grant.conversion_id),
            "enrollment": str(grant.enrollment_id),
            "customer": grant.customer.external_id if grant.customer else None,
            "kind": grant.kind,
            "quantity": grant.quantity,
            "description": grant.description,
            "reason": grant.status_reason,
        },
    )
