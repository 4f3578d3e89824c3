"""Starting, applying and stopping replays. Callers stand in the merchant's context."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from commissions.models import Replay, ReplayKind, ReplayStatus
from commissions.proposed_rules import clean_proposed_rules
from commissions.replays.selectors import MOVING, moving
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor, ActorKind, Member
from programs.models import Program

UNFINISHED_MAX: Final = 5  # Of one merchant at a time.


class TooManyReplays(Exception):
    """As many replays of the merchant as may be at a time are not finished yet."""


def start_backtest(
    *,
    program: Program,
    proposed: Any,
    happened_from: datetime,
    happened_until: datetime,
    by: Actor,
    at: datetime,
    replaces_all: bool = False,
) -> Replay:
    """Let a worker find out what proposed rules would have cost; return the replay.

    :raises BadValue: if a rule or the time cannot be.
    :raises TooManyReplays: if the merchant has UNFINISHED_MAX of them already.
    """
    replay = Replay(
        kind=ReplayKind.BACKTEST,
        proposed=clean_proposed_rules(program, proposed),
        replaces_all=replaces_all,
    )
    return _start(replay, program, happened_from, happened_until, by, at)


def start_recompute(
    *, program: Program, happened_from: datetime, happened_until: datetime, by: Actor, at: datetime
) -> Replay:
    """Let a worker list what the present policy makes of open conversions; return the replay.

    :raises BadValue: if the time cannot be.
    :raises TooManyReplays: if the merchant has UNFINISHED_MAX of them already.
    """
    replay = Replay(kind=ReplayKind.RECOMPUTE)
    return _start(replay, program, happened_from, happened_until, by, at)


def _start(
    replay: Replay,
    program: Program,
    happened_from: datetime,
    happened_until: datetime,
    by: Actor,
    at: datetime,
) -> Replay:
    if happened_until <= happened_from:
        raise BadValue("happened_until", "not_after", _("The end must lie after the start."))
    merchant_id = program.merchant_id
    with transaction.atomic():
        # So that two at once do not both see room for one more.
        Program.objects.select_for_update(no_key=True).get(merchant_id=merchant_id, id=program.id)
        replays = Replay.objects.filter(merchant_id=merchant_id, status__in=MOVING)
        if replays.count() >= UNFINISHED_MAX:
            raise TooManyReplays(
                _("%d replays are running: wait for one of them.") % UNFINISHED_MAX
            )
        replay.merchant_id, replay.program = merchant_id, program
        replay.happened_from, replay.happened_until = happened_from, happened_until
        replay.started_by, replay.started_by_key_id = _member(merchant_id, by), _key(by)
        replay.save(force_insert=True)
        _record(replay, "replay.started", by, at)
    return replay


def apply_recompute(*, replay: Replay, by: Actor, at: datetime) -> Replay:
    """Let a worker book what a recompute has listed; return the replay.

    One that was stopped on its way goes on where it was.

    :raises IllegalMove: if it is no recompute, is not done, or is applied already.
    """
    with transaction.atomic():
        locked = _lock(replay)
        resumes = locked.status == ReplayStatus.FAILED and _was_applied(locked)
        ready = locked.status == ReplayStatus.DONE or resumes
        if locked.kind != ReplayKind.RECOMPUTE or not ready:
            raise IllegalMove("replay", to=ReplayStatus.APPLYING, status=locked.status)
        if not resumes:
            locked.cursor = ""
        locked.status, locked.error = ReplayStatus.APPLYING, ""
        locked.applied_by, locked.applied_by_key_id = _member(locked.merchant_id, by), _key(by)
        locked.save(update_fields=["status", "error", "cursor", "applied_by", "applied_by_key_id"])
        _record(locked, "replay.apply_started", by, at)
    return locked


def stop_replay(*, replay: Replay, by: Actor, at: datetime) -> Replay:
    """Do nothing more for a replay; what it has found or booked so far stays. Return it.

    :raises IllegalMove: if it is over.
    """
    with transaction.atomic():
        locked = _lock(replay)
        if not moving(locked):
            raise IllegalMove("replay", to=ReplayStatus.FAILED, status=locked.status)
        locked.status, locked.error = ReplayStatus.FAILED, _("Somebody stopped it.")
        locked.finished_at = at
        locked.save(update_fields=["status", "error", "finished_at"])
        _record(locked, "replay.stopped", by, at)
    return locked


def _was_applied(replay: Replay) -> bool:
    return replay.applied_by_id is not None or replay.applied_by_key_id is not None


def _lock(replay: Replay) -> Replay:
    rows = Replay.objects.filter(merchant_id=replay.merchant_id)
    return rows.select_for_update(of=("self",), no_key=True).get(id=replay.id)


def _member(merchant_id: UUID, by: Actor) -> Member | None:
    if by.kind != ActorKind.USER or by.id is None:
        return None
    return Member.objects.filter(merchant_id=merchant_id, user_id=by.id).first()


def _key(by: Actor) -> UUID | None:
    return by.id if by.kind == ActorKind.KEY else None


def _record(replay: Replay, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=replay.merchant_id,
        type=type,
        subject_id=replay.id,
        by=by,
        at=at,
        data={
            "kind": replay.kind,
            "happened_from": replay.happened_from.isoformat(),
            "happened_until": replay.happened_until.isoformat(),
            "before_minor": replay.before_minor,
            "after_minor": replay.after_minor,
        },
    )
