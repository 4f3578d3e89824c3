"""Who would be paid now, and who would not and why: what a dry run shows and a batch stores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from affiliates.models import Affiliate, Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Commission, Status
from payouts.left_out import LeftOut
from payouts.models import PayoutLine, PayoutMethod


@dataclass(frozen=True, slots=True)
class Item:
    """What one affiliate would be paid."""

    affiliate: Affiliate
    method: PayoutMethod
    amount_minor: int
    lines: tuple[tuple[UUID, int], ...]  # (commission, amount in minor units)


@dataclass(frozen=True, slots=True)
class NotPaid:
    """What one affiliate would not be paid, and why."""

    affiliate: Affiliate
    amount_minor: int
    reason: LeftOut


@dataclass(frozen=True, slots=True)
class Proposal:
    """A batch before it exists."""

    currency: str
    items: tuple[Item, ...]
    left_out: tuple[NotPaid, ...]

    @property
    def amount_minor(self) -> int:
        """What the batch would cost."""
        return sum(item.amount_minor for item in self.items)


def propose(*, merchant_id: UUID, currency: str, cutoff_at: datetime, at: datetime) -> Proposal:
    """Gather the approved commissions per affiliate and sort them into paid and left out."""
    taken = PayoutLine.objects.filter(
        merchant_id=merchant_id, commission=OuterRef("pk"), released_at=None
    )
    lines = (
        Commission.objects.filter(
            ~Exists(taken),  # In a batch that waits for approval.
            merchant_id=merchant_id,
            status=Status.APPROVED,
            currency=currency,
            status_changed_at__lte=cutoff_at,
        )
        .order_by("affiliate_id", "id")
        .values_list("affiliate_id", "id", "amount_minor")
    )
    by_affiliate: dict[UUID, list[tuple[UUID, int]]] = {}
    for affiliate_id, commission_id, amount_minor in lines:
        by_affiliate.setdefault(affiliate_id, []).append((commission_id, amount_minor))
    facts = _facts(merchant_id, by_affiliate)
    items, left_out = [], []
    for affiliate_id, its_lines in by_affiliate.items():
        affiliate, method, minimum, suspended = facts[affiliate_id]
        amount_minor = sum(amount for _id, amount in its_lines)
        reason = _reason(amount_minor, minimum, method, suspended, at)
        if reason is None and method is not None:
            items.append(Item(affiliate, method, amount_minor, tuple(its_lines)))
        elif reason is not None:
            left_out.append(NotPaid(affiliate, amount_minor, reason))
    return Proposal(currency, tuple(items), tuple(left_out))


Facts = tuple[Affiliate, PayoutMethod | None, int, bool]


def _facts(merchant_id: UUID, affiliate_ids: Iterable[UUID]) -> dict[UUID, Facts]:
    """Return affiliate, method in force, the largest minimum of its programs, and suspension."""
    ids = list(affiliate_ids)
    methods = {
        method.affiliate_id: method
        for method in PayoutMethod.objects.filter(affiliate_id__in=ids, replaced_at=None)
    }
    enrollments = Enrollment.objects.filter(merchant_id=merchant_id, affiliate_id__in=ids)
    minima = dict(
        enrollments.values("affiliate_id")
        .annotate(minimum=Max("program__payout_minor_min"))
        .values_list("affiliate_id", "minimum")
    )
    suspended = set(
        enrollments.filter(status=EnrollmentStatus.SUSPENDED).values_list("affiliate_id", flat=True)
    )
    affiliates = Affiliate.objects.filter(id__in=ids)
    return {
        affiliate.id: (
            affiliate,
            methods.get(affiliate.id),
            minima.get(affiliate.id, 0),
            affiliate.id in suspended,
        )
        for affiliate in affiliates
    }


def _reason(
    amount_minor: int, minimum: int, method: PayoutMethod | None, suspended: bool, at: datetime
) -> LeftOut | None:
    if amount_minor <= 0:
        return LeftOut.NOTHING_DUE
    if suspended:
        return LeftOut.SUSPENDED
    if amount_minor < minimum:
        return LeftOut.BELOW_MINIMUM
    if method is None:
        return LeftOut.NO_METHOD
    if method.usable_from > at:
        return LeftOut.METHOD_COOLING_OFF
    return None
