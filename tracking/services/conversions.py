"""Conversions: goals reached, as they are reported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from merchants.events import record_event
from merchants.models import Actor
from programs.models import Goal, Program
from tracking.models import Conversion, Customer


class UnknownGoal(Exception):
    """The program has no goal with this code."""


class CurrencyMismatch(Exception):
    """The conversion is not in the program's currency, and we never convert silently."""


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """What a conversion says of the buyer, by the merchant's own id."""

    external_id: str
    country: str = ""
    is_new: bool | None = None


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
    customer: CustomerReport | None = None
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items: Sequence[dict[str, Any]] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def record_conversion(
    *, program: Program, report: ConversionReport, by: Actor, at: datetime
) -> tuple[Conversion, bool]:
    """Store a reported conversion; return it and whether it is new.

    A repeat (same goal and external id) stores nothing and returns what was stored first.

    :raises UnknownGoal: if the program has no such goal.
    :raises CurrencyMismatch: if the report is in another currency than the program.
    """
    goal = Goal.objects.filter(
        merchant_id=program.merchant_id, program=program, code=report.goal
    ).first()
    if goal is None:
        raise UnknownGoal(report.goal)
    if report.currency != program.currency:
        raise CurrencyMismatch(f"{report.currency} conversion, {program.currency} program")
    with transaction.atomic():
        customer = _find_customer(program, report.customer, at) if report.customer else None
        conversion, created = Conversion.objects.get_or_create(
            merchant_id=program.merchant_id,
            program=program,
            goal=goal,
            external_id=report.external_id,
            defaults=conversion_facts(report, customer=customer, at=at),
        )
        if created:
            record_event(
                merchant_id=program.merchant_id,
                type="conversion.received",
                subject_id=conversion.id,
                by=by,
                at=at,
                data={"goal": goal.code, "external_id": report.external_id},
            )
    return conversion, created


def conversion_facts(
    report: ConversionReport, *, customer: Customer | None, at: datetime
) -> dict[str, Any]:
    """Return the columns of a reported conversion, its key excepted."""
    return {
        "amount_minor": report.amount_minor,
        "currency": report.currency,
        "tax_minor": report.tax_minor,
        "shipping_minor": report.shipping_minor,
        "discount_minor": report.discount_minor,
        "items": list(report.items),
        "metadata": report.metadata,
        "customer": customer,
        "customer_is_new": report.customer.is_new if report.customer else None,
        "click_token": report.click_token,
        "coupon_code": report.coupon_code.upper(),
        "occurred_at": report.occurred_at,
        "status_changed_at": at,
    }


def _find_customer(program: Program, report: CustomerReport, at: datetime) -> Customer:
    customer, _created = Customer.objects.get_or_create(
        merchant_id=program.merchant_id,
        external_id=report.external_id,
        defaults={"country": report.country, "first_seen_at": at},
    )
    return customer
