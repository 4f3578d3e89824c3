"""Lines by hand: a bonus or a correction, with the reason for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.budgets import cut
from commissions.models import Commission, Kind, Status
from commissions.services.lines import created_event, post_lines
from commissions.services.reasons import clean_reason
from common.ids import new_id
from common.money import MINOR_MAX
from common.refusals import BadValue
from merchants.events import record_events
from merchants.models import Actor


def add_line(
    *, enrollment: Enrollment, amount_minor: int, reason: str, by: Actor, at: datetime
) -> Commission:
    """Write a bonus (positive) or a correction (negative), approved at once; return it.

    Budgets count it, but do not cut it; a balance may go below zero by it.

    :raises BadValue: if the amount is 0 or too large, the reason is missing or too long, or the
        program is for tests.
    """
    if not amount_minor or abs(amount_minor) > MINOR_MAX:
        message = _("An amount other than 0 is needed, of at most %d.") % MINOR_MAX
        raise BadValue("amount_minor", "out_of_range", message)
    reason = clean_reason(reason)
    require_real(enrollment)
    line = approved_line(
        enrollment, kind=Kind.MANUAL, verb="manual", amount_minor=amount_minor, reason=reason, at=at
    )
    with transaction.atomic():
        cut(line.merchant_id, [line], lock=True)  # Before the ledger, as whatever earns does.
        line.save(force_insert=True)
        post_lines(line.merchant_id, [line], at=at)
        record_events([created_event(line, by=by, at=at)])
    return line


def require_real(enrollment: Enrollment) -> None:
    """Check that the enrollment's program may reach money.

    :raises BadValue: if it is for tests.
    """
    if enrollment.program.is_test:
        raise BadValue("enrollment", "for_tests", _("This program is for tests only."))


def approved_line(
    enrollment: Enrollment,
    *,
    kind: Kind,
    verb: str,
    amount_minor: int,
    reason: str,
    at: datetime,
) -> Commission:
    """Return a line that a person decided on, not stored."""
    id = new_id()
    return Commission(
        id=id,
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        kind=kind,
        event_ref=f"{verb}:{id}",
        amount_minor=amount_minor,
        currency=enrollment.program.currency,
        facts={"reason": reason},
        status=Status.APPROVED,
        status_changed_at=at,
        status_reason=reason,
        hold_until=at,
        earned_at=at,
    )
