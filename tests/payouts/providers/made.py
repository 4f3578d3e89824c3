"""Rails, batches and payouts that were never stored: for providers, who only read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from affiliates.models import Affiliate
from common.secrets import encrypt
from payouts.models import Batch, MethodKind, Payout, PayoutMethod, Rail

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
DEBTOR = {
    "name": "Acme GmbH & Co. KG",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "town": "Köln",
    "country": "DE",
}
PAYEE = {
    "holder": "Łukasz Żółć",
    "iban": "PL61109010140000071219812874",
    "town": "Kraków",
    "country": "PL",
}
US_PAYEE = {
    "holder": "Zoë O'Brien",
    "routing": "021000021",
    "account": "123456789",
    "account_type": "CHECKING",
    "owner": "PERSON",
}
US_BANK = {
    "routing": "011401533",
    "bank": "First Bank",
    "company": "Acme Incorporated",
    "company_id": "1234567890",
}


def make_rail(credentials: Mapping[str, str]) -> Rail:
    """Return a merchant's account with a bank."""
    return Rail(credentials=encrypt(dict(credentials)))


def make_batch(number: int = 7, *, currency: str = "EUR", last: int = 1) -> Batch:
    """Return a batch; `last` tells apart those of the same number."""
    id = UUID(f"01999999-0000-7000-8000-{last:012x}")
    return Batch(id=id, number=number, currency=currency)


def make_payout(
    position: int,
    amount_minor: int,
    details: Mapping[str, str] = PAYEE,
    *,
    kind: MethodKind = MethodKind.BANK,
    currency: str = "EUR",
) -> Payout:
    """Return a payout to an account."""
    return Payout(
        reference=f"FL-7-{position}",
        affiliate=Affiliate(name=details["holder"]),
        amount_minor=amount_minor,
        currency=currency,
        method=PayoutMethod(kind=kind, details=encrypt(dict(details))),
    )
