"""Policies that do not hold for one affiliate, until a day: granted, ended, and seen by both."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, PolicyWaiver
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Member, acting_user
from programs.models import Policy


def grant_waiver(
    *,
    policy: Policy,
    enrollment: Enrollment,
    reason: str,
    last_on: date,
    by: Member,
    at: datetime,
) -> PolicyWaiver:
    """Let a policy not hold for one affiliate until a day; return the waiver.

    One that was granted before ends with it.

    :raises BadValue: if it says no reason, the day cannot be, or the policy is another program's
        or has ended.
    """
    if policy.program_id != enrollment.program_id or policy.archived_at is not None:
        raise BadValue("affiliate", "other_program", _("This affiliate is not in the program."))
    reason = cleaned(PolicyWaiver, "reason", reason.strip())
    if last_on < at.date():
        raise BadValue("last_on", "past", _("Choose a day from today on."))
    with transaction.atomic():
        before = PolicyWaiver.objects.filter(
            merchant_id=policy.merchant_id, policy=policy, enrollment=enrollment, ended_at=None
        )
        before.update(ended_at=at)
        waiver = PolicyWaiver.objects.create(
            merchant_id=policy.merchant_id,
            policy=policy,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            reason=reason,
            last_on=last_on,
            granted_by=by,
            granted_at=at,
        )
        _record(waiver, "policy.waived", by, at)
    return waiver


def end_waiver(*, waiver: PolicyWaiver, by: Member, at: datetime) -> None:
    """Let the policy hold again before the waiver's last day. Safe to repeat."""
    open_ones = PolicyWaiver.objects.filter(
        merchant_id=waiver.merchant_id, id=waiver.id, ended_at=None
    )
    if open_ones.update(ended_at=at):
        _record(waiver, "policy.waiver_ended", by, at)


def waivers_of_program(program_id: UUID, *, on: date) -> QuerySet[PolicyWaiver]:
    """Return a program's waivers that hold on a day, those that end first first."""
    return _holding(on).filter(policy__program_id=program_id)


def waivers_of(enrollment: Enrollment, *, on: date) -> QuerySet[PolicyWaiver]:
    """Return the waivers that an affiliate has on a day."""
    return _holding(on).filter(enrollment=enrollment)


def _holding(on: date) -> QuerySet[PolicyWaiver]:
    rows = PolicyWaiver.objects.filter(ended_at=None, last_on__gte=on)
    return rows.select_related("policy", "enrollment__affiliate").order_by("last_on", "id")


def _record(waiver: PolicyWaiver, type: str, by: Member, at: datetime) -> None:
    record_event(
        merchant_id=waiver.merchant_id,
        type=type,
        subject_id=waiver.enrollment_id,
        by=acting_user(by.user),
        at=at,
        data={
            "policy": waiver.policy.title,
            "reason": waiver.reason,
            "last_on": waiver.last_on.isoformat(),
        },
    )
