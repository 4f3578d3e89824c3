"""What an answer means for an attempt and its payouts: one transaction for all calls of a lot."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.models import Attempt, AttemptStatus, Payout, PayoutStatus, Rail
from payouts.providers.base import (
    Accepted,
    Fate,
    Found,
    News,
    NotNow,
    Outcome,
    Rejected,
)
from payouts.sending import faults, pace
from payouts.sending.calls import Errand
from payouts.sending.news import apply_news
from payouts.services.settle import Failed, mark_submitted, settle_failed

log = structlog.get_logger()

ANSWER_MAX = 500


def note_outcomes(
    merchant_id: UUID, answers: Sequence[tuple[Errand, Outcome]], *, at: datetime
) -> None:
    """Write down what came of calls. What was learnt meanwhile in another way stays."""
    with merchant_context(merchant_id):
        lock_attempts([errand.attempt.id for errand, _outcome in answers])
        known: list[tuple[Errand, Accepted | Found]] = []
        failed: list[Failed] = []
        for errand, outcome in answers:
            if isinstance(outcome, Accepted):
                known.append((errand, outcome))
            elif isinstance(outcome, Rejected):
                failed += _note_rejected(errand, outcome, at)
            elif isinstance(outcome, NotNow):
                _note_not_now(errand, outcome, at)
            else:
                note_unclear(errand, outcome.reason, at=at)
        note_known(merchant_id, known, at=at)
        settle_failed(merchant_id=merchant_id, news=failed, by=SYSTEM, at=at)
        faults.point("outcome_half_written")


def lock_attempts(ids: Sequence[UUID]) -> dict[UUID, Attempt]:
    """Lock attempts, before anything else of theirs; return them as they are now."""
    attempts = Attempt.objects.filter(id__in=ids).select_for_update(of=("self",), no_key=True)
    return {attempt.id: attempt for attempt in attempts.order_by("id")}


def note_known(
    merchant_id: UUID, known: Sequence[tuple[Errand, Accepted | Found]], *, at: datetime
) -> None:
    """Write down that they have these calls; their payouts are on their way, or what news say."""
    payout_ids: list[UUID] = []
    news: dict[Rail, list[News]] = {}
    for errand, answer in known:
        _note_accepted(errand, answer, at)
        payout_ids += errand.call.payout_ids
        news.setdefault(errand.attempt.rail, []).extend(answer.news)
    mark_submitted(merchant_id=merchant_id, payout_ids=payout_ids, by=SYSTEM, at=at)
    for rail, of_rail in news.items():
        apply_news(rail, of_rail, at=at)


def _note_accepted(errand: Errand, answer: Accepted | Found, at: datetime) -> None:
    settled = {each.payout_id for each in answer.news if each.fate is not Fate.PENDING}
    moved = Attempt.objects.filter(id=errand.attempt.id).move(
        to=AttemptStatus.ACCEPTED,
        provider_ref=answer.provider_ref or errand.attempt.provider_ref,
        not_found_at=None,
        answer="",
        next_check_at=pace.next_check(
            errand.provider,
            started_at=errand.call.started_at,
            at=at,
            is_open=not settled.issuperset(errand.call.payout_ids),
        ),
    )
    if (
        not moved
        and Attempt.objects.filter(id=errand.attempt.id, status=AttemptStatus.REJECTED).exists()
    ):  # Its payouts may be paid again by now: the reconciliation stops the rail.
        log.error("payout.accepted_after_rejection", attempt=str(errand.attempt.id))


def _note_rejected(errand: Errand, outcome: Rejected, at: datetime) -> list[Failed]:
    """Return whose payment has failed, provably."""
    if is_doubtful(errand) and not outcome.of_any_send:
        note_unclear(errand, outcome.reason, at=at)
        return []
    moved = Attempt.objects.filter(id=errand.attempt.id).move(
        to=AttemptStatus.REJECTED, next_check_at=None, answer=outcome.reason[:ANSWER_MAX]
    )
    if not moved:
        return []
    return [Failed(payout_id, outcome.reason) for payout_id in errand.call.payout_ids]


def _note_not_now(errand: Errand, outcome: NotNow, at: datetime) -> None:
    if is_doubtful(errand):
        note_unclear(errand, outcome.reason, at=at)
        return
    # Nobody else may take it for lost meanwhile: it has a time to be sent at.
    sending = Attempt.objects.filter(id=errand.attempt.id, status=AttemptStatus.SENDING)
    again_at = pace.next_try(started_at=errand.attempt.created_at, at=at, after=outcome.after)
    sending.update(next_check_at=again_at, answer=outcome.reason[:ANSWER_MAX])


def note_unclear(errand: Errand, reason: str, *, at: datetime) -> None:
    """Write down that nobody knows: the resolver asks after the settling time."""
    attempt = Attempt.objects.filter(id=errand.attempt.id)
    moved = attempt.move(
        to=AttemptStatus.UNKNOWN,
        not_found_at=None,
        next_check_at=at + pace.settling(),
        answer=reason[:ANSWER_MAX],
    )
    if moved:
        Payout.objects.filter(attempt_id=errand.attempt.id).move(to=PayoutStatus.UNKNOWN, at=at)


def is_doubtful(errand: Errand) -> bool:
    """Whether an earlier sending of the same call may have been carried out."""
    return errand.attempt.not_found_at is not None
