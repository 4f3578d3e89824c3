"""Refunds: facts that take part of a conversion back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from merchants.events import record_event
from merchants.models import Actor
from tracking.models import Conversion, Refund


class TooMuchRefunded(Exception):
    """The refunds of a conversion would exceed its amount."""


def record_refund(
    *,
    conversion: Conversion,
    external_id: str,
    amount_minor: int,
    reason: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
) -> tuple[Refund, bool]:
    """Store that part of a conversion was taken back; return the fact and whether it is new.

    The conversion's row is locked, so two refunds at once cannot exceed its amount together.

    :raises TooMuchRefunded: if all refunds together would exceed the conversion's amount.
    """
    with transaction.atomic():
        Conversion.objects.select_for_update(of=("self",), no_key=True).get(id=conversion.id)
        refunds = Refund.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
        known = refunds.filter(external_id=external_id).first()
        if known is not None:
            return known, False
        before_minor = refunds.aggregate(total=Sum("amount_minor", default=0))["total"]
        if before_minor + amount_minor > conversion.amount_minor:
            raise TooMuchRefunded(f"{conversion.amount_minor - before_minor} is left to refund")
        refund = Refund.objects.create(
            merchant_id=conversion.merchant_id,
            conversion=conversion,
            external_id=external_id,
            amount_minor=amount_minor,
            reason=reason,
            occurred_at=occurred_at,
        )
        record_event(
            merchant_id=conversion.merchant_id,
            type="conversion.refunded",
            subject_id=conversion.id,
            by=by,
            at=at,
            data={"external_id": external_id, "amount_minor": amount_minor},
        )
    return refund, True
