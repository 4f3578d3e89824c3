"""A request for money, as pages show it."""

from merchants.tenancy import merchant_context
from payouts.models import Withdrawal
from tests.cast import NOON, Company, Promoter


def store_withdrawal(company: Company, promoter: Promoter) -> Withdrawal:
    """Return a request of 10.00 that waits for review."""
    with merchant_context(company.id):
        return Withdrawal.objects.create(
            merchant_id=company.id,
            affiliate_id=promoter.affiliate.id,
            currency="EUR",
            expected_minor=10_00,
            status_changed_at=NOON,
            requested_at=NOON,
        )
