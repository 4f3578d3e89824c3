"""Grants that tests need, without a rule that makes them."""

from datetime import timedelta
from typing import Any

from commissions.models import Grant, GrantKind, RuleVersion
from tracking.models import Conversion, Credit


def granted(conversion: Conversion, **facts: Any) -> Grant:
    """Store a grant of two free months to whom a conversion is credited, on hold for 30 days."""
    credit = Credit.objects.get(merchant_id=conversion.merchant_id, conversion=conversion)
    said = {
        "kind": GrantKind.FREE_MONTHS,
        "quantity": 2,
        "status_changed_at": conversion.occurred_at,
        "hold_until": conversion.occurred_at + timedelta(days=30),
        **facts,
    }
    return Grant.objects.create(
        merchant_id=conversion.merchant_id,
        program_id=conversion.program_id,
        conversion=conversion,
        rule_version=RuleVersion.objects.get(rule__is_base=True),
        enrollment_id=credit.enrollment_id,
        affiliate_id=credit.affiliate_id,
        **said,
    )
