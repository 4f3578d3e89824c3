"""Affiliates who recruit affiliates: whether they may, their links, and the bounty."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, Status
from commissions.models import Commission, Kind
from commissions.services.lines import LineDraft, write_lines
from common.money import MINOR_MAX
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor
from merchants.tenancy import merchant_context
from programs.models import Program
from recruiting.models import RecruitingOffer
from tracking.models import ConversionStatus, Credit

BATCH: Final = 200
REF: Final = "bounty:"


def offer_of(program: Program) -> RecruitingOffer:
    """Return what a program offers to who recruits; by default nothing, and that nobody may."""
    rows = RecruitingOffer.objects.filter(merchant_id=program.merchant_id, program=program)
    return rows.first() or RecruitingOffer(merchant_id=program.merchant_id, program=program)


def open_offers(program_ids: Collection[UUID]) -> dict[UUID, RecruitingOffer]:
    """Return the open offers of programs, by program."""
    rows = RecruitingOffer.objects.filter(program_id__in=program_ids, is_open=True)
    return {row.program_id: row for row in rows}


def set_offer(
    *, program: Program, is_open: bool, bounty_minor: int | None, by: Actor, at: datetime
) -> RecruitingOffer:
    """Say whether affiliates may recruit, and what one sale of a recruit brings them; return it.

    A bounty counts for who joins from then on. Safe to repeat.

    :raises BadValue: if the bounty is none, or the program is for tests.
    """
    if bounty_minor is not None and not 0 < bounty_minor <= MINOR_MAX:
        raise BadValue("bounty_minor", "out_of_range", _("A bounty is more than nothing."))
    offer = offer_of(program)
    if is_open and not offer.is_open:
        offer.opened_at = at
    offer.is_open, offer.bounty_minor = is_open, bounty_minor
    offer.save()
    record_event(
        merchant_id=program.merchant_id,
        type="program.recruiting_changed",
        subject_id=program.id,
        by=by,
        at=at,
        data={"is_open": is_open, "amount_minor": bounty_minor, "currency": program.currency},
    )
    return offer


def pay_bounties(*, merchant_id: UUID, at: datetime) -> int:
    """Pay each recruiter for each recruit whose first sale stands; return how many lines.

    Once for a recruit, whoever recruited it. Safe to repeat, and to run twice at once: budgets
    lock, and a line's `event_ref` names the recruit.
    """
    with merchant_context(merchant_id):
        offers = RecruitingOffer.objects.filter(
            merchant_id=merchant_id,
            is_open=True,
            bounty_minor__isnull=False,
            program__is_test=False,
        )
        locked = offers.select_for_update(of=("self",)).select_related("program").order_by("id")
        return sum(_pay(offer, at) for offer in locked)


def _pay(offer: RecruitingOffer, at: datetime) -> int:
    due = _due(offer)[:BATCH]
    drafts = [
        LineDraft(
            enrollment=recruit.recruited_by,
            kind=Kind.BONUS,
            event_ref=f"{REF}{recruit.id}",
            amount_minor=offer.bounty_minor or 0,
            earned_at=at,
            facts={"reason": _("First sale of %(name)s") % {"name": recruit.affiliate.name}},
        )
        for recruit in due
        if recruit.recruited_by is not None
    ]
    return len(write_lines(offer.merchant_id, drafts, at=at))


def _due(offer: RecruitingOffer) -> QuerySet[Enrollment]:
    sold = Credit.objects.filter(
        merchant_id=offer.merchant_id,
        enrollment_id=OuterRef("id"),
        conversion__status=ConversionStatus.APPROVED,
        conversion__is_test=False,
        conversion__amount_minor__gt=0,
    )
    paid = Commission.objects.filter(
        merchant_id=offer.merchant_id,
        conversion=None,
        event_ref__startswith=Concat(Value(REF), Cast(OuterRef("id"), CharField())),
    )
    rows = Enrollment.objects.filter(
        merchant_id=offer.merchant_id,
        program=offer.program,
        status=Status.APPROVED,
        created_at__gte=offer.opened_at,
        recruited_by__status=Status.APPROVED,
    ).exclude(recruited_by__affiliate_id=F("affiliate_id"))
    named = rows.select_related(
        "affiliate", "recruited_by__program", "recruited_by__tier", "recruited_by__affiliate"
    )
    return named.filter(Exists(sold), ~Exists(paid)).order_by("id")
