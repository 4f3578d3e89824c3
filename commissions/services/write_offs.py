"""Write-offs: a debt that nothing will net any more is given up, and the ledger says of whom."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from affiliates.models import Enrollment
from commissions.models import Commission, Kind, Status
from commissions.services.lines import created_event, post_lines
from commissions.services.manual import approved_line, require_real
from commissions.services.reasons import clean_reason
from ledger.models import AccountKind
from merchants.events import record_events
from merchants.models import Actor


class NoDebt(Exception):
    """The balance is not below zero: there is nothing to write off."""


def debt_of(merchant_id: UUID, enrollment_id: UUID) -> int:
    """Return how much an affiliate owes in minor units: 0 if its balance is not below zero."""
    lines = Commission.objects.filter(
        merchant_id=merchant_id, enrollment_id=enrollment_id, status=Status.APPROVED
    )
    balance: int = lines.aggregate(minor=Sum("amount_minor", default=0))["minor"]
    return max(-balance, 0)


def write_off(*, enrollment: Enrollment, reason: str, by: Actor, at: datetime) -> Commission:
    """Write off what an affiliate owes, exactly; return the line.

    :raises NoDebt: if there is no debt, or somebody has written it off just now.
    :raises BadValue: if the reason is missing or too long, or the program is for tests.
    """
    reason = clean_reason(reason)
    require_real(enrollment)
    with transaction.atomic():
        rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id, id=enrollment.id)
        rows.select_for_update(of=("self",), no_key=True).get()
        debt_minor = debt_of(enrollment.merchant_id, enrollment.id)
        if not debt_minor:
            raise NoDebt(f"{enrollment.id} owes nothing")
        line = approved_line(
            enrollment,
            kind=Kind.WRITE_OFF,
            verb="write_off",
            amount_minor=debt_minor,
            reason=reason,
            at=at,
        )
        line.save(force_insert=True)
        post_lines(line.merchant_id, [line], at=at, out_of=AccountKind.WRITE_OFF)
        record_events([created_event(line, by=by, at=at)])
    return line
