"""Decided anew: what a conversion comes to now, and the lines that make up the difference."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from commissions.accrual.booking import Booked, book_difference
from commissions.accrual.conversions import ConversionRow, read_conversions
from commissions.accrual.decide import Case, in_order, open_case
from commissions.accrual.earn import Earners, earn
from commissions.accrual.gather import Binding, Gathered, gather, lock_shared
from commissions.accrual.lines import grants_of
from commissions.accrual.strands import left_of, strands_of
from commissions.accrual.trace import trace_of
from commissions.accrual.writing import (
    forget_credits,
    settle,
    write_bindings,
    write_created,
    write_credits,
    write_events,
    write_grants,
    write_lines,
)
from commissions.models import Commission, Grant, GrantStatus, Status
from merchants.models import Actor
from tracking.models import Conversion, ConversionStatus, Credit, Reason, Source, Touch

ROUNDS = 20  # Of volume that moves others' volume. More never happened; it always ends.


@dataclass(frozen=True, slots=True)
class Change:
    """What deciding anew changed for one enrollment: the amount that was booked."""

    conversion_id: UUID
    enrollment_id: UUID
    amount_minor: int
    line_id: UUID


def rederive(
    merchant_id: UUID,
    conversion_ids: Iterable[UUID],
    *,
    at: datetime,
    by: Actor,
    reason: str,
    paid_too: bool = False,
) -> list[Change]:
    """Decide conversions anew under their locks, and book what differs as ADJUSTMENT lines.

    No line is edited: the differences are lines of their own, `decision:<n>`, and what refunds
    took back is right afterwards. Declined conversions and lines are left alone; so are, unless
    `paid_too`, conversions of which something was paid or lies in a payout. Safe to repeat: what is
    booked already does not differ any more.
    """
    return redecide(
        merchant_id, set(conversion_ids), at=at, by=by, reason=reason, paid_too=paid_too
    )


def redecide(
    merchant_id: UUID,
    ids: set[UUID],
    *,
    at: datetime,
    by: Actor,
    reason: str,
    paid_too: bool,
    wait: bool = True,
) -> list[Change]:
    """Decide these anew, and whatever reaches another step of a volume by that.

    Without `wait` somebody else's lock ends it at once: who holds more than conversions must not
    wait for one.
    """
    for _round in range(ROUNDS):
        conversions = _lock(merchant_id, ids, wait=wait)
        if not paid_too:
            conversions = _unpaid(merchant_id, conversions)
        if not conversions:
            return []
        lock_shared(merchant_id, conversions)
        gathered = gather(merchant_id, conversions)
        own = take_out_bindings(conversions, gathered)
        cases = [open_case(conversion, gathered) for conversion in in_order(conversions)]
        earners: Earners = earn(merchant_id, cases, gathered)
        shifted = earners.volumes.shifted(earners.volume_details) - {row.id for row in conversions}
        if not shifted - ids:
            break
        ids = ids | shifted
    return _book(merchant_id, cases, own, at=at, by=by, reason=reason)


def _lock(merchant_id: UUID, ids: Collection[UUID], *, wait: bool) -> list[ConversionRow]:
    rows = Conversion.objects.filter(
        ~Q(status=ConversionStatus.DECLINED),
        ~Q(source=Source.PIXEL, confirmed_at=None),
        merchant_id=merchant_id,
        id__in=ids,
        attributed_at__isnull=False,
        is_test=False,
    ).order_by("id")
    return read_conversions(rows.select_for_update(no_key=True, nowait=not wait))


def _unpaid(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> list[ConversionRow]:
    paid = Commission.objects.filter(
        merchant_id=merchant_id,
        conversion_id__in=[row.id for row in conversions],
        status__in=[Status.RESERVED, Status.PAID],
    )
    closed = set(paid.values_list("conversion_id", flat=True))
    return [row for row in conversions if row.id not in closed]


def take_out_bindings(conversions: Sequence[ConversionRow], gathered: Gathered) -> list[Binding]:
    """Take out what these conversions bound their customers by: that is decided anew as well."""
    own = []
    for row in conversions:
        if row.customer_id is None or row.assigned_enrollment_id is not None:
            continue  # What a person gave away still came by the evidence that it came by.
        said = _said(row, gathered)
        known = gathered.bindings.get((row.program_id, row.customer_id), [])
        mine = [
            binding
            for binding in known
            if binding.bound_at == row.occurred_at and binding.evidence in said
        ]
        for binding in mine:
            known.remove(binding)
        own += mine
    return own


def _said(conversion: ConversionRow, gathered: Gathered) -> set[str]:
    claim = conversion.claim
    tokens = (gathered.evidence.tokens.get(text) for text in claim.tokens)
    clicks = {str(token.click_id) for token in tokens if token}
    return clicks | {claim.coupon_code.upper(), claim.referral_code} - {""}


def _book(
    merchant_id: UUID,
    cases: Sequence[Case],
    own: Sequence[Binding],
    *,
    at: datetime,
    by: Actor,
    reason: str,
) -> list[Change]:
    conversions = [case.conversion for case in cases]
    lines = _lines(merchant_id, conversions)
    left = left_of(merchant_id, conversions)
    booked = [
        Booked(case, strands_of(lines[case.conversion.id]), left[case.conversion.id])
        for case in cases
    ]
    book_difference(merchant_id, booked, at=at)
    new = [line for row in booked for line in row.new_lines]
    _replace_credits(merchant_id, cases)
    write_lines(merchant_id, new, at=at)
    _replace_bindings(merchant_id, cases, own)
    _replace_grants(merchant_id, cases, at)
    for row in booked:
        _settle(row, at)
    settle(merchant_id, cases, at=at)
    decided = {line.conversion_id for line in new}
    said = [(row.id, {"reason": reason}) for row in conversions if row.id in decided]
    write_events(merchant_id, "conversion.redecided", said, at=at, by=by)
    write_created(merchant_id, new, at=at, by=by)
    return [
        Change(line.conversion_id, line.enrollment_id, line.amount_minor, line.id)
        for line in new
        if line.conversion_id
    ]


def _lines(merchant_id: UUID, conversions: Sequence[ConversionRow]) -> dict[UUID, list[Commission]]:
    found: dict[UUID, list[Commission]] = defaultdict(list)
    rows = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=[row.id for row in conversions]
    )
    for line in rows.select_for_update(of=("self",)).order_by("id"):
        if line.conversion_id:
            found[line.conversion_id].append(line)
    return found


def _replace_credits(merchant_id: UUID, cases: Sequence[Case]) -> None:
    """Store the credits of those conversions that are credited otherwise than before."""
    stored: dict[UUID, set[tuple[UUID, int]]] = defaultdict(set)
    rows = Credit.objects.filter(
        merchant_id=merchant_id, conversion_id__in=[case.conversion.id for case in cases]
    )
    for id, enrollment_id, share_ppm in rows.values_list(
        "conversion_id", "enrollment_id", "share_ppm"
    ):
        stored[id].add((enrollment_id, share_ppm))
    changed = [
        case
        for case in cases
        if stored[case.conversion.id]
        != {(row.enrollment_id, row.share_ppm) for row in case.credits}
    ]
    forget_credits(merchant_id, [case.conversion.id for case in changed])
    write_credits(merchant_id, changed)


def _replace_bindings(merchant_id: UUID, cases: Sequence[Case], own: Sequence[Binding]) -> None:
    made = [case.binding for case in cases if case.binding]
    again = {(row.program_id, row.customer_id, row.evidence, row.is_test) for row in made}
    gone = [
        row.id
        for row in own
        if (row.program_id, row.customer_id, row.evidence, row.is_test) not in again
    ]
    if gone:
        Touch.objects.filter(merchant_id=merchant_id, id__in=gone).delete()
    write_bindings(made)


def _replace_grants(merchant_id: UUID, cases: Sequence[Case], at: datetime) -> None:
    """Give what is due now, and take back what is not any more."""
    for case in cases:
        case.grants = grants_of(case, at)
    due = {
        (row.conversion_id, row.enrollment_id, row.customer_id)
        for case in cases
        for row in case.grants
    }
    stored = Grant.objects.filter(
        merchant_id=merchant_id, conversion_id__in=[case.conversion.id for case in cases]
    ).exclude(status=GrantStatus.TAKEN_BACK)
    gone = [
        row.id
        for row in stored
        if (row.conversion_id, row.enrollment_id, row.customer_id) not in due
    ]
    if gone:
        rows = Grant.objects.filter(merchant_id=merchant_id, id__in=gone)
        rows.move(to=GrantStatus.TAKEN_BACK, at=at, reason="decided anew")
    write_grants([grant for case in cases for grant in case.grants])


def _settle(row: Booked, at: datetime) -> None:
    """Keep the trace; what was approved because nobody waited for money, waits if somebody does."""
    case, conversion = row.case, row.case.conversion
    conversion.trace = {
        **trace_of(case),
        "caps": conversion.trace.get("caps", []),
        "decided": {"times": row.decision, "at": at.isoformat()},
    }
    earns = any(line.amount_minor > 0 for line in row.new_lines)
    if conversion.status == ConversionStatus.APPROVED and earns and not row.had_lines:
        conversion.status, conversion.moved_at = ConversionStatus.PENDING, at
        conversion.reason = Reason.ON_HOLD
    elif conversion.status == ConversionStatus.APPROVED and not row.had_lines:
        conversion.reason = Reason.NO_RULE if case.credits else Reason.UNATTRIBUTED
        if case.is_refused:
            conversion.reason = Reason.CAP_REACHED
