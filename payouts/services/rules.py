"""The merchant's rules of paying: terms, limits of approval, batches that prepare themselves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.money import MINOR_MAX
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import ApprovalLimit, PayoutPolicy, PayoutTerms, Schedule
from payouts.models.terms import NET_DAYS_MAX
from programs.models import Program, Tier

PAY_DAY_MAX = {Schedule.WEEKLY: 7, Schedule.MONTHLY: 28}


class TermsExist(Exception):
    """The program, tier or enrollment has terms: change these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDraft:
    """When and how commissions are paid."""

    schedule: Schedule = Schedule.AT_ONCE
    net_days: int = 0
    pay_day: int | None = None
    minor_min: int | None = None
    automatic_minor_max: int | None = None
    request_fee_minor: int = 0
    ends_on: date | None = None  # The last day on which they count.


def create_terms(
    *,
    member: Member,
    program: Program,
    draft: TermsDraft,
    at: datetime,
    tier: Tier | None = None,
    enrollment: Enrollment | None = None,
) -> PayoutTerms:
    """Store terms of a program, or of a tier or an enrollment of it; return them.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadValue: naming the field that cannot be.
    :raises TermsExist: if there are some.
    """
    require(member, Right.PREPARE_PAYOUTS)
    facts = _clean(draft, at)
    if tier is not None and enrollment is not None:
        raise BadValue("enrollment", "invalid", _("Name a tier or an enrollment, not both."))
    for field, narrower in (("tier", tier), ("enrollment", enrollment)):
        if narrower is not None and narrower.program_id != program.id:
            raise BadValue(field, "invalid", _("This belongs to another program."))
    try:
        with transaction.atomic():
            terms = PayoutTerms.objects.create(
                merchant_id=program.merchant_id,
                program=program,
                tier=tier,
                enrollment=enrollment,
                **facts,
            )
            _record(member, "payout_terms.created", terms.id, at, _said(facts))
    except IntegrityError as error:
        raise TermsExist(str(program.id)) from error
    return terms


def change_terms(
    *, member: Member, terms: PayoutTerms, draft: TermsDraft, at: datetime
) -> PayoutTerms:
    """Change terms, from the next batch on; return them.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadValue: naming the field that cannot be.
    """
    require(member, Right.PREPARE_PAYOUTS)
    facts = _clean(draft, at)
    with transaction.atomic():
        row = PayoutTerms.objects.select_for_update(of=("self",)).get(id=terms.id)
        before = {field: getattr(row, field) for field in facts}
        PayoutTerms.objects.filter(id=terms.id).update(**facts)
        data = {"before": _said(before), "after": _said(facts)}
        _record(member, "payout_terms.changed", terms.id, at, data)
    terms.refresh_from_db()
    return terms


def remove_terms(*, member: Member, terms: PayoutTerms, at: datetime) -> None:
    """Remove terms: the wider ones count from now on.

    :raises NotAllowed: if the member may not prepare payouts.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        removed, _by_model = PayoutTerms.objects.filter(
            merchant_id=terms.merchant_id, id=terms.id
        ).delete()
        if removed:
            _record(member, "payout_terms.removed", terms.id, at, {})


def _clean(draft: TermsDraft, at: datetime) -> dict[str, Any]:
    schedule = Schedule(draft.schedule)
    if draft.ends_on is not None and draft.ends_on < at.astimezone(UTC).date():
        raise BadValue("ends_on", "invalid", _("This day is over."))
    if not 0 <= draft.net_days <= NET_DAYS_MAX:
        message = _("Write 0 to %(max)s days.") % {"max": NET_DAYS_MAX}
        raise BadValue("net_days", "invalid", message)
    pay_day_max = PAY_DAY_MAX.get(schedule)
    if draft.pay_day is not None:
        if pay_day_max is None:
            raise BadValue("pay_day", "invalid", _("This schedule knows no pay day."))
        if not 1 <= draft.pay_day <= pay_day_max:
            message = _("Write a day from 1 to %(max)s.") % {"max": pay_day_max}
            raise BadValue("pay_day", "invalid", message)
    facts = {
        "minor_min": draft.minor_min,
        "automatic_minor_max": draft.automatic_minor_max,
        "request_fee_minor": draft.request_fee_minor,
    }
    for field, amount in facts.items():
        if amount is not None and not 0 <= amount <= MINOR_MAX:
            raise BadValue(field, "invalid", _("Write an amount that is not negative."))
    return {
        "schedule": schedule,
        "net_days": draft.net_days,
        "pay_day": draft.pay_day,
        "ends_on": draft.ends_on,
        **facts,
    }


def _said(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts as history keeps them."""
    ends_on = facts["ends_on"]
    return {**facts, "ends_on": ends_on.isoformat() if ends_on else None}


# Limits and policy -------------------------------------------------------------------------------


def set_approval_limit(
    *, member: Member, currency: str, amount_minor: int, at: datetime
) -> ApprovalLimit:
    """Let one member prepare and approve up to this amount in the currency; return the limit.

    Only who decides on members may: nobody raises the limit that keeps them in check. 0 stands for
    no batch at all.

    :raises NotAllowed: if the member may not manage members.
    """
    require(member, Right.MANAGE_MEMBERS)
    with transaction.atomic():
        limit, _created = ApprovalLimit.objects.update_or_create(
            merchant_id=member.merchant_id,
            currency=currency,
            defaults={"amount_minor": amount_minor},
        )
        data = {"currency": currency, "amount_minor": amount_minor}
        _record(member, "approval_limit.set", limit.id, at, data)
    return limit


def policy_of(merchant_id: UUID) -> PayoutPolicy:
    """Return how the merchant pays, as it is without a row if it never said."""
    found = PayoutPolicy.objects.filter(merchant_id=merchant_id).first()
    return found or PayoutPolicy(merchant_id=merchant_id)


def set_prepares_itself(*, member: Member, prepares_itself: bool, at: datetime) -> PayoutPolicy:
    """Say whether batches are prepared by themselves on pay days; return the policy.

    :raises NotAllowed: if the member may not prepare payouts.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        policy, _created = PayoutPolicy.objects.update_or_create(
            merchant_id=member.merchant_id, defaults={"prepares_itself": prepares_itself}
        )
        data = {"prepares_itself": prepares_itself}
        _record(member, "payout_policy.changed", policy.id, at, data)
    return policy


def _record(
    member: Member, type: str, subject_id: UUID, at: datetime, data: dict[str, Any]
) -> None:
    record_event(
        merchant_id=member.merchant_id,
        type=type,
        subject_id=subject_id,
        by=acting_user(member.user),
        at=at,
        data=data,
    )
