"""What an order costs. All amounts in minor units; prices include tax."""

from collections.abc import Mapping
from dataclasses import dataclass

from demo.shop.catalogue import BY_SLUG, Product

TAX_PERCENT = 19
SHIPPING_MINOR = 590
FREE_SHIPPING_MINOR = 10_000
QUANTITY_MAX = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One article of an order."""

    product: Product
    quantity: int

    @property
    def amount_minor(self) -> int:
        """Return what the line costs before any discount."""
        return self.product.price_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Totals:
    """What is to be paid, and what is in it."""

    goods_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int  # Included in the total, of goods alone.

    @property
    def total_minor(self) -> int:
        """Return what the customer pays."""
        return self.goods_minor - self.discount_minor + self.shipping_minor


def lines_of(quantities: Mapping[str, int]) -> list[Line]:
    """Return the lines of a basket; what is not sold any more is left out."""
    return [
        Line(BY_SLUG[slug], min(quantity, QUANTITY_MAX))
        for slug, quantity in quantities.items()
        if slug in BY_SLUG and quantity > 0
    ]


def total(lines: list[Line], *, discount_percent: int = 0) -> Totals:
    """Return the totals of an order; shipping is free from 100.00 of goods on."""
    goods = sum(line.amount_minor for line in lines)
    discount = goods * discount_percent // 100
    paid = goods - discount
    shipping = 0 if paid >= FREE_SHIPPING_MINOR or not lines else SHIPPING_MINOR
    tax = paid - paid * 100 // (100 + TAX_PERCENT)
    return Totals(goods, discount, shipping, tax)


def item_facts(lines: list[Line]) -> list[dict[str, object]]:
    """Return the lines as the conversion API takes them."""
    return [
        {
            "sku": line.product.sku,
            "category": line.product.category,
            "quantity": line.quantity,
            "amount_minor": line.amount_minor,
        }
        for line in lines
    ]
