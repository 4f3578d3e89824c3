"""Ask about payouts that are on their way: notices may be lost, and some rails have none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from merchants.tenancy import merchant_context
from payouts.models import Attempt, AttemptStatus, Payout
from payouts.providers.base import News, NoAnswer
from payouts.sending import faults, pace
from payouts.sending.calls import Errand, errands_of, make_calls
from payouts.sending.news import UNDER_WAY, apply_news
from payouts.sending.outcomes import lock_attempts

LOT = 64
Told = Sequence[News] | str  # News, or why there are none.


def poll_some(*, merchant_id: UUID, at: datetime) -> int:
    """Ask about the merchant's next accepted calls; return how many."""
    with merchant_context(merchant_id):
        errands = _claim(merchant_id, at)
    if not errands:
        return 0
    answers = make_calls(errands, _poll, otherwise=str)
    faults.point("polled")
    with merchant_context(merchant_id):
        lock_attempts([errand.attempt.id for errand in errands])
        for errand, told in answers:
            _note(errand, told, at)
    return len(errands)


def _claim(merchant_id: UUID, at: datetime) -> list[Errand]:
    due = Attempt.objects.filter(
        merchant_id=merchant_id, status=AttemptStatus.ACCEPTED, next_check_at__lte=at
    ).select_related("rail")
    claimed = due.select_for_update(of=("self",), skip_locked=True)
    attempts = list(claimed.order_by("next_check_at", "id")[:LOT])
    ids = [attempt.id for attempt in attempts]
    Attempt.objects.filter(id__in=ids).update(next_check_at=at + pace.lease())
    return errands_of(attempts, at=at)


def _poll(errand: Errand) -> Told:
    try:
        return errand.provider.poll(errand.attempt.rail, errand.call)
    except NoAnswer as problem:
        return str(problem)


def _note(errand: Errand, told: Told, at: datetime) -> None:
    if not isinstance(told, str):
        apply_news(errand.attempt.rail, told, at=at)
    is_open = Payout.objects.filter(attempt=errand.attempt, status__in=UNDER_WAY).exists()
    Attempt.objects.filter(id=errand.attempt.id).update(
        answer=told[:500] if isinstance(told, str) else "",
        next_check_at=pace.next_check(
            errand.provider, started_at=errand.call.started_at, at=at, is_open=is_open
        ),
    )
