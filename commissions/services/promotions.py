"""Promotions: rates for a time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commissions.models import Promotion
from commissions.notices import note_end, note_promotion, rules_of_promotion
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program, Tier


def create_promotion(
    *,
    program: Program,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    at: datetime,
    tier: Tier | None = None,
    is_for_variant: bool = False,
) -> Promotion:
    """Create a promotion, without rules yet; return it.

    It runs from `starts_at` until before `ends_at`, for a tier or all.

    :raises BadValue: if a field cannot be.
    """
    columns = _columns(program, name, starts_at, ends_at, tier)
    with transaction.atomic():
        promotion = Promotion.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            is_for_variant=is_for_variant,
            **columns,
        )
        _record(promotion, "program.promotion_created", by, at, {"after": _facts(promotion)})
    return promotion


def update_promotion(
    *,
    promotion: Promotion,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    at: datetime,
    tier: Tier | None = None,
) -> Promotion:
    """Change a promotion; return it. Conversions that were decided keep what they earned.

    :raises BadValue: if a field cannot be.
    :raises IllegalMove: if it is archived, or an experiment's.
    """
    with transaction.atomic():
        promotion = _lock(promotion, to="CHANGED")
        if promotion.archived_at is not None:
            raise IllegalMove("The promotion", to="CHANGED", status="ARCHIVED")
        before = _facts(promotion)
        columns = _columns(promotion.program, name, starts_at, ends_at, tier, was=promotion.tier)
        for column, value in columns.items():
            setattr(promotion, column, value)
        after = _facts(promotion)
        if after != before:
            promotion.save(update_fields=list(columns))
            facts = {"before": before, "after": after}
            _record(promotion, "program.promotion_updated", by, at, facts)
            note_promotion(promotion, at=at)
    return promotion


def archive_promotion(*, promotion: Promotion, by: Actor, at: datetime) -> Promotion:
    """End a promotion now; what happened before keeps its rates. Safe to repeat. Return it.

    :raises IllegalMove: if it is an experiment's.
    """
    with transaction.atomic():
        promotion = _lock(promotion, to="ARCHIVED")
        if promotion.archived_at is None:
            promotion.archived_at = at
            promotion.save(update_fields=["archived_at"])
            note_end(rules_of_promotion(promotion), at=at)
            _record(promotion, "program.promotion_archived", by, at, {})
    return promotion


def _lock(promotion: Promotion, *, to: str) -> Promotion:
    """Lock a promotion that people may change: what an experiment compares, stays as it is."""
    rows = Promotion.objects.filter(merchant_id=promotion.merchant_id)
    locked = rows.select_for_update(of=("self",), no_key=True).select_related("program", "tier")
    found = locked.get(id=promotion.id)
    if found.is_for_variant:
        raise IllegalMove("The promotion", to=to, status="OF_AN_EXPERIMENT")
    return found


def _columns(
    program: Program,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    tier: Tier | None,
    *,
    was: Tier | None = None,
) -> dict[str, Any]:
    if ends_at <= starts_at:
        raise BadValue("ends_at", "not_after_start", _("It ends after it has begun."))
    if tier is not None and tier.program_id != program.id:
        raise BadValue("tier", "other_program", _("This is of another program."))
    if tier is not None and tier != was and tier.archived_at is not None:
        raise BadValue("tier", "archived", _("This tier has ended."))
    return {
        "name": cleaned(Promotion, "name", name.strip()),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "tier": tier,
    }


def _facts(promotion: Promotion) -> dict[str, Any]:
    return {
        "name": promotion.name,
        "starts_at": promotion.starts_at.isoformat(),
        "ends_at": promotion.ends_at.isoformat(),
        "tier": str(promotion.tier_id) if promotion.tier_id else None,
        "is_for_variant": promotion.is_for_variant,
    }


def _record(
    promotion: Promotion, type: str, by: Actor, at: datetime, facts: dict[str, Any]
) -> None:
    record_event(
        merchant_id=promotion.merchant_id,
        type=type,
        subject_id=promotion.program_id,
        by=by,
        at=at,
        data={"promotion": str(promotion.id), "name": promotion.name, **facts},
    )
