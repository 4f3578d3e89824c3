"""Refunds of orders in another currency: counted at the rate that the order was counted at."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from common.money import MINOR_MAX, divide_half_even
from merchants.fx import rate_at
from programs.models import ForeignCurrency, Program
from tracking.models import Conversion, Refund
from tracking.services.reports import CurrencyMismatch, NoFxRate


class Counted(NamedTuple):
    """What a refund counts for in the program's currency, and what was reported if that differs."""

    amount_minor: int
    original_minor: int | None = None
    original_currency: str = ""


def count_refund(
    order: Conversion, amount_minor: int, currency: str, before: Iterable[Refund]
) -> Counted:
    """Return what a refund of an order counts for; `before` are the order's others.

    Counted are the sums, so that refunds of the whole order come to exactly the order.

    :raises CurrencyMismatch: if it is neither in the program's currency nor in the order's own.
    """
    if currency in ("", order.currency):
        return Counted(amount_minor)
    if currency != order.original_currency:
        own = order.original_currency or order.currency
        raise CurrencyMismatch(f"{currency} refund, {own} order")
    own_before = sum(row.original_minor or 0 for row in before if row.original_currency == currency)
    counted_minor = _of_order(order, own_before + amount_minor) - _of_order(order, own_before)
    return Counted(counted_minor, amount_minor, currency)


def _of_order(order: Conversion, original_minor: int) -> int:
    """Return what a part of the order in its own currency is in the program's."""
    if not order.original_minor:
        return 0
    part_minor = divide_half_even(order.amount_minor * original_minor, order.original_minor)
    return min(part_minor, MINOR_MAX)


def count_early_refund(
    program: Program, amount_minor: int, currency: str, occurred_at: datetime
) -> Counted:
    """Return what a refund counts for as long as its order is not known: by the rate of its time.

    :raises CurrencyMismatch: if the program does not convert; NoFxRate if no rate is known.
    """
    if currency in ("", program.currency):
        return Counted(amount_minor)
    if program.foreign_currency != ForeignCurrency.CONVERT:
        raise CurrencyMismatch(f"{currency} refund, {program.currency} program")
    rate = rate_at(program.merchant_id, currency, program.currency, occurred_at)
    if rate is None:
        raise NoFxRate(f"{currency} to {program.currency} at {occurred_at.isoformat()}")
    counted_minor = rate.convert(amount_minor, source=currency, target=program.currency)
    return Counted(counted_minor, amount_minor, currency)


def count_anew(merchant_id: UUID, refund_ids: Sequence[UUID]) -> None:
    """Count refunds that came before their orders, and have them now, at the orders' rates.

    One in a currency that its order is not in, keeps what it was counted at.
    """
    rows = Refund.objects.filter(merchant_id=merchant_id, id__in=refund_ids)
    before: dict[UUID, list[Refund]] = {}
    for refund in rows.select_related("conversion").order_by("id"):
        order, currency = refund.conversion, refund.original_currency
        if order is None or currency != order.original_currency:
            continue
        if order.id not in before:
            before[order.id] = list(order.refunds.exclude(id__in=refund_ids))
        counted = count_refund(order, refund.original_minor or 0, currency, before[order.id])
        before[order.id].append(refund)
        refund.amount_minor = counted.amount_minor
        refund.save(update_fields=["amount_minor"])


def left_to_refund(order: Conversion) -> int:
    """Return how much of an order is left to refund, in the currency in which it was reported."""
    refunds = list(Refund.objects.filter(merchant_id=order.merchant_id, conversion=order))
    if not order.original_minor:
        return max(order.amount_minor - sum(row.amount_minor for row in refunds), 0)
    own = [row for row in refunds if row.original_currency == order.original_currency]
    others = [row for row in refunds if row.original_currency != order.original_currency]
    gone_minor = sum(row.original_minor or 0 for row in own)
    if others and order.amount_minor:
        counted_minor = sum(row.amount_minor for row in others)
        gone_minor += divide_half_even(counted_minor * order.original_minor, order.amount_minor)
    return max(order.original_minor - gone_minor, 0)
