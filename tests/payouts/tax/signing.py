"""Forms as people sign them: what tests of tax share."""

from datetime import datetime
from typing import Any

from merchants.tenancy import merchant_context
from payouts.models import TaxFormKind, TaxProfile
from payouts.tax.agreements import accept_self_billing
from payouts.tax.forms import clean_answers
from payouts.tax.payers import PayerFacts, TaxPolicy, set_payer, set_tax_policy
from payouts.tax.profiles import Signature, sign_form
from tests.cast import NOON, Company, Promoter
from tests.payouts.tax.test_forms import GOOD

HAMBURG = PayerFacts(
    legal_name="Acme Chandlery GmbH",
    street="Hafenstraße 1",
    postcode="20457",
    town="Hamburg",
    country="DE",
    vat_id="DE129273398",
    vat_bps=1_900,
    invoice_prefix="ACME",
)
BOSTON = PayerFacts(
    legal_name="Acme Inc.", street="1 Pier", town="Boston", country="US", tax_id="04-1234567"
)


def sign(
    promoter: Promoter,
    kind: TaxFormKind,
    *,
    country: str = "",
    at: datetime = NOON,
    **changed: str,
) -> TaxProfile:
    """Sign a form with good answers, some of them changed."""
    usual, said = GOOD[kind]
    country = country or usual
    details = clean_answers(kind, said | changed, country=country, on=at.date())
    return sign_form(
        affiliate=promoter.affiliate,
        kind=kind,
        country=country,
        details=details,
        signature=Signature(promoter.user, details["legal_name"], at, "192.0.2.7"),
    )


def agree(promoter: Promoter, company: Company, *, at: datetime = NOON) -> None:
    """Agree to self-billing."""
    accept_self_billing(
        affiliate=promoter.affiliate,
        merchant_id=company.id,
        user=promoter.user,
        ip="192.0.2.7",
        at=at,
    )


def asks(company: Company, payer: PayerFacts = HAMBURG, **policy: Any) -> None:
    """Store where the merchant is, and what it asks for."""
    usual = {
        "requires_tax_form": False,
        "withholding_bps": 0,
        "issues_invoices": False,
        "adds_vat": True,
    }
    with merchant_context(company.id):
        set_payer(member=company.owner, facts=payer, at=NOON)
        set_tax_policy(member=company.owner, policy=TaxPolicy(**usual | policy), at=NOON)
