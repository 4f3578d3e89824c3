"""What outsiders report of goals reached, and what refuses it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchants.models import FxRate
from tracking.evidence import Claim
from tracking.models import Customer


class UnknownGoal(Exception):
    """The program has no goal with this code."""


class GoalHasSteps(Exception):
    """The goal is reached by its steps: they are reported, not the goal itself."""


class CurrencyMismatch(Exception):
    """The conversion is not in the program's currency, and we never convert silently."""


class NoFxRate(CurrencyMismatch):
    """The program converts, but no rate is known for that currency at that time."""


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """What a conversion says of the buyer, by the merchant's own id."""

    external_id: str
    country: str = ""
    is_new: bool | None = None
    email: str = ""  # Kept as a keyed hash only.


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """A goal reached, as it was reported. `amount_minor` is what was paid, tax and shipping in."""

    goal: str
    external_id: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    click_token: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    customer: CustomerReport | None = None
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items: Sequence[dict[str, Any]] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    earlier_tokens: tuple[str, ...] = ()  # Other clicks of the same buyer, besides `click_token`.
    # What was reported, when the amounts above were converted into the program's currency.
    original_minor: int | None = None
    original_currency: str = ""
    fx_rate: FxRate | None = None

    @property
    def claim(self) -> Claim:
        """Return what it says led the buyer here."""
        return Claim(
            self.click_token, self.coupon_code.upper(), self.referral_code, self.earlier_tokens
        )


def conversion_facts(report: ConversionReport, customers: dict[str, Customer]) -> dict[str, Any]:
    """Return the columns of a reported conversion, its key excepted."""
    customer = report.customer
    return {
        "amount_minor": report.amount_minor,
        "currency": report.currency,
        "tax_minor": report.tax_minor,
        "shipping_minor": report.shipping_minor,
        "discount_minor": report.discount_minor,
        "items": list(report.items),
        "metadata": report.metadata,
        "customer": customers[customer.external_id] if customer else None,
        "customer_is_new": customer.is_new if customer else None,
        "click_token": report.click_token,
        "earlier_tokens": list(report.earlier_tokens),
        "coupon_code": report.coupon_code.upper(),
        "referral_code": report.referral_code,
        "occurred_at": report.occurred_at,
        "original_minor": report.original_minor,
        "original_currency": report.original_currency,
        "fx_rate": report.fx_rate,
    }
