"""What affiliates have read of the changes of their rates."""

from datetime import datetime

from affiliates.models import Enrollment
from commissions.models import RateNotice


def mark_rates_seen(*, enrollment: Enrollment, at: datetime) -> int:
    """Note that the affiliate has read the notices so far; return how many were new to them."""
    notices = RateNotice.objects.filter(
        merchant_id=enrollment.merchant_id, enrollment=enrollment, seen_at=None
    )
    return notices.filter(created_at__lte=at).update(seen_at=at)
