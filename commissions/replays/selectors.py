"""What is read of replays. Callers stand in the merchant's context."""

from uuid import UUID

from django.db.models import F, Max, QuerySet
from django.db.models.functions import Abs

from commissions.models import Replay, ReplayDifference, ReplayStatus, ReplayTotal
from programs.models import Program

MOVING = (ReplayStatus.WAITING, ReplayStatus.RUNNING, ReplayStatus.APPLYING)


def moving(replay: Replay) -> bool:
    """Return whether a worker has still to do something with it."""
    return replay.status in MOVING


def replays_of(merchant_id: UUID) -> QuerySet[Replay]:
    """Return the merchant's replays, newest first."""
    replays = Replay.objects.filter(merchant_id=merchant_id)
    named = replays.select_related("program", "started_by__user", "applied_by__user")
    return named.order_by("-created_at", "-id")


def find_replay(program: Program, replay_id: UUID) -> Replay | None:
    """Return a replay of the program."""
    return replays_of(program.merchant_id).filter(program=program, id=replay_id).first()


def totals_of_replay(replay: Replay) -> QuerySet[ReplayTotal]:
    """Return what each affiliate has earned and would have, the largest change first."""
    totals = ReplayTotal.objects.filter(merchant_id=replay.merchant_id, replay=replay)
    change = Abs(F("after_minor") - F("before_minor"))
    return totals.select_related("enrollment__affiliate").order_by(
        change.desc(), F("after_minor").desc(), "id"
    )


def most_of_replay(replay: Replay) -> int:
    """Return the largest sum of any affiliate, before or after: what drawings are scaled by."""
    totals = ReplayTotal.objects.filter(merchant_id=replay.merchant_id, replay=replay)
    found = totals.aggregate(before=Max("before_minor"), after=Max("after_minor"))
    return max(found["before"] or 0, found["after"] or 0)


def differences_of(replay: Replay) -> QuerySet[ReplayDifference]:
    """Return where a recompute would change money, in the order of the conversions."""
    differences = ReplayDifference.objects.filter(merchant_id=replay.merchant_id, replay=replay)
    named = differences.select_related("conversion__goal", "enrollment__affiliate")
    return named.order_by("id")
