"""Working through replays: a batch a step, with the place to go on from in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from commissions.accrual import derive, read_conversions
from commissions.accrual.conversions import ConversionRow
from commissions.models import (
    Commission,
    Replay,
    ReplayDifference,
    ReplayKind,
    ReplayStatus,
    ReplayTotal,
    Status,
)
from commissions.proposed_rules import book_of_replay
from commissions.replays.apply import apply_batch
from commissions.replays.compare import Compared, compare_decisions, compare_rules
from commissions.replays.selectors import MOVING
from common.batches import collected_afterwards
from merchants.events import record_event
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tracking.models import Conversion, ConversionStatus, Source

log = structlog.get_logger()
BATCH: Final = 4_000
PROGRESS: Final = (
    *("status", "total", "done", "cursor", "before_minor", "after_minor", "differing"),
    *("error", "finished_at"),
)


def run_replays(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Take the merchant's oldest replay a batch further; return how many rows that were.

    A batch and its progress are one transaction: whoever dies leaves nothing half done. Of two
    workers the second skips the replay that the first has locked.
    """
    try:
        with collected_afterwards(), merchant_context(merchant_id):
            found = _next(merchant_id)
            return _advance(found, at, limit) if found else 0
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise  # Nobody's fault: the next sweep goes on from the last whole batch.
    except Exception:
        log.exception("replay.failed", merchant=str(merchant_id))
        with merchant_context(merchant_id):
            found = _next(merchant_id)
            if found:
                found.error = _("Our fault, and logged. It stopped at a whole batch.")
                _finish(found, ReplayStatus.FAILED, at)
        return 0


def _next(merchant_id: UUID) -> Replay | None:
    due = Replay.objects.filter(merchant_id=merchant_id, status__in=MOVING)
    locked = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
    named = locked.select_related("program", "applied_by__user")
    return named.order_by("created_at", "id").first()


def _advance(found: Replay, at: datetime, limit: int) -> int:
    if found.status == ReplayStatus.APPLYING:
        return apply_batch(found, at)
    if found.status == ReplayStatus.WAITING:
        found.total = looked_at(found).count()
        found.status = ReplayStatus.RUNNING
    rows = read_conversions(_batch(found, limit))
    if not rows:
        _finish(found, ReplayStatus.DONE, at)
        return 1
    _look(found, rows, at)
    found.done += len(rows)
    found.cursor = f"{rows[-1].occurred_at.isoformat()} {rows[-1].id}"
    found.save(update_fields=PROGRESS)
    return len(rows)


def looked_at(replay: Replay) -> QuerySet[Conversion]:
    """Return the conversions of a replay: what reaches money, and of a RECOMPUTE what is open."""
    conversions = Conversion.objects.filter(
        merchant_id=replay.merchant_id,
        program_id=replay.program_id,
        occurred_at__gte=replay.happened_from,
        occurred_at__lt=replay.happened_until,
        attributed_at__isnull=False,
        is_test=False,
    ).exclude(status=ConversionStatus.DECLINED)
    trusted = conversions.exclude(source=Source.PIXEL, confirmed_at=None)
    return open_ones(trusted) if replay.kind == ReplayKind.RECOMPUTE else trusted


def open_ones(conversions: QuerySet[Conversion]) -> QuerySet[Conversion]:
    """Return those of which nothing was paid or lies in a payout."""
    closed = Commission.objects.filter(
        status__in=[Status.RESERVED, Status.PAID], conversion__isnull=False
    )
    return conversions.exclude(id__in=closed.values("conversion_id"))


def _batch(replay: Replay, limit: int) -> QuerySet[Conversion]:
    rows = looked_at(replay)
    if replay.cursor:
        at, id = replay.cursor.split(" ")
        happened_at = datetime.fromisoformat(at)
        rows = rows.filter(occurred_at__gte=happened_at).filter(
            Q(occurred_at__gt=happened_at) | Q(id__gt=UUID(id))
        )
    return rows.order_by("occurred_at", "id")[:limit]


def _look(replay: Replay, rows: Sequence[ConversionRow], at: datetime) -> None:
    if replay.kind == ReplayKind.BACKTEST:
        book = book_of_replay(replay)
        cases = derive(replay.merchant_id, rows, at=at, book=book, credits_stay=True)
        compared = compare_rules(replay.merchant_id, cases)
    else:
        cases = derive(replay.merchant_id, rows, at=at)
        compared = compare_decisions(replay.merchant_id, cases, at=at)
    replay.before_minor += sum(row.before_minor for row in compared)
    replay.after_minor += sum(row.after_minor for row in compared)
    _add_totals(replay, compared)
    if replay.kind == ReplayKind.RECOMPUTE:
        _add_differences(replay, compared)


def _add_totals(replay: Replay, compared: Sequence[Compared]) -> None:
    """Add a batch to what its affiliates have so far. The replay is locked, so nobody else does."""
    own: dict[UUID, list[Compared]] = defaultdict(list)
    for row in compared:
        own[row.enrollment_id].append(row)
    known = ReplayTotal.objects.filter(
        merchant_id=replay.merchant_id, replay=replay, enrollment_id__in=own.keys()
    )
    totals = {total.enrollment_id: total for total in known}
    for enrollment_id, rows in own.items():
        total = totals.setdefault(
            enrollment_id,
            ReplayTotal(
                merchant_id=replay.merchant_id,
                replay=replay,
                enrollment_id=enrollment_id,
                conversions=0,
                before_minor=0,
                after_minor=0,
            ),
        )
        total.conversions += len(rows)
        total.before_minor += sum(row.before_minor for row in rows)
        total.after_minor += sum(row.after_minor for row in rows)
    ReplayTotal.objects.bulk_create(
        totals.values(),
        update_conflicts=True,
        update_fields=["conversions", "before_minor", "after_minor"],
        unique_fields=["merchant", "replay", "enrollment"],
    )


def _add_differences(replay: Replay, compared: Sequence[Compared]) -> None:
    differing = [row for row in compared if row.differs]
    ReplayDifference.objects.bulk_create(
        ReplayDifference(
            merchant_id=replay.merchant_id,
            replay=replay,
            conversion_id=row.conversion_id,
            enrollment_id=row.enrollment_id,
            before_minor=row.before_minor,
            after_minor=row.after_minor,
        )
        for row in differing
    )
    replay.differing += len({row.conversion_id for row in differing})


def _finish(replay: Replay, status: ReplayStatus, at: datetime) -> None:
    replay.status, replay.finished_at = status, at
    replay.save(update_fields=PROGRESS)
    record_event(
        merchant_id=replay.merchant_id,
        type="replay.finished",
        subject_id=replay.id,
        by=SYSTEM,
        at=at,
        data={
            "kind": replay.kind,
            "status": replay.status,
            "conversions": replay.done,
            "before_minor": replay.before_minor,
            "after_minor": replay.after_minor,
        },
    )
