"""What an affiliate was paid in each calendar year (UTC). Callers stand in its context."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import ExtractYear

from payouts.models import Payout, PayoutStatus


def years_of(affiliate_id: UUID) -> list[dict[str, Any]]:
    """Return sums per year, merchant and currency, the newest year first."""
    paid = Payout.objects.filter(affiliate_id=affiliate_id, status=PayoutStatus.PAID)
    sums = (
        paid.annotate(year=ExtractYear("paid_at", tzinfo=UTC))
        .values("year", "merchant__name", "currency")
        .annotate(
            total_earned=Sum("earned_minor"),
            total_vat=Sum("vat_minor"),
            total_withheld=Sum("withheld_minor"),
            total_paid=Sum("amount_minor"),
        )
    )
    return [dict(row) for row in sums.order_by("-year", "merchant__name", "currency")]
