"""What rules look at: one conversion, as plain values. Pure; nothing here reads a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Basis:
    """The money of a conversion, in minor units of the program's currency.

    `amount_minor` is what the customer paid, so a discount has already left it. What percentages
    leave out, or add, is the program's choice.
    """

    amount_minor: int
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    excludes_tax: bool = True
    excludes_shipping: bool = True
    adds_discount: bool = False

    @property
    def net_minor(self) -> int:
        """What percentages are taken of, never below zero."""
        net = self.amount_minor
        net -= self.tax_minor if self.excludes_tax else 0
        net -= self.shipping_minor if self.excludes_shipping else 0
        net += self.discount_minor if self.adds_discount else 0
        return max(net, 0)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order; `amount_minor` is of the whole line."""

    sku: str
    quantity: int
    amount_minor: int
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One conversion, as it is credited to one enrollment.

    Empty, or None, means not known: a condition on what is not known does not hold.
    """

    goal: str  # Its code.
    goal_id: UUID | None
    occurred_at: datetime
    basis: Basis
    items: tuple[Item, ...] = ()
    country: str = ""
    device: str = ""
    coupon: str = ""  # Without one it is known that there was none.
    subs: Mapping[str, str] = field(default_factory=dict)  # sub1 … sub10 and source, of the click.
    customer_is_new: bool | None = None
    customer_months: int | None = None  # Full ones, since the customer's first conversion.
    payment_number: int | None = None  # Of this goal by this customer in the program, from 1.
    affiliate_type: str = ""
    enrollment_id: UUID | None = None
    tier_id: UUID | None = None
    link_id: UUID | None = None
    variant_promotions: frozenset[UUID] = frozenset()  # Of experiments, the enrollment's.
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """How much an enrollment had credited of a goal in the calendar period of a conversion.

    `before` leaves the conversion itself out, `total` is all there is in the period, itself and
    what came later included. `own_minor` is what of its amount is credited; None means all.
    """

    count_before: int
    amount_before_minor: int
    count_total: int
    amount_total_minor: int
    own_minor: int | None = None
