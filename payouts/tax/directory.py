"""Which VAT ids are due, and whose papers wait: asked by the worker, so as ops; reads only."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import F

from merchants.tenancy import OPS
from payouts.models import Payout, PayoutStatus, TaxProfile

TOLD_BEFORE = timedelta(days=30)  # A form expires.


def vat_ids_due(*, at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (affiliate, form) of VAT ids to ask about, the longest overdue first."""
    due = TaxProfile.objects.using(OPS).filter(vat_next_check_at__lte=at, replaced_at=None)
    rows = due.order_by("vat_next_check_at").values_list("affiliate_id", "id")
    return list(rows[:limit])


def forms_that_expire(*, at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (affiliate, form) of forms that expire soon and whose affiliates do not know."""
    today = at.astimezone(UTC).date()
    soon = TaxProfile.objects.using(OPS).filter(
        expires_on__range=(today, today + TOLD_BEFORE), replaced_at=None, expiry_told_at=None
    )
    rows = soon.order_by("expires_on", "id").values_list("affiliate_id", "id")
    return list(rows[:limit])


def merchants_with_papers_due() -> list[UUID]:
    """Return the merchants with payouts that papers are to be issued for."""
    moved = Payout.objects.using(OPS).filter(status__in=(PayoutStatus.PAID, PayoutStatus.RETURNED))
    due = moved.exclude(papered_status=F("status"))
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
