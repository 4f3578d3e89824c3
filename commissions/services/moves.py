"""Commissions from status to status, and the journals of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from commissions.accrual import rederive
from commissions.accrual.later import later_of_customers, shifted_by_loss
from commissions.accrual.strands import strands_of
from commissions.budgets import give_back
from commissions.line import Line
from commissions.models import Commission, Status
from commissions.services.take_backs import take_grants_back
from common.states import IllegalMove
from ledger.models import AccountKind
from ledger.services import Draft, post, transfer
from merchants.events import draft_event, record_events
from merchants.models import Actor
from tracking.models import Conversion, ConversionStatus

ROUTES = {  # What a move posts: out of one account, into another. None posts nothing.
    (Status.PENDING, Status.APPROVED): (AccountKind.PENDING, AccountKind.PAYABLE),
    (Status.PENDING, Status.DECLINED): (AccountKind.PENDING, AccountKind.COMMISSION_EXPENSE),
    (Status.HELD, Status.DECLINED): (AccountKind.PENDING, AccountKind.COMMISSION_EXPENSE),
    (Status.PENDING, Status.HELD): None,
    (Status.HELD, Status.PENDING): None,
}
PAST_VERBS = {
    Status.APPROVED: "approved",
    Status.DECLINED: "declined",
    Status.HELD: "held",
    Status.PENDING: "released",
}


def move_commissions(
    *,
    merchant_id: UUID,
    ids: Iterable[UUID],
    to: Status,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> int:
    """Approve, decline, hold or release those of the lines that may go there; return how many.

    What an earning and its take-backs still wait for is one decision: whichever of them is named,
    the waiting lines of its conversion and enrollment go together. Lines in another status are
    left alone: the count says how many moved. Each move is posted.
    """
    with transaction.atomic():
        lines = _lock_waiting(merchant_id, ids)
        movable = [line for line in lines if (Status(line.status), to) in ROUTES]
        moved = Commission.objects.filter(id__in=[line.id for line in movable])
        moved.move(to=to, at=at, reason=reason)
        post(merchant_id=merchant_id, drafts=_move_drafts(movable, to), at=at)
        record_events(
            [
                draft_event(
                    merchant_id=merchant_id,
                    type=f"commission.{PAST_VERBS[to]}",
                    subject_id=line.id,
                    by=by,
                    at=at,
                    data={
                        "conversion": str(line.conversion_id) if line.conversion_id else None,
                        "enrollment": str(line.enrollment_id),
                        "amount_minor": line.amount_minor,
                        "currency": line.currency,
                        "reason": reason,
                    },
                )
                for line in movable
            ]
        )
        conversion_ids = {line.conversion_id for line in movable if line.conversion_id}
        _follow_commissions(merchant_id, conversion_ids, by, at)
        if to == Status.DECLINED:
            _free_budgets(merchant_id, movable)
            rows = Conversion.objects.filter(merchant_id=merchant_id, id__in=conversion_ids)
            declined = rows.filter(status=ConversionStatus.DECLINED).order_by("id")
            follow_lost(merchant_id, list(declined), by=by, at=at, reason=reason)
    return len(movable)


def _lock_waiting(merchant_id: UUID, ids: Iterable[UUID]) -> list[Commission]:
    """Lock the conversions of the named lines, then their waiting lines; return those.

    Conversions before commissions, each by id: everybody locks in this order. A line of no
    conversion goes by itself.
    """
    named = Commission.objects.filter(merchant_id=merchant_id, id__in=list(ids))
    pairs: set[tuple[UUID, UUID]] = set()
    alone: set[UUID] = set()
    for id, conversion_id, enrollment_id in named.values_list(
        "id", "conversion_id", "enrollment_id"
    ):
        if conversion_id is None:
            alone.add(id)
        else:
            pairs.add((conversion_id, enrollment_id))
    conversion_ids = {conversion_id for conversion_id, _enrollment_id in pairs}
    lock_conversions(merchant_id=merchant_id, ids=conversion_ids)
    waiting = Commission.objects.filter(
        Q(conversion_id__in=conversion_ids) | Q(id__in=alone),
        merchant_id=merchant_id,
        status__in=[Status.PENDING, Status.HELD],
    )
    lines = waiting.select_for_update(of=("self",)).order_by("id")
    return [
        line
        for line in lines
        if line.id in alone or (line.conversion_id, line.enrollment_id) in pairs
    ]


def lock_conversions(
    *, merchant_id: UUID, ids: Iterable[UUID], skip_locked: bool = False
) -> list[UUID]:
    """Lock conversions in the order of their ids; return which."""
    rows = Conversion.objects.filter(merchant_id=merchant_id, id__in=list(ids)).order_by("id")
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
    return list(locked.values_list("id", flat=True))


def decide_commission(
    *, commission: Commission, to: Status, by: Actor, at: datetime, reason: str = ""
) -> Commission:
    """Approve, decline, hold or release one line; return it.

    :raises IllegalMove: if its status does not allow that, or somebody else was faster.
    """
    merchant_id, ids = commission.merchant_id, [commission.id]
    moved = move_commissions(merchant_id=merchant_id, ids=ids, to=to, by=by, at=at, reason=reason)
    commission.refresh_from_db()
    if not moved:
        raise IllegalMove("The commission", to=to, status=commission.status)
    return commission


def _move_drafts(lines: Sequence[Commission], to: Status) -> list[Draft]:
    drafts = []
    for line in lines:
        route = ROUTES[Status(line.status), to]
        if route is not None:
            drafts.append(
                transfer(
                    source=f"commission:{line.id}:{PAST_VERBS[to]}",
                    amount_minor=line.amount_minor,
                    currency=line.currency,
                    enrollment_id=line.enrollment_id,
                    out_of=route[0],
                    into=route[1],
                )
            )
    return drafts


def follow_lost(
    merchant_id: UUID, lost: Sequence[Conversion], *, by: Actor, at: datetime, reason: str
) -> None:
    """Let go of what conversions counted for that count no more.

    Their rewards that are no money are taken back; what follows them, by customer or in a volume,
    is decided anew.
    """
    if not lost:
        return
    take_grants_back(merchant_id, lost, at=at, reason=reason)
    later = later_of_customers(merchant_id, lost) | shifted_by_loss(merchant_id, lost)
    if later:
        rederive(merchant_id, later, at=at, by=by, reason="earlier_declined", paid_too=True)


def _free_budgets(merchant_id: UUID, lines: Sequence[Commission]) -> None:
    """Let what was declined be free again, less what was taken back of it before."""
    by_conversion: dict[UUID, list[Commission]] = defaultdict(list)
    freed: list[tuple[Commission | Line, int]] = []
    for line in lines:
        if line.conversion_id is None:
            freed.append((line, line.amount_minor))
        else:
            by_conversion[line.conversion_id].append(line)
    for own in by_conversion.values():
        for strand in strands_of(own):
            freed.append((strand.head, sum(line.amount_minor for line in strand.lines)))
    give_back(merchant_id, freed)


def _follow_commissions(
    merchant_id: UUID, conversion_ids: set[UUID], by: Actor, at: datetime
) -> None:
    """Approve the conversions of which no commission waits any more and one was approved."""
    waiting = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=conversion_ids
    ).filter(status__in=[Status.PENDING, Status.HELD])
    settled = conversion_ids - set(waiting.values_list("conversion_id", flat=True))
    approved = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=settled, amount_minor__gt=0
    ).exclude(status=Status.DECLINED)
    ready = Conversion.objects.filter(
        merchant_id=merchant_id,
        id__in=set(approved.values_list("conversion_id", flat=True)),
        status=ConversionStatus.PENDING,
    )
    ids = list(ready.values_list("id", flat=True))
    Conversion.objects.filter(id__in=ids).move(to=ConversionStatus.APPROVED, at=at)
    record_events(
        [
            draft_event(
                merchant_id=merchant_id,
                type="conversion.approved",
                subject_id=conversion_id,
                by=by,
                at=at,
            )
            for conversion_id in ids
        ]
    )
