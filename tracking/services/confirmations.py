"""From a browser's word to a fact: who may confirm it, and what that changes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common.states import IllegalMove
from merchants.events import draft_event, record_event, record_events
from merchants.models import Actor, Event
from tracking.models import (
    Conversion,
    ConversionStatus,
    Customer,
    Reason,
    Refund,
    Source,
    StatusReport,
)
from tracking.services.reports import ConversionReport, conversion_facts

STARTS_OVER: dict[str, Any] = {
    "status": ConversionStatus.RECEIVED,
    "reason": Reason.NONE,
    "reason_detail": "",
}


def is_confirmable(conversion: Conversion, source: Source) -> bool:
    """Return whether a report of this source turns a browser's word into a fact.

    Even if that word was declined: whoever made it up must not spoil the shop's real order.
    """
    return conversion.is_unverified and source != Source.PIXEL


def lock_confirmable(
    merchant_id: UUID, ids: Collection[UUID], source: Source
) -> dict[UUID, Conversion]:
    """Lock those of the conversions that a report of this source confirms; return them by id."""
    if not ids:
        return {}
    rows = Conversion.objects.filter(merchant_id=merchant_id, id__in=list(ids)).order_by("id")
    locked = rows.select_for_update(of=("self",), no_key=True)
    return {row.id: row for row in locked if is_confirmable(row, source)}


def confirm_reported(
    rows: Mapping[UUID, Conversion],
    reports: Mapping[UUID, ConversionReport],
    *,
    customers: dict[str, Customer],
    source: Source,
    by: Actor,
    at: datetime,
) -> None:
    """Replace in locked rows what a browser said by what trusted reports say.

    Attribution looks at them again; what was declined starts over. A report that says nothing of
    who led the buyer here leaves the browser's click, which is signed, and nothing else: anybody
    can send a code or a customer's id.
    """
    if not rows:
        return
    changed: set[str] = set()
    was = {row.id: row.status for row in rows.values()}
    for row in rows.values():
        facts = _trusted_facts(row, reports[row.id], customers)
        if row.status == ConversionStatus.DECLINED:
            facts |= STARTS_OVER | {"status_changed_at": at}
        facts |= {"source": source, "confirmed_at": at, "attributed_at": None}
        changed |= facts.keys()
        for name, value in facts.items():
            setattr(row, name, value)
    Conversion.objects.bulk_update(rows.values(), sorted(changed))
    (merchant_id,) = {row.merchant_id for row in rows.values()}
    _apply_later_facts_again(merchant_id, rows.keys())
    record_events([_confirmed(row, was[row.id], by, at) for row in rows.values()])


def _trusted_facts(
    row: Conversion, report: ConversionReport, customers: dict[str, Customer]
) -> dict[str, Any]:
    facts = conversion_facts(report, customers)
    if not any(report.claim) and report.customer is None:
        facts["click_token"] = row.click_token
    return facts


def confirm_conversion(*, conversion: Conversion, by: Actor, at: datetime) -> Conversion:
    """Take a browser's word for it, as a person decided; return the conversion.

    Attribution looks at it again within seconds, and it earns what it would have earned: by all
    of the browser's evidence, because a person has looked. It still binds no customer.

    :raises IllegalMove: if it needs no confirmation, or was declined.
    """
    with transaction.atomic():
        rows = Conversion.objects.filter(merchant_id=conversion.merchant_id)
        row = rows.select_for_update(of=("self",), no_key=True).get(id=conversion.id)
        if not row.is_unverified or row.status == ConversionStatus.DECLINED:
            raise IllegalMove("The conversion", to="CONFIRMED", status=row.status)
        Conversion.objects.filter(id=row.id).update(confirmed_at=at, attributed_at=None)
        _apply_later_facts_again(row.merchant_id, [row.id])
        record_event(
            merchant_id=row.merchant_id,
            type="conversion.confirmed",
            subject_id=row.id,
            by=by,
            at=at,
            data={"source": row.source},
        )
    conversion.refresh_from_db()
    return conversion


def _apply_later_facts_again(merchant_id: UUID, ids: Collection[UUID]) -> None:
    """Let refunds and status reports be applied to what attribution will make of it now."""
    for model in (Refund, StatusReport):
        facts = model.objects.filter(merchant_id=merchant_id, conversion_id__in=list(ids))
        facts.update(applied_at=None)


def _confirmed(row: Conversion, was: str, by: Actor, at: datetime) -> Event:
    return draft_event(
        merchant_id=row.merchant_id,
        type="conversion.confirmed",
        subject_id=row.id,
        by=by,
        at=at,
        data={
            "source": row.source,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "was": was,
        },
    )


def amount_event(conversion: Conversion, reported_minor: int, *, by: Actor, at: datetime) -> Event:
    """Return the event that an order was reported again with another amount."""
    return draft_event(
        merchant_id=conversion.merchant_id,
        type="conversion.amount_differs",
        subject_id=conversion.id,
        by=by,
        at=at,
        data={
            "external_id": conversion.external_id,
            "amount_minor": conversion.amount_minor,
            "reported_amount_minor": reported_minor,
            "currency": conversion.currency,
        },
    )
