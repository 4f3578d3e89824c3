"""Find out what became of calls whose answer never came. Only the provider's word settles one.

"We do not know it" counts after the settling time and said twice in a row. Then the same bytes go
out again with the same key, as long as the provider remembers keys; after that a member decides.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from merchants.tenancy import merchant_context
from payouts.models import Attempt, AttemptStatus, Payout, PayoutStatus
from payouts.providers import api_provider
from payouts.providers.base import Found, NotFound, Trace, Unclear
from payouts.sending import faults, pace
from payouts.sending.calls import Errand, errands_of, make_calls
from payouts.sending.outcomes import lock_attempts, note_known
from payouts.sending.submit import send

LOT = 64


def resolve_some(*, merchant_id: UUID, at: datetime) -> int:
    """Look into the merchant's next calls of unknown fate; return how many."""
    with merchant_context(merchant_id):
        _expire(merchant_id, at)
        to_send, to_ask = _claim(merchant_id, at)
    faults.point("resolver_claimed")
    if to_ask:
        answers = make_calls(to_ask, _look_up, otherwise=Unclear)
        faults.point("traces_in")
        with merchant_context(merchant_id):
            to_send += _note_traces(merchant_id, answers, at)
    faults.point("before_resend")
    send(merchant_id, to_send, at=at)
    return len(to_ask) + len(to_send)


def _expire(merchant_id: UUID, at: datetime) -> None:
    """Whoever was making these calls is gone: nobody knows how far they came."""
    lost = Attempt.objects.filter(
        merchant_id=merchant_id,
        status=AttemptStatus.SENDING,
        next_check_at=None,
        leased_until__lte=at,
    )
    rows = list(lost.select_for_update(of=("self",), skip_locked=True).order_by("id"))
    for attempt in rows:
        began_at = attempt.leased_until - pace.lease()
        Attempt.objects.filter(id=attempt.id).move(
            to=AttemptStatus.UNKNOWN,
            not_found_at=None,
            next_check_at=max(at, began_at + pace.settling()),
            answer="Whoever made the call was stopped.",
        )
    Payout.objects.filter(attempt__in=rows).move(to=PayoutStatus.UNKNOWN, at=at)


def _claim(merchant_id: UUID, at: datetime) -> tuple[list[Errand], list[Errand]]:
    """Take what is due; return what is to be sent once more, and what is to be asked about."""
    due = Attempt.objects.filter(
        merchant_id=merchant_id,
        status__in=[AttemptStatus.SENDING, AttemptStatus.UNKNOWN],
        next_check_at__lte=at,
    ).select_related("rail")
    claimed = list(
        due.select_for_update(of=("self",), skip_locked=True).order_by("next_check_at", "id")[:LOT]
    )
    to_send, to_ask = [], []
    for attempt in claimed:
        if attempt.status == AttemptStatus.SENDING:
            to_send.append(_take_again(attempt, at))
        elif _may_ask_by_sending(attempt, at):
            to_send.append(_take_up(attempt, at, not_found_at=at))
        else:  # Whoever else looks finds it taken.
            Attempt.objects.filter(id=attempt.id).update(next_check_at=at + pace.lease())
            to_ask.append(attempt)
    return errands_of(to_send, at=at), errands_of(to_ask, at=at)


def _may_ask_by_sending(attempt: Attempt, at: datetime) -> bool:
    provider = api_provider(attempt.rail.provider)
    return provider.asks_by_sending and pace.is_remembered(
        provider, started_at=attempt.started_at, at=at
    )


def _take_again(attempt: Attempt, at: datetime) -> Attempt:
    """Take a call that they did not read: for them it begins now."""
    taken = {"leased_until": at + pace.lease(), "next_check_at": None, "started_at": at}
    Attempt.objects.filter(id=attempt.id).update(sends=attempt.sends + 1, **taken)
    attempt.started_at = at
    return attempt


def _take_up(attempt: Attempt, at: datetime, *, not_found_at: datetime) -> Attempt:
    """Take a call for sending it once more, in doubt whether it was carried out before."""
    Attempt.objects.filter(id=attempt.id).move(
        to=AttemptStatus.SENDING,
        leased_until=at + pace.lease(),
        next_check_at=None,
        not_found_at=not_found_at,
        sends=attempt.sends + 1,
    )
    attempt.not_found_at = not_found_at
    return attempt


def _look_up(errand: Errand) -> Trace:
    faults.point("before_look_up")
    trace = errand.provider.look_up(errand.attempt.rail, errand.call)
    faults.point("after_look_up")
    return trace


def _note_traces(
    merchant_id: UUID, answers: Sequence[tuple[Errand, Trace]], at: datetime
) -> list[Errand]:
    """Write down what was found; return what is to be sent once more."""
    present = lock_attempts([errand.attempt.id for errand, _trace in answers])
    found, again = [], []
    for errand, trace in answers:
        attempt = present[errand.attempt.id]
        if attempt.status != AttemptStatus.UNKNOWN:
            continue  # Its answer came late, after all.
        if isinstance(trace, NotFound) and _is_known_otherwise(attempt):
            trace = Found()
        if isinstance(trace, Found):
            found.append((errand, trace))
        elif isinstance(trace, NotFound) and _may_send_again(errand, attempt, at):
            _take_up(errand.attempt, at, not_found_at=attempt.not_found_at or at)
            again.append(errand)
        else:
            _ask_later(attempt, trace, at)
    note_known(merchant_id, found, at=at)
    return again


def _is_known_otherwise(attempt: Attempt) -> bool:
    """Whether news of one of its payouts has come: then they do have the call."""
    payouts = Payout.objects.filter(attempt=attempt)
    return payouts.exclude(status__in=[PayoutStatus.SUBMITTING, PayoutStatus.UNKNOWN]).exists()


def _may_send_again(errand: Errand, attempt: Attempt, at: datetime) -> bool:
    return attempt.not_found_at is not None and pace.is_remembered(
        errand.provider, started_at=attempt.started_at, at=at
    )


def _ask_later(attempt: Attempt, trace: NotFound | Unclear, at: datetime) -> None:
    not_found_at = (attempt.not_found_at or at) if isinstance(trace, NotFound) else None
    Attempt.objects.filter(id=attempt.id).update(
        not_found_at=not_found_at,
        next_check_at=pace.next_look(started_at=attempt.started_at, at=at),
        answer=trace.reason[:500] or "They do not know it.",
    )
