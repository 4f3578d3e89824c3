"""Deals as tests need them."""

from datetime import datetime
from typing import Any

from affiliates.models import Enrollment
from channel.deals import DealDraft, register_deal, set_terms
from channel.models import Deal
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter

DAYS = {"protect_days": 90, "extend_days": 30, "extensions_max": 1}


def open_deals(company: Company) -> None:
    """Let affiliates of the company register deals: 90 days, extended once by 30."""
    with merchant_context(company.id):
        set_terms(program=company.program, is_open=True, days=DAYS, by=SYSTEM, at=NOON)


def store_deal(
    company: Company,
    promoter: Promoter,
    *,
    domain: str = "harbourmasters.example",
    at: datetime = NOON,
    **said: Any,
) -> Deal:
    """Register a company for the promoter."""
    open_deals(company)
    with merchant_context(company.id):
        enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        draft = DealDraft(company="Harbour Masters", domain=domain, **said)
        return register_deal(enrollment=enrollment, draft=draft, by=SYSTEM, at=at)
