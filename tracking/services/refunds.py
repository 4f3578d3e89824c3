"""Refunds: facts that take part of a conversion back, after its order or before it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from merchants.events import record_event
from merchants.models import Actor
from programs.models import Goal, Program
from tracking.models import Conversion, Refund
from tracking.services.foreign_refunds import Counted, count_early_refund, count_refund
from tracking.services.orders import find_order, goal_of_order


class TooMuchRefunded(Exception):
    """The refunds of a conversion would exceed its amount."""


def record_refund(
    *,
    conversion: Conversion,
    external_id: str,
    amount_minor: int,
    reason: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
    currency: str = "",
) -> tuple[Refund, bool]:
    """Store that part of a conversion was taken back; return the fact and whether it is new.

    `currency` is the program's (or empty), or that in which the conversion was reported. The
    conversion's row is locked, so two refunds at once cannot exceed its amount together.

    :raises CurrencyMismatch: if it is another.
    :raises TooMuchRefunded: if all refunds together would exceed the conversion's amount.
    """
    with transaction.atomic():
        _lock(conversion)
        refunds = _known(conversion)
        known = refunds.filter(external_id=external_id).first()
        if known is not None:
            return known, False
        counted = count_refund(conversion, amount_minor, currency, refunds)
        before_minor = refunds.aggregate(total=Sum("amount_minor", default=0))["total"]
        if before_minor + counted.amount_minor > conversion.amount_minor:
            left_minor = max(conversion.amount_minor - before_minor, 0)
            raise TooMuchRefunded(f"{left_minor} is left to refund")
        refund = _store(conversion, external_id, counted, reason, occurred_at, by, at)
    return refund, True


def record_refund_of_order(
    *,
    program: Program,
    goal: str,
    order_id: str,
    external_id: str,
    amount_minor: int,
    reason: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
    is_test: bool = False,
    currency: str = "",
) -> tuple[Refund, bool]:
    """Store a refund of the order that goes by this id; return it and whether it is new.

    If the order has not been reported yet the refund waits for it. Nothing is refused for its
    amount, because nobody can know it yet: what the refunds of an order take back together is
    never more than the order. Safe to repeat. `goal` is a code, or empty (see goal_of_order);
    `currency` the program's (or empty), or that in which the order is reported.

    :raises UnknownGoal: if the program has no such goal.
    :raises CurrencyMismatch: if the order is in another currency; NoFxRate if the order is not
        known and no rate either.
    """
    is_test = is_test or program.is_test
    goal_row = goal_of_order(program=program, code=goal, order_id=order_id, is_test=is_test)
    with transaction.atomic():
        order = find_order(program=program, goal=goal_row, order_id=order_id, is_test=is_test)
        waiting = _waiting(program, goal_row, order_id, is_test)
        if order is not None:
            _lock(order)
            refunds = _known(order) | waiting
            known = refunds.filter(external_id=external_id).first()
            if known is not None:
                return known, False
            counted = count_refund(order, amount_minor, currency, refunds)
            return _store(order, external_id, counted, reason, occurred_at, by, at), True
        counted = count_early_refund(program, amount_minor, currency, occurred_at)
        refund, created = waiting.get_or_create(
            merchant_id=program.merchant_id,
            external_id=external_id,
            defaults={
                "program": program,
                "goal": goal_row,
                "order_id": order_id,
                "is_test": is_test,
                **counted._asdict(),
                "reason": reason,
                "occurred_at": occurred_at,
            },
        )
        if created:
            record_event(
                merchant_id=program.merchant_id,
                type="refund.received",
                subject_id=refund.id,
                by=by,
                at=at,
                data={
                    "order_id": order_id,
                    "external_id": external_id,
                    **_said(counted),
                },
            )
    return refund, created


def _lock(conversion: Conversion) -> None:
    rows = Conversion.objects.filter(merchant_id=conversion.merchant_id)
    rows.select_for_update(of=("self",), no_key=True).get(id=conversion.id)


def _known(conversion: Conversion) -> QuerySet[Refund]:
    return Refund.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)


def _waiting(program: Program, goal: Goal, order_id: str, is_test: bool) -> QuerySet[Refund]:
    return Refund.objects.filter(
        merchant_id=program.merchant_id,
        conversion=None,
        program=program,
        goal=goal,
        order_id=order_id,
        is_test=is_test,
    )


def _store(
    conversion: Conversion,
    external_id: str,
    counted: Counted,
    reason: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
) -> Refund:
    refund = Refund.objects.create(
        merchant_id=conversion.merchant_id,
        conversion=conversion,
        external_id=external_id,
        **counted._asdict(),
        reason=reason,
        is_test=conversion.is_test,
        occurred_at=occurred_at,
    )
    record_event(
        merchant_id=conversion.merchant_id,
        type="conversion.refunded",
        subject_id=conversion.id,
        by=by,
        at=at,
        data={"external_id": external_id, **_said(counted)},
    )
    return refund


def _said(counted: Counted) -> dict[str, Any]:
    """Return what history says of the amount."""
    if counted.original_minor is None:
        return {"amount_minor": counted.amount_minor}
    return counted._asdict()
