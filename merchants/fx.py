"""Rates of currencies, as the merchant states them. Callers stand in the merchant's context."""

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.money import CURRENCIES, MINOR_MAX, divide_half_even, exponent_of
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor, FxRate, Merchant

RATE_MIN, RATE_MAX = Decimal("0.0000000001"), Decimal("9999999999")


def set_rate_of_currency(
    *,
    merchant: Merchant,
    base: str,
    quote: str,
    rate: Decimal,
    source: str,
    valid_from: datetime,
    by: Actor,
    at: datetime,
) -> FxRate:
    """State what one unit of `base` is worth in `quote` from `valid_from` on; return the row.

    Rates are facts: they are never edited, a later one replaces them from its moment on. Stating
    the same again changes nothing.

    :raises BadValue: if a currency, the rate or the source cannot be; of `at`, if another rate
        begins at this very moment.
    """
    for name, code in (("base", base), ("quote", quote)):
        if code not in CURRENCIES:
            raise BadValue(name, "invalid_choice", _("“%s” is no currency.") % code[:10])
    if base == quote:
        raise BadValue("quote", "same_currency", _("Two currencies are needed."))
    if not rate.is_finite() or not RATE_MIN <= rate <= RATE_MAX:
        raise BadValue("rate", "out_of_range", _("This rate is out of range."))
    facts = {"rate": cleaned(FxRate, "rate", rate), "source": cleaned(FxRate, "source", source)}
    try:
        with transaction.atomic():
            row = FxRate.objects.create(
                merchant=merchant, base=base, quote=quote, at=valid_from, **facts
            )
            record_event(
                merchant_id=merchant.id,
                type="merchant.fx_rate_recorded",
                subject_id=merchant.id,
                by=by,
                at=at,
                data={
                    "base": base,
                    "quote": quote,
                    "rate": str(rate),
                    "source": source,
                    "valid_from": valid_from.isoformat(),
                },
            )
    except IntegrityError as error:
        return _same(merchant.id, base, quote, valid_from, rate, error)
    return row


def _same(
    merchant_id: UUID,
    base: str,
    quote: str,
    valid_from: datetime,
    rate: Decimal,
    error: Exception,
) -> FxRate:
    known = FxRate.objects.get(merchant_id=merchant_id, base=base, quote=quote, at=valid_from)
    if known.rate != rate:
        message = _("Another rate begins at this moment: what was counted by it stays.")
        raise BadValue("at", "taken", message) from error
    return known


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A rate to convert by: `is_inverse` when it is stated for the other direction."""

    row: FxRate
    is_inverse: bool

    def convert(self, amount_minor: int, *, source: str, target: str) -> int:
        """Return the amount in the target's minor units, half to even, MINOR_MAX at the most."""
        up, down = self.row.rate.as_integer_ratio()
        if self.is_inverse:
            up, down = down, up
        shift = exponent_of(target) - exponent_of(source)
        up, down = up * 10 ** max(shift, 0), down * 10 ** max(-shift, 0)
        return min(divide_half_even(amount_minor * up, down), MINOR_MAX)


class RateTable:
    """Rates of some pairs of currencies, to be asked many times."""

    def __init__(self, rows: Collection[FxRate]) -> None:
        self._rows: dict[frozenset[str], list[FxRate]] = {}
        for row in sorted(rows, key=lambda row: (row.at, row.id)):
            self._rows.setdefault(frozenset((row.base, row.quote)), []).append(row)

    def rate_at(self, base: str, quote: str, at: datetime) -> KnownRate | None:
        """Return the newest rate, stated either way, that is not later than a moment, if any.

        Of two that begin at once it is the direct one.
        """
        rows = self._rows.get(frozenset((base, quote)), [])
        index = bisect_right(rows, at, key=lambda row: row.at)
        if index == 0:
            return None
        newest = [row for row in rows[max(index - 2, 0) : index] if row.at == rows[index - 1].at]
        row = next((row for row in newest if row.base == base), newest[-1])
        return KnownRate(row, is_inverse=row.base != base)


def rates_of_pairs(
    merchant_id: UUID, pairs: Collection[tuple[str, str]], *, until: datetime
) -> RateTable:
    """Return the rates between pairs of currencies, either way, that begin until a moment."""
    wanted = Q()
    for base, quote in pairs:
        wanted |= Q(base=base, quote=quote) | Q(base=quote, quote=base)
    rows = FxRate.objects.filter(wanted, merchant_id=merchant_id, at__lte=until)
    return RateTable(list(rows)) if pairs else RateTable([])


def rate_at(merchant_id: UUID, base: str, quote: str, at: datetime) -> KnownRate | None:
    """Return the newest rate between two currencies that is not later than a moment, if any.

    Stated either way; of two that begin at once the direct one.
    """
    return rates_of_pairs(merchant_id, [(base, quote)], until=at).rate_at(base, quote, at)


def rates_of_currencies(merchant_id: UUID) -> list[FxRate]:
    """Return the merchant's rates, newest first."""
    rates = FxRate.objects.filter(merchant_id=merchant_id)
    return list(rates.order_by("-at", "base", "quote"))
