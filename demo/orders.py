"""Draws what people buy: from the shop's catalogue at Acme, a subscription at Globex. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from demo.shop.basket import item_facts, lines_of, total
from demo.shop.catalogue import PRODUCTS

PLANS = (("PLAN-S", 4_900), ("PLAN-M", 14_900), ("PLAN-L", 39_900))
POPULAR = (9, 4, 7, 4, 6, 8, 5, 3, 6)  # In the order of the catalogue.
COUPON_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What was paid, in minor units, and for what."""

    amount_minor: int
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)


DrawOrder = Callable[[Random, str], Order]


def draw_basket(random: Random, coupon: str) -> Order:
    """Return an order at the chandlery, priced as the shop prices it."""
    count = random.choices((1, 2, 3), (62, 28, 10))[0]
    slugs = random.choices([product.slug for product in PRODUCTS], POPULAR, k=count)
    lines = lines_of({slug: random.choices((1, 2), (85, 15))[0] for slug in slugs})
    totals = total(lines, discount_percent=COUPON_PERCENT if coupon else 0)
    return Order(
        amount_minor=totals.total_minor,
        tax_minor=totals.tax_minor,
        shipping_minor=totals.shipping_minor,
        discount_minor=totals.discount_minor,
        items=item_facts(lines),
    )


def draw_subscription(random: Random, coupon: str) -> Order:
    """Return the first payment of a subscription."""
    sku, price_minor = random.choices(PLANS, (6, 3, 1))[0]
    discount_minor = price_minor * COUPON_PERCENT // 100 if coupon else 0
    amount_minor = price_minor - discount_minor
    items = [{"sku": sku, "category": "Plans", "quantity": 1, "amount_minor": price_minor}]
    return Order(amount_minor=amount_minor, discount_minor=discount_minor, items=items)
