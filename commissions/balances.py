"""What stands where for an affiliate, by the status of its commissions.

An affiliate does not read merchants' ledgers; `manage.py check_ledger` proves that both agree.
"""

from uuid import UUID

from django.db.models import Q, Sum

from commissions.models import Commission, Status
from ledger.selectors import Balance


def balances_of_affiliate(
    affiliate_id: UUID, *, limit: int, before: UUID | None = None
) -> list[Balance]:
    """Return up to `limit` balances, one per enrollment and currency, the newest enrollment first.

    The caller stands in the affiliate's context; `before` is the enrollment the last page ended at.
    """

    def total(*statuses: Status) -> Sum:
        return Sum("amount_minor", filter=Q(status__in=statuses), default=0)

    lines = Commission.objects.filter(affiliate_id=affiliate_id).exclude(status=Status.DECLINED)
    if before is not None:
        lines = lines.filter(enrollment_id__lt=before)
    rows = lines.values("enrollment_id", "currency").annotate(
        pending_minor=total(Status.PENDING, Status.HELD),
        payable_minor=total(Status.APPROVED),
        in_payout_minor=total(Status.RESERVED),
        paid_minor=total(Status.PAID),
    )
    return [
        Balance(
            enrollment=row["enrollment_id"],
            currency=row["currency"],
            pending_minor=row["pending_minor"],
            payable_minor=row["payable_minor"],
            in_payout_minor=row["in_payout_minor"],
            paid_minor=row["paid_minor"],
        )
        for row in rows.order_by("-enrollment_id", "currency")[:limit]
    ]
