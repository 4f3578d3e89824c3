"""Take-backs: lines of the opposite sign, because an amount is never edited."""

from collections.abc import Sequence
from datetime import datetime

from commissions.models import Commission, Kind, Status
from ledger.models import AccountKind
from ledger.services import post, transfer
from merchants.events import record_event
from merchants.models import SYSTEM
from tracking.models import Conversion


def lock_lines(conversion: Conversion) -> list[Commission]:
    """Lock what a conversion earned and what was taken back of it; return the lines."""
    lines = Commission.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(lines.select_for_update(of=("self",)).order_by("id"))


def reversed_of(earning: Commission, lines: Sequence[Commission]) -> int:
    """Return how much of an earning was taken back before, in minor units."""
    return -sum(
        line.amount_minor
        for line in lines
        if line.kind == Kind.REVERSAL and line.enrollment_id == earning.enrollment_id
    )


def take_back(
    earning: Commission, due_minor: int, *, event_ref: str, earned_at: datetime, at: datetime
) -> None:
    """Write the line that takes part of an earning back, with its journal.

    While the earning is on hold its reversal waits with it; afterwards it is owed back at once and
    nets against the next payout.
    """
    waits = earning.status in (Status.PENDING, Status.HELD)
    line = Commission.objects.create(
        merchant_id=earning.merchant_id,
        program_id=earning.program_id,
        enrollment_id=earning.enrollment_id,
        affiliate_id=earning.affiliate_id,
        conversion_id=earning.conversion_id,
        rule_version_id=earning.rule_version_id,
        kind=Kind.REVERSAL,
        event_ref=event_ref,
        amount_minor=-due_minor,
        currency=earning.currency,
        status=earning.status if waits else Status.APPROVED,
        status_changed_at=at,
        hold_until=earning.hold_until,
        earned_at=earned_at,
    )
    draft = transfer(
        source=f"commission:{line.id}:earned",
        amount_minor=line.amount_minor,
        currency=line.currency,
        enrollment_id=line.enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING if waits else AccountKind.PAYABLE,
    )
    post(merchant_id=line.merchant_id, drafts=[draft], at=at)
    record_event(
        merchant_id=line.merchant_id,
        type="commission.taken_back",
        subject_id=line.id,
        by=SYSTEM,
        at=at,
        data={"event": event_ref, "amount_minor": line.amount_minor},
    )
