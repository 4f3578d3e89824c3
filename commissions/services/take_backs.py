"""Take-backs: lines of the opposite sign, because an amount is never edited."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commissions.accrual.strands import Left, Strand, ref_of, strands_of
from commissions.accrual.writing import write_events, write_lines
from commissions.budgets import give_back
from commissions.line import Line
from commissions.models import Commission, Kind, Status
from commissions.services.grants import take_back as take_back_grants
from tracking.models import Conversion


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A fact that takes back of what a conversion earned: `event_ref` names it."""

    conversion: Conversion
    left: Left
    event_ref: str
    happened_at: datetime


Lines = dict[UUID, list[Commission | Line]]  # By conversion, oldest first.


def lock_lines(merchant_id: UUID, conversion_ids: Sequence[UUID]) -> Lines:
    """Lock what conversions earned and what was taken back of it; return the lines of each."""
    found: Lines = defaultdict(list)
    rows = Commission.objects.filter(merchant_id=merchant_id, conversion_id__in=conversion_ids)
    for line in rows.select_for_update(of=("self",)).order_by("id"):
        if line.conversion_id:
            found[line.conversion_id].append(line)
    return found


def take_back(
    merchant_id: UUID,
    facts: Sequence[TakeBack],
    lines: Lines,
    *,
    at: datetime,
) -> None:
    """Write the lines that take back what the facts, one after the other, leave no claim to.

    While an earning is on hold its take-back waits with it; afterwards it is owed back at once and
    nets against the next payout. What was declined never became money.
    """
    new: list[Line] = []
    returned: list[tuple[Commission | Line, int]] = []
    for fact in facts:
        own = lines.get(fact.conversion.id, [])
        for strand in strands_of(own):
            line = _taken(fact, strand, at)
            if line is not None:
                own.append(line)
                new.append(line)
                returned.append((strand.head, -line.amount_minor))
    if not new:
        return
    write_lines(merchant_id, new, at=at)
    said = [(line.id, {"event": line.event_ref, "amount_minor": line.amount_minor}) for line in new]
    write_events(merchant_id, "commission.taken_back", said, at=at)
    give_back(merchant_id, returned)


def _taken(fact: TakeBack, strand: Strand, at: datetime) -> Line | None:
    amount_minor = fact.left.of(strand.due_minor) - strand.booked_minor
    if amount_minor >= 0 or strand.is_declined:
        return None
    head = strand.head
    return Line(
        merchant_id=head.merchant_id,
        program_id=head.program_id,
        enrollment_id=head.enrollment_id,
        affiliate_id=head.affiliate_id,
        conversion_id=head.conversion_id,
        rule_version_id=head.rule_version_id,
        kind=Kind.REVERSAL,
        event_ref=ref_of(fact.event_ref, strand.key.way),
        amount_minor=amount_minor,
        currency=head.currency,
        status=head.status if strand.waits else Status.APPROVED,
        status_changed_at=at,
        hold_until=head.hold_until,
        earned_at=fact.happened_at,
    )


def take_grants_back(
    merchant_id: UUID, conversions: Sequence[Conversion], *, at: datetime, reason: str
) -> None:
    """Take back the rewards that are no money, of conversions of which nothing is left."""
    take_back_grants(merchant_id, [row.id for row in conversions], reason=reason, at=at)
