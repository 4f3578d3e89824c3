"""Tell providers whom to pay. What is said is written down and committed before it is said."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from common.secrets import encrypt
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.models import (
    Attempt,
    AttemptStatus,
    Batch,
    BatchStatus,
    Payout,
    PayoutStatus,
    Rail,
)
from payouts.providers import api_provider
from payouts.providers.base import Accepted, ApiProvider, Outcome, Rejected, Unclear
from payouts.sending import faults, pace
from payouts.sending.calls import Errand, errands_of, make_calls
from payouts.sending.outcomes import note_outcomes
from payouts.services.settle import Failed, settle_failed

SUSPENDED = "Suspended after the batch was approved."
CHANGED = "The payout method was changed after the batch was approved."
KEYS = UUID("6b0f1f0e-3c3d-5b8a-9d5e-6a1d6f2b7c10")  # Names our keys among all UUIDs of version 5.


def submit_some(*, merchant_id: UUID, at: datetime) -> int:
    """Send the merchant's next payouts; return how many. Twice at once, each is sent once.

    0 as well when an answer was not clear: whoever has trouble is not told more at once.
    """
    with merchant_context(merchant_id):
        errands, taken = _claim(merchant_id, at)
        faults.point("before_attempt")
    faults.point("attempt_written")
    return taken if send(merchant_id, errands, at=at) else 0


def send(merchant_id: UUID, errands: Sequence[Errand], *, at: datetime) -> bool:
    """Make calls whose attempts are committed, note what came; return whether all was clear."""
    if not errands:
        return True
    answers = make_calls(errands, _submit, otherwise=Unclear)
    faults.point("answers_in")
    note_outcomes(merchant_id, answers, at=at)
    faults.point("outcome_written")
    return all(isinstance(outcome, Accepted | Rejected) for _errand, outcome in answers)


def _submit(errand: Errand) -> Outcome:
    faults.point("before_call")
    outcome = errand.provider.submit(errand.attempt.rail, errand.call)
    faults.point("after_call")
    return outcome


# Claims -------------------------------------------------------------------------------------------


def _claim(merchant_id: UUID, at: datetime) -> tuple[list[Errand], int]:
    """Write attempts for what is next; return them, and how many payouts were taken up."""
    batch = _next_batch(merchant_id, at)
    if batch is None or batch.rail is None:
        return [], 0
    provider = api_provider(batch.provider)
    waiting = Payout.objects.filter(
        merchant_id=merchant_id, batch=batch, status=PayoutStatus.RESERVED
    )
    claimed = waiting.select_for_update(of=("self",), skip_locked=True)
    in_order = claimed.select_related("affiliate", "method").order_by("id")
    payouts = list(in_order[: provider.chunk * provider.lot])
    good = _leave_out_refused(provider, payouts, at)
    attempts = _write_attempts(batch, batch.rail, provider, good, at)
    return errands_of(attempts, at=at), len(payouts)


def _next_batch(merchant_id: UUID, at: datetime) -> Batch | None:
    waiting = Payout.objects.filter(
        merchant_id=merchant_id, batch=OuterRef("pk"), status=PayoutStatus.RESERVED
    )
    batches = Batch.objects.filter(
        Exists(waiting), merchant_id=merchant_id, status=BatchStatus.SENT, rail__isnull=False
    )
    for batch in batches.select_related("rail").order_by("status_changed_at", "id"):
        if batch.rail is not None and not _is_busy(batch.rail, at):
            return batch
    return None


def _is_busy(rail: Rail, at: datetime) -> bool:
    """Whether as many calls are under way over the rail as may be at a time.

    One that does not answer would keep all workers waiting otherwise.
    """
    under_way = Attempt.objects.filter(
        Q(leased_until__gt=at) | Q(next_check_at__isnull=False),
        merchant_id=rail.merchant_id,
        rail=rail,
        status=AttemptStatus.SENDING,
    )
    return under_way.count() >= api_provider(rail.provider).lot


def _leave_out_refused(
    provider: ApiProvider, payouts: Sequence[Payout], at: datetime
) -> list[Payout]:
    """Fail what must not be paid any more, and what the provider never could; return the others."""
    suspended = _suspended(payouts)
    reasons = {
        payout.id: _changed(payout, suspended) or provider.refuses(payout) for payout in payouts
    }
    bad = [Failed(payout_id, reason) for payout_id, reason in reasons.items() if reason]
    if bad:
        refused = Payout.objects.filter(id__in=[row.payout_id for row in bad])
        refused.move(to=PayoutStatus.SUBMITTING, at=at)
        settle_failed(merchant_id=payouts[0].merchant_id, news=bad, by=SYSTEM, at=at)
    return [payout for payout in payouts if not reasons[payout.id]]


def _suspended(payouts: Sequence[Payout]) -> set[UUID]:
    """Return the affiliates of the payouts whom the merchant has suspended."""
    enrollments = Enrollment.objects.filter(
        merchant_id__in={payout.merchant_id for payout in payouts},
        affiliate_id__in=[payout.affiliate_id for payout in payouts],
        status=EnrollmentStatus.SUSPENDED,
    )
    return set(enrollments.values_list("affiliate_id", flat=True))


def _changed(payout: Payout, suspended: set[UUID]) -> str:
    """Return why it is not what was approved: a large batch takes hours, and people do things."""
    if payout.affiliate_id in suspended:
        return SUSPENDED
    if payout.method is not None and payout.method.replaced_at is not None:
        return CHANGED
    return ""


def _write_attempts(
    batch: Batch, rail: Rail, provider: ApiProvider, payouts: Sequence[Payout], at: datetime
) -> list[Attempt]:
    if not payouts:
        return []
    attempts, of_payouts = [], []
    for chunk in _chunks(payouts, provider.chunk):
        attempt = _attempt(batch, rail, provider, chunk, at)
        attempts.append(attempt)
        ids = [payout.id for payout in chunk]
        of_payouts.append(When(id__in=ids, then=Value(attempt.id)))
    Attempt.objects.bulk_create(attempts)
    rows = Payout.objects.filter(id__in=[payout.id for payout in payouts])
    rows.move(to=PayoutStatus.SUBMITTING, at=at, attempt_id=Case(*of_payouts, default=F("attempt")))
    return attempts


def _chunks(payouts: Sequence[Payout], size: int) -> Iterator[Sequence[Payout]]:
    for start in range(0, len(payouts), size):
        yield payouts[start : start + size]


def _attempt(
    batch: Batch, rail: Rail, provider: ApiProvider, payouts: Sequence[Payout], at: datetime
) -> Attempt:
    key = uuid5(KEYS, ":".join([str(batch.merchant_id), *(str(payout.id) for payout in payouts)]))
    body = provider.compose(rail, payouts, key=key)
    return Attempt(
        merchant_id=batch.merchant_id,
        batch=batch,
        rail=rail,
        idempotency_key=key,
        request=encrypt({"body": body.decode()}),
        sha256=hashlib.sha256(body).hexdigest(),
        started_at=at,
        leased_until=at + pace.lease(),
    )
