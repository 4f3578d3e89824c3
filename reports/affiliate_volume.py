"""How much an affiliate has brought in a calendar period. Stand in the affiliate's context."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from affiliates.models import Enrollment
from commissions.catalogue import Counts
from commissions.periods import period_start
from programs.models import Goal
from tracking.models import Credit
from tracking.selectors import counted_credits


@dataclass(frozen=True, slots=True)
class VolumeReached:
    """What counts in the present period. `own`: the next conversion counts itself as well."""

    period: str
    is_count: bool
    reached: int
    own: int


def volume_reached(
    enrollment: Enrollment, details: Mapping[str, Any], *, goal: Goal | None, at: datetime
) -> VolumeReached:
    """Return how far an affiliate is by the details of a rule that pays by volume."""
    credits = counted_credits(
        Credit.objects.filter(
            affiliate_id=enrollment.affiliate_id,
            enrollment=enrollment,
            conversion__occurred_at__gte=period_start(details["period"], at),
            conversion__occurred_at__lte=at,
        )
    )
    if goal is not None:
        credits = credits.filter(conversion__goal=goal)
    is_count = details["counts"] == Counts.CONVERSIONS
    if is_count:
        return VolumeReached(details["period"], True, credits.count(), 0)
    total = credits.aggregate(total=Sum("amount_minor", default=0))["total"]
    return VolumeReached(details["period"], False, total, 0)
